"""Changing the guard's budgets: proposed by one officer, approved by another, in force a day later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pocketward.fleet import guard
from pocketward.fleet.approvers import (
    NEW_APPROVER_WAIT,
    PHISHING_RESISTANT,
    is_alone,
    other_approvers,
    seasoned_officers,
)
from pocketward.fleet.errors import CommandRefused
from pocketward.fleet.events import GuardOptionsApproved, GuardOptionsCancelled, GuardOptionsProposed
from pocketward.fleet.models import GuardOptions
from pocketward.kernel import clock
from pocketward.spine.api import record, unit_of_work

# No practice can vote the guard away, nor leave itself without any way to erase a lost phone.
MOST_GUARD_FIGURES: Final = {"per_hour": 10, "percent_per_day": 20, "least_per_day": 10}
LEAST_GUARD_FIGURE: Final = 1


@dataclass(frozen=True)
class GuardFigures:
    """The budgets of commands that destroy: an hour, a day in percent of the phones, a day at least."""

    per_hour: int
    percent_per_day: int
    least_per_day: int


@dataclass(frozen=True)
class GuardProposal:
    """Proposed budgets; `effective_from` is None until a second officer has approved them."""

    id: UUID
    figures: GuardFigures
    ordered_by: str
    approved_by: str
    made_at: datetime
    effective_from: datetime | None


@unit_of_work
def propose_guard_options(
    *,
    practice_id: UUID,
    per_hour: int,
    percent_per_day: int,
    least_per_day: int,
    by_member_id: UUID,
    strength: str,
) -> UUID:
    """Propose other budgets; the proposal's id. Nothing changes before another officer approves it.

    Where nobody else is an officer it takes effect after the same 24 hours. CommandRefused for a person who
    may not, and for figures that would leave no guard, no way to erase, or everything as it is.
    """
    _require_officer(practice_id, by_member_id, strength)
    figures = GuardFigures(per_hour, percent_per_day, least_per_day)
    if any(getattr(figures, name) > most for name, most in MOST_GUARD_FIGURES.items()):
        raise CommandRefused("These figures would leave no guard.")
    if any(getattr(figures, name) < LEAST_GUARD_FIGURE for name in MOST_GUARD_FIGURES):
        raise CommandRefused("With a figure of 0 no lost phone could be erased. Write 1 or more.")
    if figures == guard_options():
        raise CommandRefused("These limits count already.")
    row = GuardOptions.objects.create(
        practice_id=practice_id,
        per_hour=per_hour,
        percent_per_day=percent_per_day,
        least_per_day=least_per_day,
        ordered_by=f"member:{by_member_id}",
    )
    record(
        GuardOptionsProposed(
            practice_id=practice_id, actor=row.ordered_by, subject=f"guard:{row.id}", proposal_id=row.id,
            per_hour=per_hour, percent_per_day=percent_per_day, least_per_day=least_per_day,
        )
    )  # fmt: skip
    if is_alone(practice_id=practice_id, member_id=by_member_id):
        _approve(row, by_member_id)
    return UUID(str(row.id))


@unit_of_work
def approve_guard_options(*, proposal_id: UUID, by_member_id: UUID, strength: str) -> datetime:
    """A second officer says yes; when it takes effect. CommandRefused when this person may not."""
    row = GuardOptions.objects.filter(pk=proposal_id, effective_from=None, cancelled_at=None).first()
    if row is None:
        raise CommandRefused("This proposal is no longer waiting for a second person.")
    _require_officer(row.practice_id, by_member_id, strength)
    ordered_by = UUID(row.ordered_by.removeprefix("member:"))
    if by_member_id not in other_approvers(practice_id=row.practice_id, ordered_by=ordered_by):
        raise CommandRefused("A second officer must approve this.")
    return _approve(row, by_member_id)


@unit_of_work
def cancel_guard_options(*, proposal_id: UUID, by_member_id: UUID) -> None:
    """Take a proposal back before it counts; any officer may, alone. CommandRefused once it counts."""
    rows = GuardOptions.objects.filter(pk=proposal_id, cancelled_at=None)
    row = rows.exclude(effective_from__lte=clock.now()).first()
    if row is None:
        raise CommandRefused("This proposal counts already, or was taken back.")
    rows.update(cancelled_at=clock.now())
    record(
        GuardOptionsCancelled(
            practice_id=row.practice_id, actor=f"member:{by_member_id}", subject=f"guard:{row.id}",
            proposal_id=row.id,
        )
    )  # fmt: skip


def guard_options() -> GuardFigures:
    """The budgets that count now in the practice in scope."""
    now = guard.options_now()
    return GuardFigures(now.per_hour, now.percent_per_day, now.least_per_day)


def guard_proposals(*, practice_id: UUID) -> tuple[GuardProposal, ...]:
    """The proposals that do not count yet, oldest first."""
    rows = GuardOptions.objects.filter(practice_id=practice_id, cancelled_at=None)
    return tuple(
        GuardProposal(
            row.id, GuardFigures(row.per_hour, row.percent_per_day, row.least_per_day), row.ordered_by,
            row.approved_by, row.made_at, row.effective_from,
        )
        for row in rows.exclude(effective_from__lte=clock.now()).order_by("made_at")
    )  # fmt: skip


def _require_officer(practice_id: UUID, member_id: UUID, strength: str) -> None:
    if strength not in PHISHING_RESISTANT:
        raise CommandRefused("Use your passkey for this step.")
    if member_id not in seasoned_officers(practice_id=practice_id):
        raise CommandRefused("Only someone who has been an officer for a day may change the guard.")


def _approve(row: GuardOptions, by_member_id: UUID) -> datetime:
    effective = clock.now() + NEW_APPROVER_WAIT
    GuardOptions.objects.filter(pk=row.pk).update(
        approved_by=f"member:{by_member_id}", effective_from=effective
    )
    record(
        GuardOptionsApproved(
            practice_id=row.practice_id, actor=f"member:{by_member_id}", subject=f"guard:{row.id}",
            proposal_id=row.id, effective_from=effective,
        )
    )  # fmt: skip
    return effective
