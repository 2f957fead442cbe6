"""The one place that says whether a change closes many phones, small ones of the last day added up.

Only what people changed is counted: a loss report, a failed check and a stale fact never pass here.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.rollout.models import ClosedPhone

COUNTED_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Width:
    """How many phones a change closes, of how many, and how many more were closed by one person lately."""

    closes: int
    lately: int
    of: int
    wide: bool


def width_of(*, practice_id: UUID, closing: Set[UUID]) -> Width:
    """Judge a change by the devices it would close. One that closes none is never wide."""
    since = clock.now() - COUNTED_FOR
    rows = ClosedPhone.objects.filter(practice_id=practice_id, closed_at__gt=since)
    lately = len(frozenset(rows.values_list("device_id", flat=True)) - closing)
    # Computers that nobody checks are among what closes, and not among the phones.
    of = max(fleet_api.phones_here(practice_id=practice_id), len(closing) + lately)
    wide = bool(closing) and fleet_api.is_wide(closes=len(closing) + lately, of=of)
    return Width(len(closing), lately, of, wide)


def count_closed(*, practice_id: UUID, closed: Set[UUID], what: str, by: UUID) -> None:
    """Keep what one person closed alone, for a day. What a second officer approved is not counted again."""
    now = clock.now()
    ClosedPhone.objects.filter(closed_at__lte=now - COUNTED_FOR).delete()
    ClosedPhone.objects.bulk_create(
        ClosedPhone(practice_id=practice_id, device_id=device_id, what=what, closed_by=by, closed_at=now)
        for device_id in closed
    )
