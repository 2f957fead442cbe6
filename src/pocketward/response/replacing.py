"""The replacement of a lost phone: done when the phone that was added for its case has joined, or another
phone of that person, or when none is needed.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from pocketward.fleet import api as fleet_api
from pocketward.response import mails, steps
from pocketward.response.events import ReporterThanked
from pocketward.response.models import LossReport
from pocketward.response.rights import officer_here
from pocketward.spine.api import JobContext, record, unit_of_work

REPLACE = "replace"


def run_on_enrolled(context: JobContext) -> None:
    """A phone has joined: if it was added for a case, or its person lost one, this is the replacement."""
    event = dict(context.event)
    device_id, enrollment_id = UUID(str(event["device_id"])), UUID(str(event["enrollment_id"]))
    context.finish(lambda: _on_enrolled(context.practice_id, device_id, enrollment_id))


def _on_enrolled(practice_id: UUID, device_id: UUID, enrollment_id: UUID) -> None:
    device = fleet_api.get_device(device_id=device_id)
    joined = fleet_api.enrollments(practice_id=practice_id, device_id=device_id)
    for_case = next((row.for_case for row in joined if row.id == enrollment_id), "")
    meant = Q(case_ref=for_case) if for_case else Q()
    if device.member_id is not None:
        meant |= Q(member_id_matched=device.member_id)
    if not meant:
        return
    for report in LossReport.objects.filter(meant, practice_id=practice_id, kind="lost", restored_at=None):
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
