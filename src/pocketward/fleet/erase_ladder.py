"""Erase with proof: what each later sign from the phone says about an erase that was ordered.

Acknowledged and then a fresh Authenticate of the same device, or Apple answering that its push token is
gone, corroborates. A fresh Authenticate without an acknowledgement means it came back unerased: the erase
is offered again before anything else. The old identity speaking after its acknowledgement contradicts it.
What was called off, by hand or because its report was reversed, is never offered again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Q

from pocketward.fleet import guard, queue
from pocketward.fleet.events import EraseCannotBeOffered, EraseContradicted, EraseOfferedAgain, EraseProven
from pocketward.fleet.identities import revoke_identities
from pocketward.fleet.models import Approval, Command, Device, Enrollment, EraseIntent
from pocketward.fleet.models.commands import (
    ACKNOWLEDGED,
    CANCELLED,
    CORROBORATED,
    EXPIRED,
    FAILED,
    OVERTAKEN,
    QUEUED,
    REFUSED,
    REQUESTED,
    UNFINISHED,
)
from pocketward.fleet.records import EraseIntentRecord
from pocketward.fleet.tickets import may_erase
from pocketward.kernel import clock
from pocketward.spine.api import close_task, open_task, record, unit_of_work

BY_RETURN, BY_PUSH = "came back with new keys", "push service says it is gone"
# An order that ended so has used up its approval: offered again, it needs a new one.
SPENT = (FAILED, EXPIRED, REFUSED, CANCELLED)


def open_intent(*, device: Device, kind: str, command: Command, case_ref: str, by: str) -> EraseIntent:
    """Keep the will to erase apart from its command; one open intent a device."""
    known = _open_of(device.id)
    if known is not None:
        # What is only asked for does not take the place of what was let pass.
        if command.authorized_at is not None or not _was_let_pass(known):
            EraseIntent.objects.filter(pk=known.pk).update(
                command_id=command.id, kind=kind, case_ref=case_ref
            )
        return known
    intent: EraseIntent = EraseIntent.objects.create(
        practice_id=device.practice_id,
        device=device,
        kind=kind,
        serial=device.serial,
        case_ref=case_ref,
        command_id=command.id,
        ordered_by=by,
    )
    return intent


def _was_let_pass(intent: EraseIntent) -> bool:
    found = Command.objects.filter(pk=intent.command_id, authorized_at__isnull=False)
    return bool(found.exclude(state__in=(CANCELLED, REFUSED)).exists())


def _open_of(device_id: UUID) -> EraseIntent | None:
    found: EraseIntent | None = EraseIntent.objects.filter(
        device_id=device_id, state=EraseIntent.OPEN
    ).first()
    return found


@unit_of_work
def on_acknowledged(*, command_id: UUID, fingerprint: str) -> None:
    """The phone acknowledged the erase with this identity."""
    EraseIntent.objects.filter(command_id=command_id, state=EraseIntent.OPEN).update(
        acknowledged_at=clock.now(), acknowledged_fingerprint=fingerprint
    )


@unit_of_work
def on_authenticate(*, enrollment_id: UUID) -> None:
    """A device with an open intent authenticates afresh, with new keys.

    Proves an acknowledged erase; otherwise the erase goes to the head of the new enrollment's queue. The
    very enrollment that acknowledged it has no new keys: it contradicts.
    """
    enrollment = Enrollment.objects.get(pk=enrollment_id)
    intent = _open_of(enrollment.device_id) if enrollment.device_id else None
    if intent is None:
        return
    stands = intent.acknowledged_at is not None and intent.contradicted_at is None
    if stands and not Command.objects.filter(pk=intent.command_id, enrollment=enrollment).exists():
        _prove(intent, BY_RETURN)
        return
    if stands:
        _contradict(intent)
    _offer_again(intent, enrollment)


def _offer_again(intent: EraseIntent, enrollment: Enrollment) -> None:
    old = Command.objects.get(pk=intent.command_id)
    if old.state == CANCELLED or (old.state in SPENT and old.alone):
        # Called off; or nobody but who ordered it could approve it anew, and they can order it anew.
        EraseIntent.objects.filter(pk=intent.pk).update(state=EraseIntent.CALLED_OFF)
        return
    if intent.kind == EraseIntent.ERASE and not may_erase(enrollment.access_rights):
        _wait_for_the_right(intent, old, enrollment)
        return
    close_task(intent.practice_id, _task_of(intent))
    command = _again(old, enrollment)
    EraseIntent.objects.filter(pk=intent.pk).update(
        command_id=command.id, acknowledged_at=None, acknowledged_fingerprint="", contradicted_at=None
    )
    record(
        EraseOfferedAgain(
            practice_id=intent.practice_id,
            actor="system:fleet",
            subject=f"device:{intent.device_id}",
            case_ref=intent.case_ref,
            device_id=intent.device_id,
            old_command_id=old.id,
            new_command_id=command.id,
        )
    )


def _task_of(intent: EraseIntent) -> str:
    return f"erase-return:{intent.device_id}"


def _wait_for_the_right(intent: EraseIntent, old: Command, enrollment: Enrollment) -> None:
    """It came back as a personal phone. The guard would refuse the erase and so spend its approval.

    Both are kept and records stay closed: decision 0055.
    """
    if old.state in UNFINISHED:
        queue.advance(old, OVERTAKEN, detail="the phone came back as a personal one")
    EraseIntent.objects.filter(pk=intent.pk).update(
        acknowledged_at=None, acknowledged_fingerprint="", contradicted_at=None
    )
    record(
        EraseCannotBeOffered(
            practice_id=intent.practice_id, actor="system:fleet", subject=f"device:{intent.device_id}",
            case_ref=intent.case_ref, device_id=intent.device_id, command_id=old.id,
            enrollment_id=enrollment.id,
        )
    )  # fmt: skip
    open_task(
        intent.practice_id,
        _task_of(intent),
        "A phone that was to be erased came back as a personal phone, which is never erased. Its records "
        "stay closed. Remove its work data, or enroll it as the practice's own: then it is erased first.",
    )


def _again(old: Command, enrollment: Enrollment) -> Command:
    """The same order on the new enrollment, with its approval unless that is used up."""
    let_pass = old.authorized_at is not None and old.state not in SPENT
    if old.state in UNFINISHED:
        queue.advance(old, OVERTAKEN, detail="the phone came back with a new enrollment")
    # Offering again spends no new budget and needs no new approval: it is the same act, as far as it was
    # authorized. What nobody has approved yet, or what failed or ran out of time since, waits for an approval
    # on the new enrollment.
    command = queue.add_command(
        enrollment=enrollment,
        request_type=old.request_type,
        params=msgspec.json.decode(old.params),
        state=QUEUED if let_pass else REQUESTED,
        urgent=True,
        purpose=old.purpose,
        alone=old.alone,
        offered_again=let_pass,
        case_ref=old.case_ref,
        by=old.ordered_by,
    )
    if let_pass:
        Command.objects.filter(pk=command.pk).update(
            authorized_at=old.authorized_at, not_before=old.not_before
        )
        for approval in Approval.objects.filter(command=old):
            Approval.objects.create(
                practice_id=approval.practice_id, command=command, member_id=approval.member_id,
                strength=approval.strength, at=approval.at,
            )  # fmt: skip
    return command


@unit_of_work
def on_push_unregistered(*, enrollment_id: UUID) -> None:
    """Apple answered 410 for this enrollment's token: proves an acknowledged erase."""
    enrollment = Enrollment.objects.get(pk=enrollment_id)
    intent = _open_of(enrollment.device_id) if enrollment.device_id else None
    if intent is not None and intent.acknowledged_at is not None and intent.contradicted_at is None:
        _prove(intent, BY_PUSH)


