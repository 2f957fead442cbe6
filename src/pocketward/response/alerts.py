"""Calling the officers one after the other, by mail if one can leave and under Incidents; one answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member
from pocketward.response import mails, steps
from pocketward.response.events import AlertAnswered, AlertSeen, EmergencyTold, OfficerAlerted, OwnerLinkTold
from pocketward.response.models import RUNNING, SIGHTING, Alert, LossReport
from pocketward.response.rights import officer_here, person_here
from pocketward.spine.api import JobContext, enqueue, open_task, record, unit_of_work

NEXT_AFTER = timedelta(minutes=5)
# When the whole list was called and nobody answered, it is gone through again, at most this many times.
AGAIN_AFTER = timedelta(hours=1)
MOST_ROUNDS = 24


# Whoever took a case that takes in further reports is called about them, at most this often.
AGAIN, CALM = "again", timedelta(minutes=10)
# An order has not been proven for 72 hours: the list is called anew, whoever took the case first.
UNPROVEN = "unproven"
ANEW = (AGAIN, UNPROVEN)


@dataclass(frozen=True)
class AlertRecord:
    """A call that nobody has answered yet; `mail_state` says what became of its mail."""

    case_ref: str
    member_id: UUID
    reason: str
    raised_at: datetime
    mail_state: str
    seen_at: datetime | None


@unit_of_work
def raise_alert(*, practice_id: UUID, case_ref: str, reason: str) -> None:
    """Begin to call the on-call list; the first call leaves with this transaction's commit."""
    payload = {"case_ref": case_ref, "reason": reason, "rank": 0}
    enqueue("response.alert", practice_id, payload, key=f"alert:{case_ref}:{reason}:0")


@unit_of_work
def call_again(*, practice_id: UUID, case_ref: str) -> None:
    """A further report came to this case: nothing while the list is being called; else whoever took it.

    They are called once they have had ten minutes since they were called last, so a flood calls one person
    six times an hour at most, and no report stays unseen.
    """
    taken = Alert.objects.filter(case_ref=case_ref, taken_by__isnull=False).order_by("-answered_at").first()
    if taken is None:
        return
    called = Alert.objects.filter(case_ref=case_ref, reason=AGAIN).order_by("-raised_at").first()
    last = max(taken.answered_at, called.raised_at) if called is not None else taken.answered_at
    enqueue(
        "response.alert_again", practice_id, {"case_ref": case_ref},
        not_before=max(clock.now(), last + CALM), key=f"alert-again:{case_ref}",
    )  # fmt: skip


def run_alert_again(context: JobContext) -> None:
    """Call whoever took the case about the reports that came since."""
    case_ref = str(context.payload["case_ref"])
    context.finish(lambda: _again(context.practice_id, case_ref))


def _again(practice_id: UUID, case_ref: str) -> None:
    taken = Alert.objects.filter(case_ref=case_ref, taken_by__isnull=False).order_by("-answered_at").first()
    if taken is None:
        return
    # Who answered saw what had come by then.
    more = LossReport.objects.filter(case_ref=case_ref, kind=SIGHTING, reported_at__gt=taken.answered_at)
    if not more.exists():
        return
    person = practice_api.get_member(member_id=taken.taken_by)
    if person.left_at is not None:
        people = practice_api.on_call(practice_id=practice_id)
        if not people:
            _nobody(practice_id, case_ref)
            return
        person = people[0]
    _call_one(practice_id, person, case_ref, AGAIN, 0)


def run_alert(context: JobContext) -> None:
    """Call the next officer. `rank` counts on through the rounds; `hurried`: the one before got no mail."""
    case_ref, reason = str(context.payload["case_ref"]), str(context.payload["reason"])
    rank, hurried = int(context.payload["rank"]), bool(context.payload.get("hurried"))
    context.finish(lambda: _call(context.practice_id, case_ref, reason, rank, hurried))


def _nobody(practice_id: UUID, case_ref: str) -> None:
    open_task(practice_id, f"nobody-on-call:{case_ref}", "Nobody can be called about an incident.")


