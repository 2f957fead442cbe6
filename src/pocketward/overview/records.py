"""The frozen records that leave the overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pocketward.overview.standing import Standing, Status


@dataclass(frozen=True)
class PhoneLine:
    """A phone on the list. `person` is empty for a shared tablet."""

    device_id: UUID
    label: str
    kind: str
    ownership: str
    shared: bool
    person: str
    serial: str
    enrollment_state: str
    heard_at: datetime | None
    lost_at: datetime | None
    case_ref: str
    standing: Standing


@dataclass(frozen=True)
class PhoneCounts:
    """How many phones there are, in which state, in each saved view, and how many fit the question."""

    total: int
    by_status: dict[Status, int]
    shared: int
    personal: int
    our_fault: int
    longest_silent_since: datetime | None
    heard_last: datetime | None
    found: int

    @property
    def look(self) -> int:
        """Those that are not protected."""
        return self.total - self.by_status["ok"]


@dataclass(frozen=True)
class PersonLine:
    """A person on the list; roles in no order."""

    member_id: UUID
    full_name: str
    email: str
    roles: frozenset[str]
    can_sign_in: bool
    phones: int


@dataclass(frozen=True)
class CaseLine:
    """A case on the list; `kind` is case, or call for a found phone that waits for one.

    `said` is what was typed, of a call and of a report that fits nobody. `is_erased`: every phone of it is
    proven erased, and none has joined again. `limit_on` is day 60 of its breach
    clock; `called_since` is when the first call left that no officer has answered, None when one has.
    """

    case_ref: str
    kind: str
    number: str
    is_open: bool
    state: str
    outcome: str
    verdict: str
    labels: tuple[str, ...]
    said: str
    lead: str
    limit_on: date | None
    opened_at: datetime
    called_since: datetime | None
    is_erased: bool = False

    @property
    def fits_nobody(self) -> bool:
        """Whether it is an open report of a loss that no phone is known for."""
        return self.kind == "case" and self.is_open and not self.labels


@dataclass(frozen=True)
class ReviewLine:
    """An ended use of emergency access that waits for an officer's review."""

    grant_id: UUID
    member_id: UUID
    opened_at: datetime


@dataclass(frozen=True)
class PracticeLine:
    """A practice in numbers.

    `opening_roles` are the roles that some rule lets open records, `may_open` how many people hold one.
    """

    practice_id: UUID
    name: str
    people: int
    phones: int
    open_cases: int
    vacant_roles: tuple[str, ...]
    push_expires_at: datetime | None
    opening_roles: tuple[str, ...] = ()
    may_open: int = 0
    reviews: tuple[ReviewLine, ...] = ()