@unit_of_work
def on_identity_spoke(*, device_id: UUID, fingerprint: str) -> bool:
    """An authenticated message came from this identity; whether it contradicts an acknowledged erase."""
    intent = (
        EraseIntent.objects.filter(device_id=device_id, acknowledged_fingerprint=fingerprint)
        .exclude(acknowledged_fingerprint="")
        .exclude(state=EraseIntent.CALLED_OFF)
        .filter(contradicted_at=None, acknowledged_at__isnull=False)
        .first()
    )
    if intent is None or intent.kind != EraseIntent.ERASE:
        return False
    _contradict(intent)
    return True


def _contradict(intent: EraseIntent) -> None:
    """Back to not proven: what the phone said stands as its word, and nothing more."""
    Command.objects.filter(pk=intent.command_id, state=CORROBORATED).update(state=ACKNOWLEDGED)
    EraseIntent.objects.filter(pk=intent.pk).update(
        state=EraseIntent.OPEN, contradicted_at=clock.now(), proven_at=None, proven_by=""
    )
    record(
        EraseContradicted(
            practice_id=intent.practice_id,
            actor=f"device:{intent.device_id}",
            subject=f"device:{intent.device_id}",
            case_ref=intent.case_ref,
            device_id=intent.device_id,
            command_id=intent.command_id,
        )
    )


