"""An officer gives a phone up: its management certificate is revoked, and nothing reaches it any more."""

from __future__ import annotations

from uuid import UUID

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.response import steps
from pocketward.response.errors import NoSuchReport, ResponseError
from pocketward.response.events import ManagementRevoked
from pocketward.response.models import DONE, FAILED, SKIPPED, LossReport
from pocketward.response.rights import officer_here
from pocketward.spine.api import record, unit_of_work

CONSEQUENCE = "After this the phone can no longer be locked or erased."


@unit_of_work
def revoke_management(*, case_ref: str, device_id: UUID, by_member_id: UUID, strength: str) -> None:
    """Revoke the identities of a held phone of this case for good, told that nothing reaches it afterwards.

    An erase that is not proven stays wanted: it is offered first should the phone ever join again. NotAllowed
    for anybody but an officer; ResponseError without a passkey, or when there is nothing left to revoke.
    """
    report = LossReport.objects.filter(case_ref=case_ref, kind="lost", restored_at=None).first()
    if report is None or str(device_id) not in report.device_ids:
        raise NoSuchReport()
    person = officer_here(practice_id=report.practice_id, member_id=by_member_id)
    if not access_api.is_phishing_resistant(strength):
        raise ResponseError("Use your passkey for this step.")
    if not may_be_given_up(case_ref=case_ref, device_id=device_id):
        raise ResponseError("This phone is not held, or its management certificate is revoked already.")
    by = f"member:{by_member_id}"
    fleet_api.give_up_device(device_id=device_id, by=by, case_ref=case_ref)
    record(
        ManagementRevoked(
            practice_id=report.practice_id, actor=by, subject=f"device:{device_id}", case_ref=case_ref,
            device_id=device_id, told=CONSEQUENCE,
        )
    )  # fmt: skip
    if not any(fleet_api.can_be_told(device_id=UUID(text)) for text in report.device_ids):
        _end_steps(report, f"{person.full_name} revoked the management certificate: nothing reaches it.", by)


def _end_steps(report: LossReport, receipt: str, by: str) -> None:
    """What needs the phone's ear can no longer be done in this case."""
    for step in steps.steps(practice_id=report.practice_id, case_ref=report.case_ref):
        if step.step in ("lock", "locate", "erase") and step.state not in (DONE, SKIPPED, FAILED):
            steps.move(
                practice_id=report.practice_id, case_ref=report.case_ref, step=step.step, state=FAILED,
                receipt=receipt, by=by,
            )  # fmt: skip


def may_be_given_up(*, case_ref: str, device_id: UUID) -> bool:
    """Whether the phone is held under this case and something still reaches it."""
    device = fleet_api.get_device(device_id=device_id)
    held = access_api.held_devices(practice_id=device.practice_id, device_ids=(device_id,))
    return (
        device.lost_case_ref == case_ref and device_id in held and fleet_api.can_be_told(device_id=device_id)
    )
