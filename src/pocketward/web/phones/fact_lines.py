"""The facts on a phone's page: each check with its fact's age, and what a personal phone does not tell."""

from typing import Final

from django.utils.translation import gettext as _

from pocketward.fleet.api import DeviceRecord
from pocketward.web.components.clock import Clock
from pocketward.web.components.facts import FactLine
from pocketward.web.components.words import Status
from pocketward.web.phones.standing import CheckView, Verdict

_MARKS: Final[dict[str, Status]] = {"pass": "ok", "fail": "fix", "unknown": "unknown"}


def fact_lines(device: DeviceRecord, verdict: Verdict | None, clock: Clock) -> tuple[FactLine, ...]:
    """A line a check that applies, failing ones first, then unknown, then good."""
    if verdict is None:
        return ()
    order = ("fail", "unknown", "pass")
    wanted = [check for check in verdict.checks if check.result in order]
    lines = [_line(check, clock) for check in sorted(wanted, key=lambda check: order.index(check.result))]
    if device.ownership == "personal":
        lines.append(
            FactLine(
                _("Screen lock time"),
                _("Not visible to us"),
                "unknown",
                _("Unknown"),
                _("never"),
                _("A personal phone does not tell. Not counted as healthy."),
            )
        )
    return tuple(lines)


def _is_old(check: CheckView, clock: Clock) -> bool:
    if check.limit is None or check.observed_at is None:
        return False
    return clock.now - check.observed_at > check.limit


def _line(check: CheckView, clock: Clock) -> FactLine:
    stale = check.result == "unknown" and _is_old(check, clock)
    source = check.source
    if stale and check.limit is not None:
        source = _("Too old to count. The limit is %(limit)s.") % {"limit": clock.short_span(check.limit)}
    return FactLine(
        name=check.title,
        value=check.value or check.reason,
        mark=_MARKS[check.result],
        meaning={"pass": _("Good"), "fail": _("Needs a fix"), "unknown": _("Unknown")}[check.result],
        age=clock.age(check.observed_at),
        source=source,
        stale=stale,
    )
