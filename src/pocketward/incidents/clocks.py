"""HIPAA's clock of a case (45 CFR 164.404(b)): calendar days in the practice's zone, no weekend moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LIMIT_DAYS, TARGET_DAYS = 60, 30


@dataclass(frozen=True)
class BreachClock:
    """Day 60 is the outer limit for telling the people concerned; day 30 is our own target."""

    discovered_on: date
    target_on: date
    limit_on: date
    days_left: int
    day_number: int


def breach_clock(*, discovered_at: datetime, now: datetime, zone: str) -> BreachClock:
    """The clock from the moment of discovery, which is day 0 in the practice's own calendar."""
    local = ZoneInfo(zone)
    start, today = discovered_at.astimezone(local).date(), now.astimezone(local).date()
    limit = start + timedelta(days=LIMIT_DAYS)
    return BreachClock(
        start, start + timedelta(days=TARGET_DAYS), limit, (limit - today).days, (today - start).days
    )


def yearly_log_due(discovered_on: date) -> date:
    """When a breach of fewer than 500 people must be with HHS: 60 days after the calendar year ends.

    Source: 45 CFR 164.408(c). March 1, or February 29 when the year of submission is a leap year.
    """
    return date(discovered_on.year, 12, 31) + timedelta(days=LIMIT_DAYS)
