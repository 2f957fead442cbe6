"""Changes on their way into force: small ones at once, past the guard those that close many phones or change
who is an officer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from pocketward.fleet import api as fleet_api
from pocketward.fleet.errors import CommandRefused
from pocketward.kernel import clock
from pocketward.kernel.canonical import canonical_json
from pocketward.kernel.crypto import sha256_hex
from pocketward.kernel.errors import PocketwardError
from pocketward.rollout.errors import NoSuchChange
from pocketward.rollout.events import (
    WideChangeApplied,
    WideChangeApproved,
    WideChangeDropped,
    WideChangeProposed,
    WideChangeRefused,
)
from pocketward.rollout.kinds import KINDS
from pocketward.rollout.models import PendingChange
from pocketward.rollout.width import count_closed, width_of
from pocketward.spine.api import JobContext, enqueue, record, unit_of_work


@dataclass(frozen=True)
class Outcome:
    """What became of a change: made now (`number` of the new version, where there are versions), or `waiting`
    under this id because it would close `closes` phones, or changes who is an officer.
    """

    number: int | None = None
    waiting: UUID | None = None
    closes: int = 0


@dataclass(frozen=True)
class ChangeRecord:
    """A change that waits; `effective_from` is None until it is approved."""

    id: UUID
    what: str
    payload: dict[str, Any]
    reason: str
    closes: int
    lately: int
    of: int
    ordered_by: UUID
    ordered_at: datetime
    approved_by: UUID | None
    effective_from: datetime | None


def change(
    *,
    practice_id: UUID,
    what: str,
    payload: Mapping[str, Any],
    reason: str = "",
    by_member_id: UUID,
    strength: str,
) -> Outcome:
    """Make a change of one of the KINDS now, or let it wait because it closes many phones.

    CommandRefused, with a sealed event, when the guard says no; else what the kind itself refuses.
    """
    outcome = _decide(practice_id, what, dict(payload), reason, by_member_id, strength)
    if isinstance(outcome, CommandRefused):
        raise outcome
    return outcome


@unit_of_work
def _decide(
    practice_id: UUID, what: str, payload: dict[str, Any], reason: str, by_member_id: UUID, strength: str
) -> Outcome | CommandRefused:
    """A refusal comes back as a value: raised, it would take its own event with it."""
    kind = KINDS[what]
    closing = kind.closes(practice_id, payload)
    width, officer = width_of(practice_id=practice_id, closing=closing), kind.officer(practice_id, payload)
    if not width.wide and officer is None:
        number = kind.make(practice_id, payload, reason, f"member:{by_member_id}")
        count_closed(practice_id=practice_id, closed=closing, what=what, by=by_member_id)
        return Outcome(number, None, width.closes)
    row = PendingChange(
        practice_id=practice_id,
        what=what,
        payload=payload,
        digest=sha256_hex(canonical_json({"what": what, "payload": payload})),
        based_on=kind.standing(practice_id, payload),
        reason=reason[:200],
        closes=width.closes,
        lately=width.lately,
        of=width.of,
        ordered_by=by_member_id,
    )
    try:
        wait = _judged(row, width.wide, officer, strength)
    except CommandRefused as refusal:
        _refused(row, None, by_member_id, refusal, "order")
        return refusal
    return _wait(row, wait, strength, officer[0] if officer is not None else by_member_id)


def _judged(
    row: PendingChange, is_wide: bool, officer: tuple[UUID, bool] | None, strength: str
) -> timedelta | None:
    """The longest that it must wait alone, None when somebody else must approve it; CommandRefused."""
    waits: list[timedelta | None] = []
    if is_wide:
        waits.append(
            fleet_api.wait_of_wide_change(
                practice_id=row.practice_id, by_member_id=row.ordered_by, strength=strength
            )
        )
    if officer is not None:
        waits.append(
            fleet_api.wait_of_officer_change(
                practice_id=row.practice_id,
                member_id=officer[0],
                ends=officer[1],
                by_member_id=row.ordered_by,
                strength=strength,
            )
        )
    return None if None in waits else max(wait for wait in waits if wait is not None)


def _wait(row: PendingChange, wait: timedelta | None, strength: str, about: UUID) -> Outcome:
    """Let it stand until a second officer approves it, or until the only officer's time is over."""
    same = PendingChange.objects.filter(digest=row.digest, state__in=PendingChange.OPEN).first()
    if same is not None:
        return Outcome(None, UUID(str(same.id)), row.closes)
    row.save(force_insert=True)
    _proposed(row)
    if wait is not None:
        _approve(row, row.ordered_by, wait, strength)
        for told in sorted({row.ordered_by, about}):
            fleet_api.mail_stop_link(practice_id=row.practice_id, member_id=told, subject_id=row.id)
    return Outcome(None, UUID(str(row.id)), row.closes)


def _refused(
    row: PendingChange, change_id: UUID | None, by_member_id: UUID, refusal: CommandRefused, at_point: str
) -> None:
    record(
        WideChangeRefused(
            practice_id=row.practice_id, actor=f"member:{by_member_id}",
            subject=f"change:{change_id}" if change_id else "change", change_id=change_id, what=row.what,
            digest=row.digest, closes=row.closes, lately=row.lately, of=row.of, reason=refusal.reason,
            at_point=at_point,
        )
    )  # fmt: skip


