"""Calling the officers: one after the other, on two channels, until somebody answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.response import steps
from pocketward.response.events import AlertAnswered, OfficerAlerted
from pocketward.response.models import Alert
from pocketward.spine.api import JobContext, enqueue, record, unit_of_work

NEXT_AFTER = timedelta(minutes=5)
# No name, no app, no link that does anything: a mail may be read by anybody.
SUBJECT = "Pocketward needs you"
BODY = """Something in your practice needs an officer now.

Open Pocketward the way you always do, and look at Incidents.
If you cannot, call the front desk.

This mail says no more on purpose. Nobody will ask you for a password or a code.
"""


@dataclass(frozen=True)
class AlertRecord:
    """A call that nobody has answered yet."""

    case_ref: str
    member_id: UUID
    reason: str
    raised_at: datetime


@unit_of_work
def raise_alert(*, practice_id: UUID, case_ref: str, reason: str) -> None:
    """Begin to call the on-call list; the first call leaves with this transaction's commit."""
    payload = {"case_ref": case_ref, "reason": reason, "rank": 0}
    enqueue("response.alert", practice_id, payload, key=f"alert:{case_ref}:{reason}:0")


def run_alert(context: JobContext) -> None:
    """Call the next officer: on every page they open, and by mail."""
    case_ref, reason = context.payload["case_ref"], context.payload["reason"]
    rank = int(context.payload["rank"])
    people = practice_api.on_call(practice_id=context.practice_id)
    if rank >= len(people) or Alert.objects.filter(case_ref=case_ref, answered_at__isnull=False).exists():
        return
    person = people[rank]

    def effects() -> None:
        Alert.objects.get_or_create(
            practice_id=context.practice_id, case_ref=case_ref, reason=reason, member_id=person.id,
            defaults={"rank": rank},
        )  # fmt: skip
        record(
            OfficerAlerted(
                practice_id=context.practice_id, actor="system:response", subject=f"member:{person.id}",
                case_ref=case_ref, member_id=person.id, reason=reason, rank=rank,
            )
        )  # fmt: skip
        if person.email and settings.POCKETWARD.mail.host:
            mail = {"case_ref": case_ref, "reason": reason, "member_id": str(person.id)}
            enqueue(
                "response.alert_mail", context.practice_id, mail, key=f"mail:{case_ref}:{reason}:{person.id}"
            )
        later = {"case_ref": case_ref, "reason": reason, "rank": rank + 1}
        enqueue(
            "response.alert", context.practice_id, later, not_before=clock.now() + NEXT_AFTER,
            key=f"alert:{case_ref}:{reason}:{rank + 1}",
        )  # fmt: skip
        steps.finish(
            practice_id=context.practice_id, case_ref=case_ref, step="tell_officers",
            receipt=f"{person.full_name} was called.", by="system:response",
        )  # fmt: skip

    context.finish(effects)


def run_alert_mail(context: JobContext) -> None:
    """Send one mail. Sending twice after a crash is better than not at all."""
    member_id = UUID(context.payload["member_id"])
    person = practice_api.get_member(member_id=member_id)
    EmailMessage(SUBJECT, BODY, to=[person.email]).send()
    rows = Alert.objects.filter(
        case_ref=context.payload["case_ref"], reason=context.payload["reason"], member_id=member_id
    )
    context.finish(lambda: rows.update(mailed_at=clock.now()))


def unanswered(*, practice_id: UUID) -> tuple[AlertRecord, ...]:
    """Calls that nobody has answered, oldest first."""
    answered = Alert.objects.filter(answered_at__isnull=False).values("case_ref")
    rows = Alert.objects.filter(practice_id=practice_id, answered_at=None).exclude(case_ref__in=answered)
    return tuple(
        AlertRecord(row.case_ref, row.member_id, row.reason, row.raised_at)
        for row in rows.order_by("raised_at")
    )


@unit_of_work
def answer_alert(*, practice_id: UUID, case_ref: str, by_member_id: UUID) -> bool:
    """An officer takes the case: the calling stops; whether there was a call."""
    rows = Alert.objects.filter(practice_id=practice_id, case_ref=case_ref, answered_at=None)
    if not rows.update(answered_at=clock.now()):
        return False
    record(
        AlertAnswered(
            practice_id=practice_id, actor=f"member:{by_member_id}", subject=f"case:{case_ref}",
            case_ref=case_ref, member_id=by_member_id,
        )
    )  # fmt: skip
    return True