def _call(practice_id: UUID, case_ref: str, reason: str, rank: int, hurried: bool) -> None:
    calls = Alert.objects.filter(case_ref=case_ref)
    # Who took the case before did not know of this.
    about = calls.filter(reason=UNPROVEN) if reason == UNPROVEN else calls
    if about.filter(answered_at__isnull=False).exists():
        return
    # A call that was brought forward has been made already when its own time comes.
    if calls.filter(reason=reason, rank__gte=rank).exists():
        return
    people = _to_call(practice_id, case_ref, reason)
    if not people:
        _nobody(practice_id, case_ref)
        return
    begins_round = rank % len(people) == 0 and rank > 0
    if rank >= len(people) * MOST_ROUNDS or (hurried and begins_round):
        return
    mail = _call_one(practice_id, people[rank % len(people)], case_ref, reason, rank)
    is_last = rank % len(people) == len(people) - 1
    wait = AGAIN_AFTER if is_last else NEXT_AFTER if mail != mails.NO_ADDRESS else timedelta()
    enqueue(
        "response.alert", practice_id, {"case_ref": case_ref, "reason": reason, "rank": rank + 1},
        not_before=clock.now() + wait, key=f"alert:{case_ref}:{reason}:{rank + 1}",
    )  # fmt: skip


def _to_call(practice_id: UUID, case_ref: str, reason: str) -> tuple[Member, ...]:
    """The on-call list; about an order that is not proven, whoever took the case comes first."""
    people = practice_api.on_call(practice_id=practice_id)
    if reason != UNPROVEN:
        return people
    took = taken_by(practice_id=practice_id, case_ref=case_ref)
    return tuple(sorted(people, key=lambda person: f"member:{person.id}" != took))


# What became of a call, for the case's step.
TOLD = {
    mails.QUEUED: "{name} is called by mail and under Incidents. Nobody has answered yet.",
    mails.NOT_CONFIGURED: "{name} is told under Incidents only: no mail is set up. Nobody has answered yet.",
    mails.NO_ADDRESS: "{name} is told under Incidents only: no mail address. Nobody has answered yet.",
}


def _call_one(practice_id: UUID, person: Member, case_ref: str, reason: str, rank: int) -> str:
    """Call one person, by every channel there is; what becomes of the mail for now."""
    now = clock.now()
    state = mails.send_soon(
        practice_id, "alert", person.id, f"{case_ref}:{reason}:{rank}:{now:%d%H%M}", case_ref
    )
    alert, is_new = Alert.objects.get_or_create(
        practice_id=practice_id, case_ref=case_ref, reason=reason, member_id=person.id,
        defaults={"rank": rank, "mail_state": state},
    )  # fmt: skip
    if not is_new:
        Alert.objects.filter(pk=alert.pk).update(rank=rank, mail_state=state)
    if not is_new and reason == AGAIN:
        Alert.objects.filter(pk=alert.pk).update(raised_at=now, answered_at=None, taken_by=None, seen_at=None)
    record(
        OfficerAlerted(
            practice_id=practice_id, actor="system:response", subject=f"member:{person.id}",
            case_ref=case_ref, member_id=person.id, reason=reason, rank=rank, mail=state,
        )
    )  # fmt: skip
    steps.move(
        practice_id=practice_id, case_ref=case_ref, step="tell_officers", state=RUNNING,
        receipt=TOLD[state].format(name=person.full_name), by="system:response",
    )  # fmt: skip
    return state


@unit_of_work
def note_seen(*, practice_id: UUID, case_ref: str, by_member_id: UUID) -> None:
    """A called officer has the case before them: written down the first time after each call."""
    rows = Alert.objects.filter(
        practice_id=practice_id, case_ref=case_ref, member_id=by_member_id, seen_at=None
    )
    if rows.update(seen_at=clock.now()):
        record(
            AlertSeen(
                practice_id=practice_id, actor=f"member:{by_member_id}", subject=f"member:{by_member_id}",
                case_ref=case_ref, member_id=by_member_id,
            )
        )  # fmt: skip


def run_emergency_alert(context: JobContext) -> None:
    """Emergency access was opened: every other officer is told at once (a practice of one: its officer)."""
    event = dict(context.event)
    context.finish(lambda: _tell_of_emergency(context.practice_id, event))


