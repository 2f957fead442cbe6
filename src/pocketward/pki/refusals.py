"""Recording refused certificate requests, at a pace that strangers cannot fill the ledger with."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from uuid import UUID

from pocketward.pki.events import ChallengeRefused
from pocketward.spine.api import record, unit_of_work

MOST_AN_HOUR = 30
HOUR = 3600.0
PRACTICES = 4096


class Pace:
    """Lets `most` through per practice and hour, and counts the rest; safe between threads."""

    def __init__(self, most: int = MOST_AN_HOUR, capacity: int = PRACTICES) -> None:
        self._most = most
        self._capacity = capacity
        self._lock = threading.Lock()
        self._seen: OrderedDict[UUID, tuple[deque[float], int]] = OrderedDict()

    def take(self, practice_id: UUID, at: float) -> int | None:
        """How many were left out since the last one let through; None when this one is left out too."""
        with self._lock:
            times, left_out = self._seen.pop(practice_id, (deque(), 0))
            while times and times[0] <= at - HOUR:
                times.popleft()
            passes = len(times) < self._most
            if passes:
                times.append(at)
            self._seen[practice_id] = (times, 0 if passes else left_out + 1)
            if len(self._seen) > self._capacity:
                self._seen.popitem(last=False)
            return left_out if passes else None


PACE = Pace()


def note_refusal(*, practice_id: UUID, purpose: str, reason: str, enrollment_id: UUID | None = None) -> None:
    """Record that a request was refused, unless too many were within the hour in this process."""
    unrecorded = PACE.take(practice_id, time.monotonic())
    if unrecorded is not None:
        _record(practice_id, purpose, reason, enrollment_id, unrecorded)


@unit_of_work
def _record(
    practice_id: UUID, purpose: str, reason: str, enrollment_id: UUID | None, unrecorded: int
) -> None:
    record(
        ChallengeRefused(
            practice_id=practice_id,
            actor="anonymous:scep",
            subject=f"enrollment:{enrollment_id}" if enrollment_id else "scep",
            purpose=purpose,
            reason=reason,
            enrollment_id=enrollment_id,
            unrecorded=unrecorded,
        )
    )
