"""The command queue of an enrollment.

Order: the urgent lane, then the order in which commands were given. Four things keep one command from
holding up the rest: one answered NotNow is parked until the phone's next Idle, one offered and never
answered goes behind all others of its lane, an urgent one goes before a normal one once, and one answered
with an error has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from pocketward.fleet import guard
from pocketward.fleet.errors import NoSuchCommand
from pocketward.fleet.events import CommandProofAdvanced, CommandStopped, DestructiveCommandRefused
from pocketward.fleet.models import Approval, Command, CommandProof, Device, Enrollment
from pocketward.fleet.models.commands import (
    ACKNOWLEDGED,
    CANCELLED,
    CORROBORATED,
    DELIVERED,
    ENDS,
    EXPIRED,
    FAILED,
    LADDER,
    OPEN,
    OVERTAKEN,
    PUSHED,
    QUEUED,
    REFUSED,
    REQUESTED,
    UNFINISHED,
)
from pocketward.fleet.push_plans import push_soon
from pocketward.fleet.records import CommandRecord, WireCommand
from pocketward.kernel import clock
from pocketward.spine.api import record, unit_of_work

LIFE = timedelta(days=7)
DESTRUCTIVE_LIFE = timedelta(days=30)


def advance(command: Command, proof: str, *, detail: str = "", message_digest: str = "") -> bool:
    """Move a command up its ladder or to its end, once; whether it moved.

    A rung below the one reached, or anything after an end, changes nothing: replies come twice and late.
    """
    allowed = [state for state in UNFINISHED if proof in ENDS or _below(state, proof)]
    if proof == CORROBORATED:
        allowed.append(ACKNOWLEDGED)
    finished = clock.now() if proof in (*ENDS, ACKNOWLEDGED, CORROBORATED) else None
    changes: dict[str, Any] = {"state": proof, "finished_at": finished, "parked": False}
    if proof in ENDS and detail:
        changes["error"] = detail[:300]
    if not Command.objects.filter(pk=command.pk, state__in=allowed).update(**changes):
        return False
    command.state = proof
    note_rung(command, proof, detail=detail, message_digest=message_digest)
    return True


def _below(state: str, proof: str) -> bool:
    return state in LADDER and LADDER.index(state) < LADDER.index(proof)


def note_rung(command: Command, proof: str, *, detail: str = "", message_digest: str = "") -> None:
    """Write down that the command reached this rung, and record it."""
    CommandProof.objects.create(
        practice_id=command.practice_id, command=command, proof=proof, detail=detail[:200]
    )
    record(
        CommandProofAdvanced(
            practice_id=command.practice_id,
            actor=f"device:{command.device_id}" if message_digest else command.ordered_by,
            subject=f"device:{command.device_id}",
            case_ref=command.case_ref,
            command_id=command.id,
            device_id=command.device_id,
            enrollment_id=command.enrollment_id,
            request_type=command.request_type,
            proof=proof,
            purpose=command.purpose,
            detail=detail[:200],
            message_digest=message_digest,
        )
    )


def add_command(
    *,
    enrollment: Enrollment,
    request_type: str,
    params: dict[str, Any],
    state: str,
    urgent: bool,
    purpose: str,
    case_ref: str,
    by: str,
    alone: bool = False,
    offered_again: bool = False,
) -> Command:
    """A new command row in the given state, with its first rung; queued ones are pushed by a job."""
    destructive = guard.is_destructive(request_type, purpose, params)
    # What belongs to a case is chased for 30 days, so it lives as long.
    life = DESTRUCTIVE_LIFE if destructive or case_ref else LIFE
    command: Command = Command.objects.create(
        practice_id=enrollment.practice_id,
        enrollment=enrollment,
        device_id=enrollment.device_id,
        request_type=request_type,
        params=msgspec.json.encode(params).decode(),
        lane=Command.URGENT if urgent else Command.NORMAL,
        state=state,
        purpose=purpose,
        destructive=destructive,
        alone=alone,
        offered_again=offered_again,
        case_ref=case_ref,
        ordered_by=by,
        expires_at=clock.now() + life,
    )
    note_rung(command, state)
    if state == QUEUED:
        push_soon(practice_id=enrollment.practice_id, enrollment_id=enrollment.id, urgent=urgent)
    return command


def _open(enrollment_id: UUID) -> QuerySet[Command]:
    rows: QuerySet[Command] = Command.objects.filter(enrollment_id=enrollment_id, state__in=OPEN)
    return rows


@unit_of_work
def next_command(*, enrollment_id: UUID, idle: bool) -> WireCommand | None:
    """The command to hand to the phone now, or None.

    `idle` is true for a message with status Idle: the start of a session, at which what was parked by
    NotNow is offered again. The guard judges every command here once more.
    """
    now = clock.now()
    if idle:
        _open(enrollment_id).filter(parked=True).update(parked=False)
    rows = list(_open(enrollment_id).order_by("lane", "id"))
    for command in rows:
        if command.expires_at <= now:
            advance(command, EXPIRED, detail="the phone did not answer in time")
    waiting = [item for item in rows if _is_due(item, now)]
    while waiting:
        command = _in_turn(waiting)
        refusal = guard.refusal_at_hand_out(command)
        if refusal is None:
            return _hand_out(command, rows)
        if refusal.final and advance(command, REFUSED, detail=refusal.sentence):
            _record_refusal(command, refusal.code)
        waiting.remove(command)
    return None


def _in_turn(waiting: Sequence[Command]) -> Command:
    """Whose turn it is among those that wait: urgent ones once each, then a normal one.

    Of its lane it is the one that was handed out longest ago or never, and of those the oldest.
    """
    urgent = [item for item in waiting if item.lane == Command.URGENT and not item.had_turn]
    normal = [item for item in waiting if item.lane != Command.URGENT]
    return min(urgent or normal or waiting, key=lambda item: (item.turn, item.id))


def _record_refusal(command: Command, code: str) -> None:
    """The guard refused for good what had been let pass before: a security event."""
    record(
        DestructiveCommandRefused(
            practice_id=command.practice_id, actor=command.ordered_by, subject=f"device:{command.device_id}",
            case_ref=command.case_ref, device_id=command.device_id, request_type=command.request_type,
            reason=code, at_point="hand_out",
        )
    )  # fmt: skip


def _is_due(command: Command, now: datetime) -> bool:
    waits = command.not_before is not None and command.not_before > now
    return command.state in OPEN and not command.parked and not waits


@unit_of_work
def expire_commands(*, practice_id: UUID) -> None:
    """End what ran out of time on phones that no longer ask, and orders that nobody approved in time."""
    rows = Command.objects.filter(practice_id=practice_id, state__in=UNFINISHED)
    for command in rows.filter(expires_at__lte=clock.now()):
        advance(command, EXPIRED, detail="the phone did not answer in time")


def params_of(command: Command) -> dict[str, Any]:
    """What a command was ordered with."""
    params: dict[str, Any] = msgspec.json.decode(command.params)
    return params


def _hand_out(command: Command, rows: Sequence[Command]) -> WireCommand:
    """Hand it out, and put it behind the enrollment's open `rows`, parked ones too."""
    turn = 1 + max(item.turn for item in rows)
    Command.objects.filter(pk=command.pk).update(turn=turn, had_turn=True, offers=command.offers + 1)
    if command.lane != Command.URGENT:
        again = [item.pk for item in rows if item.lane == Command.URGENT and item.had_turn]
        Command.objects.filter(pk__in=again).update(had_turn=False)
    if command.state != DELIVERED:
        advance(command, DELIVERED)
    return WireCommand(command.id, command.request_type, params_of(command))


