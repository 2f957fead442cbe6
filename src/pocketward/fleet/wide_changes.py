"""The guard on changes that close many phones at once, or change who is an officer: judged like a command
that destroys.

What closes by itself (a loss report, a failed check, a stale fact) is never asked here.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from uuid import UUID

from pocketward.fleet import guard
from pocketward.fleet.approvers import (
    NEW_APPROVER_WAIT,
    PHISHING_RESISTANT,
    first_enrollment,
    has_second_channel,
    is_alone,
    other_approvers,
    refusal_without_second_person,
    seasoned_officers,
    seasoned_technicians,
)
from pocketward.fleet.errors import CommandRefused
from pocketward.fleet.models import Device
from pocketward.practice import api as practice_api


def is_wide(*, closes: int, of: int) -> bool:
    """Whether closing so many of so many phones is destructive: more than 5 %, and more than 3."""
    return closes > guard.MOST_CLOSED and closes * 100 > guard.MOST_CLOSED_PERCENT * of


def phones_here(*, practice_id: UUID) -> int:
    """How many phones and tablets the practice has."""
    count: int = Device.objects.filter(practice_id=practice_id, removed_at=None).count()
    return count


def wait_of_wide_change(*, practice_id: UUID, by_member_id: UUID, strength: str) -> timedelta | None:
    """Judge an order: None when somebody else must approve it, else how long the only officer waits.

    CommandRefused for a person who may not, a weak sign-in, and while the kill switch is on.
    """
    _require_passkey(strength)
    _require_one_of(seasoned_officers(practice_id=practice_id), by_member_id)
    require_no_kill_switch()
    refusal = refusal_without_second_person(practice_id, by_member_id)
    if refusal is not None:
        raise CommandRefused(refusal.sentence, reason=refusal.code)
    waits_alone = is_alone(practice_id=practice_id, member_id=by_member_id)
    return guard.ALONE_WAIT if waits_alone and has_second_channel(member_id=by_member_id) else None


def approve_wide_change(
    *, practice_id: UUID, ordered_by: UUID, by_member_id: UUID, strength: str
) -> timedelta:
    """Judge a second officer's yes: the cooling-off time. CommandRefused when this person may not."""
    _require_passkey(strength)
    may = seasoned_officers(practice_id=practice_id) | seasoned_technicians(practice_id=practice_id)
    _require_one_of(may, by_member_id)
    require_no_kill_switch()
    if by_member_id not in other_approvers(practice_id=practice_id, ordered_by=ordered_by):
        raise CommandRefused("A second officer must approve this.", reason="not_an_approver")
    return guard.COOLING_OFF


def changes_officers(*, practice_id: UUID, before: Set[str], after: Set[str]) -> bool:
    """Whether these roles for those change who may order and approve, now that phones are here.

    Roles given before the first enrollment count at once, so until then one person sets them.
    """
    return first_enrollment(practice_id) is not None and bool((before ^ after) & practice_api.OFFICERS)


def wait_of_officer_change(
    *, practice_id: UUID, member_id: UUID, ends: bool, by_member_id: UUID, strength: str
) -> timedelta | None:
    """Judge an order that changes this person's officer roles: None when somebody else must approve it.

    Where nobody could but the person whose role `ends`, 24 hours, within which any officer may call it off:
    it must not be how one officer gets alone. CommandRefused as for a wide change.
    """
    _require_passkey(strength)
    _require_one_of(
        seasoned_officers(practice_id=practice_id), by_member_id,
        "Only someone who has been an officer for a day may change who is an officer.",
    )  # fmt: skip
    others = set(other_approvers(practice_id=practice_id, ordered_by=by_member_id))
    return None if others - ({member_id} if ends else set()) else NEW_APPROVER_WAIT


def require_no_kill_switch() -> None:
    """CommandRefused while the kill switch is on: judged once more when the change takes effect."""
    refusal = guard.refusal_of_switch()
    if refusal is not None:
        raise CommandRefused(refusal.sentence, reason=refusal.code)


def _require_one_of(
    people: frozenset[UUID],
    member_id: UUID,
    sentence: str = "Only someone who has been an officer for a day may close so many phones.",
) -> None:
    if member_id not in people:
        raise CommandRefused(sentence, reason="not_an_officer")


def _require_passkey(strength: str) -> None:
    if strength not in PHISHING_RESISTANT:
        raise CommandRefused("Use your passkey for this step.", reason="weak_sign_in")
