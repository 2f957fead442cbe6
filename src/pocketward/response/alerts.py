"""Calling the officers: one after the other, by mail and on every page they open, until somebody answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member
from pocketward.response import mails, steps
from pocketward.response.events import AlertAnswered, EmergencyTold, OfficerAlerted
from pocketward.response.models import RUNNING, Alert
from pocketward.spine.api import JobContext, enqueue, open_task, record, unit_of_work

NEXT_AFTER = timedelta(minutes=5)
# When the whole list was called and nobody answered, it is gone through again, at most this many times.
AGAIN_AFTER = timedelta(hours=1)
MOST_ROUNDS = 24


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
    """Call the next officer. `rank` counts on through the rounds."""
    case_ref, reason = str(context.payload["case_ref"]), str(context.payload["reason"])
    rank = int(context.payload["rank"])
    context.finish(lambda: _call(context.practice_id, case_ref, reason, rank))


def _call(practice_id: UUID, case_ref: str, reason: str, rank: int) -> None:
    if Alert.objects.filter(case_ref=case_ref, answered_at__isnull=False).exists():
        return
    people = practice_api.on_call(practice_id=practice_id)
    if not people:
        open_task(practice_id, f"nobody-on-call:{case_ref}", "Nobody can be called about an incident.")
        return
    if rank >= len(people) * MOST_ROUNDS:
        return
    _call_one(practice_id, people[rank % len(people)], case_ref, reason, rank)
    is_last = rank % len(people) == len(people) - 1
    enqueue(
        "response.alert", practice_id, {"case_ref": case_ref, "reason": reason, "rank": rank + 1},
        not_before=clock.now() + (AGAIN_AFTER if is_last else NEXT_AFTER),
        key=f"alert:{case_ref}:{reason}:{rank + 1}",
    )  # fmt: skip


def _call_one(practice_id: UUID, person: Member, case_ref: str, reason: str, rank: int) -> None:
    Alert.objects.get_or_create(
        practice_id=practice_id, case_ref=case_ref, reason=reason, member_id=person.id,
        defaults={"rank": rank},
    )  # fmt: skip
    record(
        OfficerAlerted(
            practice_id=practice_id, actor="system:response", subject=f"member:{person.id}",
            case_ref=case_ref, member_id=person.id, reason=reason, rank=rank,
        )
    )  # fmt: skip
    mails.send_soon(practice_id, "alert", person.id, f"{case_ref}:{reason}:{rank}", case_ref)
    steps.move(
        practice_id=practice_id, case_ref=case_ref, step="tell_officers", state=RUNNING,
        receipt=f"{person.full_name} was called. Nobody has answered yet.", by="system:response",
    )  # fmt: skip


def run_emergency_alert(context: JobContext) -> None:
    """Emergency access was opened: every other officer is told at once (a practice of one: its officer)."""
    event = dict(context.event)
    context.finish(lambda: _tell_of_emergency(context.practice_id, event))


def _tell_of_emergency(practice_id: UUID, event: dict[str, object]) -> None:
    everybody = practice_api.officers(practice_id=practice_id)
    others = [person for person in everybody if str(person.id) != str(event["member_id"])]
    told = others or list(everybody)
    for person in told:
        mails.send_soon(practice_id, "emergency", person.id, f"emergency:{event['grant_id']}:{person.id}")
    record(
        EmergencyTold(
            practice_id=practice_id, actor="system:response", subject=f"member:{event['member_id']}",
            grant_id=UUID(str(event["grant_id"])), member_ids=tuple(person.id for person in told),
        )
    )  # fmt: skip


def run_new_sign_in_alert(context: JobContext) -> None:
    """Somebody is to get a new sign-in: the officers but the one who made it, and the person, are told."""
    event = dict(context.event)
    context.finish(lambda: _tell_of_new_sign_in(context.practice_id, event, str(context.event_id)))


def _tell_of_new_sign_in(practice_id: UUID, event: dict[str, object], told_of: str) -> None:
    told = {person.id for person in practice_api.officers(practice_id=practice_id)}
    told.add(UUID(str(event["member_id"])))
    for member_id in sorted(told):
        if f"member:{member_id}" != event["actor"]:
            mails.send_soon(practice_id, "new_sign_in", member_id, f"new-sign-in:{told_of}:{member_id}")


def unanswered(*, practice_id: UUID) -> tuple[AlertRecord, ...]:
    """Calls that nobody has answered, oldest first."""
    answered = Alert.objects.filter(answered_at__isnull=False).values("case_ref")
    rows = Alert.objects.filter(practice_id=practice_id, answered_at=None).exclude(case_ref__in=answered)
    return tuple(
        AlertRecord(row.case_ref, row.member_id, row.reason, row.raised_at)
        for row in rows.order_by("raised_at")
    )


def taken_by(*, practice_id: UUID, case_ref: str) -> str:
    """Which officer has taken the case, as an actor; empty for nobody yet."""
    rows = Alert.objects.filter(practice_id=practice_id, case_ref=case_ref, taken_by__isnull=False)
    found = rows.values_list("taken_by", flat=True).first()
    return f"member:{found}" if found else ""


@unit_of_work
def answer_alert(*, practice_id: UUID, case_ref: str, by_member_id: UUID) -> bool:
    """An officer takes the case: the calling stops, also a call about to leave; whether it was new."""
    rows = Alert.objects.filter(practice_id=practice_id, case_ref=case_ref)
    if rows.filter(answered_at__isnull=False).exists():
        return False
    if not rows.update(answered_at=clock.now(), taken_by=by_member_id):
        Alert.objects.create(
            practice_id=practice_id, case_ref=case_ref, reason="taken", member_id=by_member_id, rank=0,
            answered_at=clock.now(), taken_by=by_member_id,
        )  # fmt: skip
    person = practice_api.get_member(member_id=by_member_id)
    steps.finish(
        practice_id=practice_id, case_ref=case_ref, step="tell_officers",
        receipt=f"{person.full_name} takes the case.", by=f"member:{by_member_id}",
    )  # fmt: skip
    record(
        AlertAnswered(
            practice_id=practice_id, actor=f"member:{by_member_id}", actor_name=person.full_name,
            subject=f"case:{case_ref}", case_ref=case_ref, member_id=by_member_id,
        )
    )  # fmt: skip
    return True