@unit_of_work
def park_command(*, command_id: UUID, enrollment_id: UUID) -> bool:
    """The phone said NotNow: keep the command for its next Idle; whether it was one of its own.

    It has had its turn: those that waited with it go first then.
    """
    rows = _open(enrollment_id).filter(pk=command_id)
    row = rows.first()
    if row is None:
        return False
    rows.update(parked=True, not_now_count=row.not_now_count + 1)
    return True


@unit_of_work
def finish_command(
    *, command_id: UUID, enrollment_id: UUID, error: str = "", message_digest: str = ""
) -> CommandRecord | None:
    """The phone answered: acknowledged, or failed with this error; None when it was never told this.

    An answer to a command that has ended already (a duplicate, a late one) changes nothing.
    """
    command = Command.objects.filter(pk=command_id, enrollment_id=enrollment_id).first()
    if command is None:
        return None
    finish(command, error=error, message_digest=message_digest)
    return command_record(command)


def cancel(command: Command, *, by: str, detail: str) -> bool:
    """Call a command off, and tell who did; whether it had not ended yet."""
    if not advance(command, CANCELLED, detail=detail):
        return False
    record(
        CommandStopped(
            practice_id=command.practice_id,
            actor=by,
            subject=f"device:{command.device_id}",
            case_ref=command.case_ref,
            command_id=command.id,
            device_id=command.device_id,
            request_type=command.request_type,
        )
    )
    return True


