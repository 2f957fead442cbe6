"""What Home needs to know about a practice, as plain facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pocketward.web.components.words import Status


@dataclass(frozen=True)
class PhoneMark:
    """One phone on the roll call. `closes_at` is when its records close unless it is fixed.

    `joining`: it joined minutes ago, and lacks only what we are sending it.
    """

    public_id: str
    name: str
    status: Status
    reason: str
    heard_at: datetime | None
    closes_at: datetime | None = None
    is_tablet: bool = False
    note: str = ""
    joining: bool = False


@dataclass(frozen=True)
class OpenLoss:
    """A phone reported lost whose case is open. `doors_ours` says whether every door is one we control."""

    case_id: str
    phone_name: str
    reported_at: datetime
    closed: bool
    doors_ours: bool
    closed_after_s: float | None = None
    next_step: str = ""
    called_since: datetime | None = None
    # When the last of its phones was proven erased; None while one is not.
    erased_at: datetime | None = None
    # Public ids of the devices that the case is about: several cases may be about one.
    phones: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Call:
    """A report that waits for an officer: of a loss that fits nobody here, or of a phone found again.

    `said` is what was typed; `called_since` is None when an officer has taken it.
    """

    case_id: str
    said: str
    said_at: datetime
    found: bool
    called_since: datetime | None


@dataclass(frozen=True)
class Review:
    """An ended use of emergency access that this visitor may review."""

    grant_id: str
    who: str
    opened_at: datetime


@dataclass(frozen=True)
class Waiting:
    """An order outside an open case that waits for somebody's yes. `act` is the command's name.

    `alone`: no other officer could approve it here, so that the IT provider must.
    """

    act: str
    phone_id: str
    phone_name: str
    asked_by: str
    asked_at: datetime
    own: bool
    alone: bool = False


@dataclass(frozen=True)
class Overview:
    """A practice at one moment: everything the sentence, the roll call and the tasks are computed from.

    `marks` are all phones, or of a large practice only those that are not protected; then `counts` has the
    number in each state, and `longest_silent_since` when the quietest phone spoke.
    `without_address` are those who are called about a lost phone and have no mail address.
    `clock_off_by_s` is how far the server's clock is from the true one (None: could not be checked);
    `push_expires_at` is the end of Apple's push certificate, None while there is none.
    `owner_link_at`: when a link that lets in an owner was made on the server, if lately.
    `opening_roles`: whether any role may open records; `may_open`: how many people hold one.
    """

    practice_name: str
    marks: tuple[PhoneMark, ...]
    losses: tuple[OpenLoss, ...] = ()
    calls: tuple[Call, ...] = ()
    reviews: tuple[Review, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    solo: bool = False
    clock_off_by_s: float | None = 0.0
    kill_switch: bool = False
    push_expires_at: datetime | None = None
    needs_push: bool = False
    setup_left: int = 0
    vacancies: tuple[str, ...] = ()
    mail_is_set: bool = True
    without_address: tuple[str, ...] = ()
    safety_faults: int = 0
    owner_link_at: datetime | None = None
    opening_roles: bool = True
    may_open: int = 1
    counts: Mapping[Status, int] = field(default_factory=dict)
    longest_silent_since: datetime | None = None

    def count(self, status: Status) -> int:
        """How many phones are in `status`."""
        if self.counts:
            return self.counts.get(status, 0)
        return sum(1 for mark in self.marks if mark.status == status)

    @property
    def total(self) -> int:
        """How many phones there are."""
        return sum(self.counts.values()) if self.counts else len(self.marks)

    @property
    def nobody_may_open(self) -> bool:
        """Whether no phone opens a record to anybody, however healthy it is."""
        return not self.opening_roles or not self.may_open

    @property
    def strangers(self) -> tuple[Call, ...]:
        """Reports of a loss that fit nobody, so that nothing is closed, oldest first."""
        return tuple(call for call in self.calls if not call.found)

    @property
    def joining(self) -> int:
        """How many phones are about to be protected for the first time."""
        return sum(1 for mark in self.marks if mark.joining)

    @property
    def quiet_since(self) -> datetime | None:
        """When the phone that has been silent longest spoke; None when none ever did."""
        heard = (mark.heard_at for mark in self.marks if mark.heard_at is not None)
        return self.longest_silent_since or min(heard, default=None)