def _tell_of_emergency(practice_id: UUID, event: dict[str, object]) -> None:
    everybody = practice_api.officers(practice_id=practice_id)
    others = [person for person in everybody if str(person.id) != str(event["member_id"])]
    told = others or list(everybody)
    by_mail = tuple(
        person.id for person in told
        if mails.send_soon(
            practice_id, "emergency", person.id, f"emergency:{event['grant_id']}:{person.id}"
        ) == mails.QUEUED
    )  # fmt: skip
    record(
        EmergencyTold(
            practice_id=practice_id, actor="system:response", subject=f"member:{event['member_id']}",
            grant_id=UUID(str(event["grant_id"])), member_ids=tuple(person.id for person in told),
            by_mail=by_mail,
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


def run_owner_link_alert(context: JobContext) -> None:
    """Somebody with the server's shell made a link that makes an owner: every officer is told."""
    told_of = str(context.event_id)
    context.finish(lambda: _tell_of_owner_link(context.practice_id, told_of))


def _tell_of_owner_link(practice_id: UUID, told_of: str) -> None:
    everybody = practice_api.officers(practice_id=practice_id)
    by_mail = tuple(
        person.id for person in everybody
        if mails.send_soon(practice_id, "owner_link", person.id, f"owner-link:{told_of}:{person.id}")
        == mails.QUEUED
    )  # fmt: skip
    record(
        OwnerLinkTold(
            practice_id=practice_id, actor="system:response", subject="practice",
            member_ids=tuple(person.id for person in everybody), by_mail=by_mail,
        )
    )  # fmt: skip


def unanswered(*, practice_id: UUID) -> tuple[AlertRecord, ...]:
    """Calls that nobody has answered, oldest first; of a case that was taken only those that came after."""
    answered = Alert.objects.filter(answered_at__isnull=False).values("case_ref")
    rows = Alert.objects.filter(practice_id=practice_id, answered_at=None)
    rows = rows.exclude(~Q(reason__in=ANEW), case_ref__in=answered)
    return tuple(
        AlertRecord(row.case_ref, row.member_id, row.reason, row.raised_at, row.mail_state, row.seen_at)
        for row in rows.order_by("raised_at")
    )


def taken_by(*, practice_id: UUID, case_ref: str) -> str:
    """Which officer has taken the case, as an actor; empty for nobody yet."""
    rows = Alert.objects.filter(practice_id=practice_id, case_ref=case_ref, taken_by__isnull=False)
    found = rows.order_by("-answered_at").values_list("taken_by", flat=True).first()
    return f"member:{found}" if found else ""


@unit_of_work
def answered_by_acting(*, practice_id: UUID, case_ref: str, by_member_id: UUID) -> None:
    """An officer has acted in the case: it is looked after, and nobody else is called about it.

    Whoever has taken it before keeps it. Nothing happens for anybody but an officer.
    """
    person = practice_api.get_member(member_id=by_member_id)
    calls = Alert.objects.filter(practice_id=practice_id, case_ref=case_ref)
    is_waiting = calls.filter(reason=UNPROVEN, answered_at=None).exists()
    if person.is_officer and (is_waiting or not calls.filter(answered_at__isnull=False).exists()):
        answer_alert(practice_id=practice_id, case_ref=case_ref, by_member_id=by_member_id)


@unit_of_work
def answer_alert(*, practice_id: UUID, case_ref: str, by_member_id: UUID) -> bool:
    """An officer, or whoever was called, takes the case: the calling stops, also a call about to leave.

    Whether it was new; NotAllowed for anybody else.
    """
    rows = Alert.objects.filter(practice_id=practice_id, case_ref=case_ref)
    if rows.filter(member_id=by_member_id).exists():
        person = person_here(practice_id=practice_id, member_id=by_member_id)
    else:
        person = officer_here(practice_id=practice_id, member_id=by_member_id)
    is_more = rows.filter(reason__in=ANEW, answered_at=None).exists()
    if not is_more and rows.filter(answered_at__isnull=False).exists():
        return False
    if not rows.filter(answered_at=None).update(answered_at=clock.now(), taken_by=by_member_id):
        Alert.objects.create(
            practice_id=practice_id, case_ref=case_ref, reason="taken", member_id=by_member_id, rank=0,
            answered_at=clock.now(), taken_by=by_member_id,
        )  # fmt: skip
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
