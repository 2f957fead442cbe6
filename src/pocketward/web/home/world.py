"""What Home needs to know about a practice, as plain facts."""

from dataclasses import dataclass, field
from datetime import datetime

from pocketward.web.components.words import Status


@dataclass(frozen=True)
class PhoneMark:
    """One phone on the roll call. `closes_at` is when its records close unless it is fixed."""

    public_id: str
    name: str
    status: Status
    reason: str
    heard_at: datetime | None
    closes_at: datetime | None = None
    is_tablet: bool = False
    note: str = ""


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


@dataclass(frozen=True)
class Overview:
    """A practice at one moment: everything the sentence, the roll call and the tasks are computed from.

    `clock_off_by_s` is how far the server's clock is from the true one (None: could not be checked);
    `push_expires_at` is the end of Apple's push certificate, None while there is none.
    """

    practice_name: str
    marks: tuple[PhoneMark, ...]
    losses: tuple[OpenLoss, ...] = ()
    solo: bool = False
    clock_off_by_s: float | None = 0.0
    kill_switch: bool = False
    push_expires_at: datetime | None = None
    needs_push: bool = False
    setup_left: int = 0
    vacancies: tuple[str, ...] = ()
    safety_faults: int = 0
    waiting_holds: tuple[str, ...] = field(default=())

    def count(self, status: Status) -> int:
        """How many phones are in `status`."""
        return sum(1 for mark in self.marks if mark.status == status)