def _prove(intent: EraseIntent, proven_by: str) -> None:
    EraseIntent.objects.filter(pk=intent.pk).update(
        state=EraseIntent.PROVEN, proven_at=clock.now(), proven_by=proven_by
    )
    command = Command.objects.get(pk=intent.command_id)
    if command.state == ACKNOWLEDGED:
        queue.advance(command, CORROBORATED, detail=proven_by)
    record(
        EraseProven(
            practice_id=intent.practice_id,
            actor="system:fleet",
            subject=f"device:{intent.device_id}",
            case_ref=intent.case_ref,
            device_id=intent.device_id,
            command_id=intent.command_id,
            proven_by=proven_by,
        )
    )
    # Nothing else can reach it there: what waited is not chased any more.
    queue.overtake_commands(
        enrollment_id=command.enrollment_id, detail="the phone is erased", keep=frozenset({command.id})
    )
    revoke_identities(
        enrollment_id=command.enrollment_id, reason="cessation", by="system:fleet", case_ref=intent.case_ref
    )


@unit_of_work
def call_off(*, case_ref: str, by: str) -> tuple[UUID, ...]:
    """Call off every erase of a case for good; the devices that had fetched one and have not answered it.

    A phone that said NotNow, or nothing, is not handed it again. What it fetched may still happen there.
    """
    if not case_ref:
        return ()
    kinds = Q(request_type=guard.ERASE) | Q(purpose=guard.REMOVE_WORK_DATA)
    rows = Command.objects.filter(kinds, case_ref=case_ref, state__in=UNFINISHED).order_by("id")
    fetched = {command.device_id for command in rows if _withdraw(command, by) and command.offers}
    intents = EraseIntent.objects.filter(case_ref=case_ref)
    intents.filter(state=EraseIntent.OPEN).update(state=EraseIntent.CALLED_OFF)
    # A proven one stays so; its old identity speaking must not open it again.
    intents.filter(state=EraseIntent.PROVEN).update(acknowledged_fingerprint="")
    return tuple(sorted(fetched))


def _withdraw(command: Command, by: str) -> bool:
    where = "the phone had fetched it" if command.offers else "no phone had fetched it"
    return queue.cancel(command, by=by, detail=f"called off with its case; {where}")


def erase_intents(*, device_id: UUID) -> tuple[EraseIntentRecord, ...]:
    """The device's erase intents, newest first."""
    names = EraseIntentRecord.__dataclass_fields__
    rows = EraseIntent.objects.filter(device_id=device_id).order_by("-made_at")
    return tuple(EraseIntentRecord(**{name: getattr(row, name) for name in names}) for row in rows)


def erased_at(*, device_id: UUID) -> datetime | None:
    """When its erase was proven, if it has not joined again since; None for every other phone."""
    return erased(device_ids=(device_id,)).get(device_id)


def erased(*, device_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the erase of each was proven, of those of these devices that have not joined again since."""
    proven = EraseIntent.objects.filter(
        device_id__in=device_ids, state=EraseIntent.PROVEN, kind=EraseIntent.ERASE
    )
    newest = {intent.device_id: intent for intent in proven.order_by("proven_at")}
    if not newest:
        return {}
    joined = Enrollment.objects.filter(device_id__in=newest).order_by("made_at")
    last = dict(joined.values_list("device_id", "id"))
    ordered = Command.objects.filter(pk__in=[intent.command_id for intent in newest.values()])
    enrollment_of = dict(ordered.values_list("id", "enrollment_id"))
    return {
        device_id: intent.proven_at
        for device_id, intent in newest.items()
        if last.get(device_id) == enrollment_of[intent.command_id]
    }
