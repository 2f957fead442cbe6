"""Invented practices for the tests of pages: ten moments that Home must find one true sentence for."""

# ruff: noqa: E501 - invented texts read better on one line than broken up

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pocketward.web.components.clock import Clock
from pocketward.web.components.words import Status
from pocketward.web.home.world import Call, OpenLoss, Overview, PhoneMark, Review

NOW = datetime(2026, 11, 19, 19, 32, tzinfo=UTC)
CLOCK = Clock(NOW, ZoneInfo("America/New_York"))
NAMES = (
    "Ben’s iPhone 16", "Ana’s iPhone 15", "Rounds iPad 3", "Carla’s iPhone 14", "Dana’s iPhone 16", "Exam 4 iPad",
    "Erin’s iPhone SE", "Grace’s iPhone 16", "Front desk iPad 1", "Rounds iPad 1", "Ida’s iPhone 14", "Milo’s iPhone 16",
)  # fmt: skip


def ago(**span: float) -> datetime:
    """A moment before the worlds' now."""
    return NOW - timedelta(**span)


def mark(number: int, status: Status = "ok", reason: str = "", **more: object) -> PhoneMark:
    """The phone with this number, in a state."""
    name = NAMES[number % len(NAMES)]
    heard = more.pop("heard_at", ago(minutes=4 + 3 * number))
    return PhoneMark(
        public_id=f"dev_{number}",
        name=name,
        status=status,
        reason=reason,
        heard_at=heard,  # type: ignore[arg-type]
        is_tablet="iPad" in name,
        **more,  # type: ignore[arg-type]
    )


def clinic(*special: PhoneMark, size: int = 12, **more: object) -> Overview:
    """A clinic of `size` phones: the special ones first, the rest protected."""
    rest = [mark(number) for number in range(len(special), size)]
    return Overview("Harbor Street Clinic", (*special, *rest), **more)  # type: ignore[arg-type]


FIX = mark(1, "fix", "Misses the Nov 9 safety update.", closes_at=datetime(2026, 11, 20, 22, 0, tzinfo=UTC))
LOST = mark(0, "closed", "Reported lost today at 1:14 pm")
SILENT = mark(5, "silent", "Records are closed on it since Nov 17.", heard_at=ago(days=9))
LOSS = OpenLoss(
    "case_1", "Ben’s iPhone 16", ago(hours=1, minutes=18), True, True, 3.1, "Lock is on its way.",
    phones=frozenset({"dev_0"}),
)  # fmt: skip

STRANGER = Call("case_2", "Benn Sampel", ago(minutes=18), False, ago(minutes=17))
FOUND = Call("case_3", "iPhone 1", ago(hours=5), True, ago(hours=5))
REVIEW = Review("019a", "Ana Ejemplo", ago(hours=3))

WORLDS: dict[str, Overview] = {
    "no_phones": Overview("Harbor Street Clinic", (), setup_left=3),
    "all_protected": clinic(),
    "one_needs_a_fix": clinic(mark(0), FIX),
    "all_unknown": Overview(
        "Harbor Street Clinic",
        tuple(mark(n, "unknown", "Joined, not reported yet", heard_at=None) for n in range(12)),
    ),
    "clock_wrong": clinic(mark(0), FIX, clock_off_by_s=7300.0),
    "lost_phone": clinic(
        LOST, FIX, mark(2), mark(3), mark(4), SILENT, losses=(LOSS,), vacancies=("privacy officer",)
    ),
    "push_ended": clinic(mark(0), FIX, push_expires_at=ago(days=2)),
    "many_closed": clinic(*(mark(n, "closed", "No passcode is set.") for n in range(5))),
    "kill_switch": clinic(mark(0), SILENT, kill_switch=True),
    "fits_nobody": clinic(mark(0), FIX, calls=(STRANGER, FOUND), reviews=(REVIEW,)),
    "opens_nothing": clinic(mark(0), FIX, opening_roles=False, may_open=0),
    "nobody_may_open": clinic(may_open=0, kill_switch=True),
    "opens_nothing_lost": clinic(LOST, losses=(LOSS,), opening_roles=False, may_open=0),
    "opens_nothing_push_ended": clinic(opening_roles=False, may_open=0, push_expires_at=ago(days=2)),
    "solo": Overview(
        "Lakeview Counseling",
        (
            mark(4, note="Personal. Only work data is managed."),
            mark(9, note="Updates itself tonight at 2 am"),
        ),
        solo=True,
    ),
}