def finish(command: Command, *, error: str = "", message_digest: str = "") -> bool:
    """The same for a row that was read in this unit of work; whether the answer was the first."""
    proof = FAILED if error else ACKNOWLEDGED
    return advance(command, proof, detail=error, message_digest=message_digest)


@unit_of_work
def note_pushed(*, enrollment_id: UUID) -> None:
    """Apple took the push: what was queued is pushed now, but for what still waits for its own moment."""
    now = clock.now()
    for command in Command.objects.filter(enrollment_id=enrollment_id, state=QUEUED):
        if _is_due(command, now):
            advance(command, PUSHED)
    Enrollment.objects.filter(pk=enrollment_id).update(last_pushed_at=now)


@unit_of_work
def overtake_commands(
    *,
    enrollment_id: UUID,
    detail: str,
    request_types: tuple[str, ...] = (),
    keep: frozenset[UUID] = frozenset(),
) -> None:
    """End the enrollment's unfinished commands (of these types), because something newer took over."""
    rows = Command.objects.filter(enrollment_id=enrollment_id, state__in=UNFINISHED)
    for command in rows.filter(request_type__in=request_types) if request_types else rows:
        if command.id not in keep:
            advance(command, OVERTAKEN, detail=detail)


def has_open_commands(*, enrollment_id: UUID) -> bool:
    """Whether the phone has something to fetch."""
    return _open(enrollment_id).exists()


def command_record(command: Command) -> CommandRecord:
    """The record of a row, with its rungs."""
    rungs = CommandProof.objects.filter(command=command).order_by("id").values_list("proof", "at", "detail")
    names = set(CommandRecord.__dataclass_fields__) - {"rungs"}
    return CommandRecord(rungs=tuple(rungs), **{name: getattr(command, name) for name in names})


def get_command(*, command_id: UUID) -> CommandRecord:
    """The command; NoSuchCommand."""
    row = Command.objects.filter(pk=command_id).first()
    if row is None:
        raise NoSuchCommand()
    return command_record(row)


def commands(*, device_id: UUID, case_ref: str = "", limit: int = 50) -> tuple[CommandRecord, ...]:
    """A device's commands, newest first; of one case, if it is named."""
    rows = Command.objects.filter(device_id=device_id).order_by("-id")
    if case_ref:
        rows = rows.filter(case_ref=case_ref)
    return tuple(command_record(row) for row in rows[:limit])


def waits_for_somebody() -> Q:
    """What a second person can still let pass: asked for, or the only officer's that waits out its time."""
    alone = Q(alone=True, state=QUEUED, offers=0, not_before__gt=clock.now())
    approved = Approval.objects.values("command_id")
    return Q(state=REQUESTED) | (alone & ~Q(pk__in=approved))


def orders_to_approve(*, practice_id: UUID) -> tuple[UUID, ...]:
    """Every destructive order that a second person can let pass, oldest first."""
    rows = Command.objects.filter(waits_for_somebody(), practice_id=practice_id, destructive=True)
    return tuple(rows.order_by("ordered_at").values_list("id", flat=True))


def waiting_for_approval(*, practice_id: UUID) -> tuple[UUID, ...]:
    """The commands that wait for a second person, oldest first."""
    rows = Command.objects.filter(practice_id=practice_id, state=REQUESTED).order_by("ordered_at")
    return tuple(rows.values_list("id", flat=True))


def device_of(enrollment: Enrollment) -> Device:
    """The device of an enrollment that has one."""
    device: Device = Device.objects.get(pk=enrollment.device_id)
    return device
