"""The replacement of a lost phone: done when another phone of that person has joined, or none is needed."""

from __future__ import annotations

from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.response import mails, steps
from pocketward.response.events import ReporterThanked
from pocketward.response.models import LossReport
from pocketward.response.rights import officer_here
from pocketward.spine.api import JobContext, record, unit_of_work

REPLACE = "replace"


def run_on_enrolled(context: JobContext) -> None:
    """A phone has joined: if its person lost one, this is the replacement."""
    event = dict(context.event)
    context.finish(lambda: _on_enrolled(context.practice_id, UUID(str(event["device_id"]))))


def _on_enrolled(practice_id: UUID, device_id: UUID) -> None:
    device = fleet_api.get_device(device_id=device_id)
    if device.member_id is None:
        return
    reports = LossReport.objects.filter(
        practice_id=practice_id, kind="lost", member_id_matched=device.member_id, restored_at=None
    )
    for report in reports:
        # The lost phone itself coming back is no replacement.
        if str(device_id) in report.device_ids:
            continue
        steps.finish(
            practice_id=practice_id, case_ref=report.case_ref, step=REPLACE,
            receipt=f"{device.label} has joined with new keys.", by=f"device:{device_id}",
        )  # fmt: skip


@unit_of_work
def no_replacement(*, practice_id: UUID, case_ref: str, by_member_id: UUID) -> None:
    """An officer says that no replacement is needed."""
    person = officer_here(practice_id=practice_id, member_id=by_member_id)
    steps.finish(
        practice_id=practice_id, case_ref=case_ref, step=REPLACE,
        receipt=f"{person.full_name}: none is needed.", by=f"member:{by_member_id}",
    )  # fmt: skip


@unit_of_work
def thank_reporter(*, practice_id: UUID, case_ref: str) -> UUID | None:
    """Thank whoever reported: the person who signed in, else the one whose phone it was; whom."""
    report = LossReport.objects.filter(practice_id=practice_id, case_ref=case_ref, kind="lost").first()
    if report is None:
        return None
    signed_in = report.reported_by.removeprefix("member:") if report.reported_by[:7] == "member:" else ""
    member_id: UUID | None = UUID(signed_in) if signed_in else report.member_id_matched
    if member_id is None:
        return None
    mails.send_soon(practice_id, "thanks", member_id, f"thanks:{case_ref}")
    record(
        ReporterThanked(
            practice_id=practice_id, actor="system:response", subject=f"member:{member_id}",
            case_ref=case_ref, member_id=member_id,
        )
    )  # fmt: skip
    return member_id