def _proposed(row: PendingChange) -> None:
    record(
        WideChangeProposed(
            practice_id=row.practice_id, actor=f"member:{row.ordered_by}", subject=f"change:{row.id}",
            change_id=row.id, what=row.what, digest=row.digest, closes=row.closes,
            lately=row.lately, of=row.of, reason=row.reason,
        )
    )  # fmt: skip


def approve_change(*, change_id: UUID, by_member_id: UUID, strength: str) -> datetime:
    """A second officer says yes; when it comes into force. NoSuchChange; CommandRefused, with an event."""
    answer = _judge_approval(change_id, by_member_id, strength)
    if isinstance(answer, CommandRefused):
        raise answer
    return answer


@unit_of_work
def _judge_approval(change_id: UUID, by_member_id: UUID, strength: str) -> datetime | CommandRefused:
    row = PendingChange.objects.filter(pk=change_id, state=PendingChange.WAITING).first()
    if row is None:
        raise NoSuchChange()
    try:
        wait = fleet_api.approve_wide_change(
            practice_id=row.practice_id, ordered_by=row.ordered_by, by_member_id=by_member_id,
            strength=strength,
        )  # fmt: skip
    except CommandRefused as refusal:
        _refused(row, row.id, by_member_id, refusal, "approval")
        return refusal
    # A new officer counts a day after the role is given; nothing else of it needs a time to cool off.
    return _approve(row, by_member_id, wait if row.closes else timedelta(0), strength)


def _approve(row: PendingChange, by_member_id: UUID, wait: timedelta, strength: str) -> datetime:
    effective = clock.now() + wait
    PendingChange.objects.filter(pk=row.pk).update(
        state=PendingChange.APPROVED, approved_by=by_member_id, effective_from=effective
    )
    record(
        WideChangeApproved(
            practice_id=row.practice_id, actor=f"member:{by_member_id}", subject=f"change:{row.id}",
            change_id=row.id, alone=by_member_id == row.ordered_by, strength=strength,
            effective_from=effective,
        )
    )  # fmt: skip
    payload = {"change_id": str(row.id)}
    enqueue("rollout.apply", row.practice_id, payload, not_before=effective, key=f"apply:{row.id}")
    return effective


def run_apply(context: JobContext) -> None:
    """Its time has come: the change is made, or dropped when it must not be any more."""
    context.finish(lambda: _apply(UUID(context.payload["change_id"])))


def _apply(change_id: UUID) -> None:
    row = PendingChange.objects.filter(pk=change_id, state=PendingChange.APPROVED).first()
    if row is None or row.effective_from is None or row.effective_from > clock.now():
        return
    refusal = _refusal_now(row) or _made(row)
    if refusal:
        _end(row, PendingChange.DROPPED)
        _dropped(row, "system:rollout", refusal)
        return
    _end(row, PendingChange.APPLIED)
    record(
        WideChangeApplied(
            practice_id=row.practice_id, actor="system:rollout", subject=f"change:{row.id}",
            change_id=row.id, digest=row.digest,
        )
    )  # fmt: skip


def _refusal_now(row: PendingChange) -> str:
    """Why it must not come into force: the guard, something else that stands now, what cannot be read."""
    kind = KINDS[row.what]
    try:
        fleet_api.require_no_kill_switch()
        kind.closes(row.practice_id, row.payload)
        standing = kind.standing(row.practice_id, row.payload)
    except CommandRefused:
        return "kill_switch"
    except PocketwardError as error:
        return error.code
    return "" if standing == row.based_on else "overtaken"


def _made(row: PendingChange) -> str:
    """Put it in force; why its own domain refuses it, and then nothing of it stands."""
    try:
        with transaction.atomic():
            KINDS[row.what].make(row.practice_id, row.payload, row.reason, f"member:{row.ordered_by}")
    except PocketwardError as error:
        return error.code
    return ""


@unit_of_work
def cancel_change(*, change_id: UUID, by: str) -> None:
    """Call it off before it is in force; one person is enough. NoSuchChange."""
    row = PendingChange.objects.filter(pk=change_id, state__in=PendingChange.OPEN).first()
    if row is None:
        raise NoSuchChange()
    _end(row, PendingChange.DROPPED)
    _dropped(row, by, "called_off")


def _end(row: PendingChange, state: str) -> None:
    PendingChange.objects.filter(pk=row.pk).update(state=state, ended_at=clock.now())


def _dropped(row: PendingChange, by: str, reason: str) -> None:
    record(
        WideChangeDropped(
            practice_id=row.practice_id, actor=by, subject=f"change:{row.id}", change_id=row.id, reason=reason
        )
    )


def waiting_changes(*, practice_id: UUID) -> tuple[ChangeRecord, ...]:
    """The changes that wait, oldest first."""
    rows = PendingChange.objects.filter(practice_id=practice_id, state__in=PendingChange.OPEN)
    names = ChangeRecord.__dataclass_fields__
    return tuple(
        ChangeRecord(**{name: getattr(row, name) for name in names}) for row in rows.order_by("ordered_at")
    )
