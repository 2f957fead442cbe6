"""How one phone stands, in one of the five words with its reason: pure, from facts of three domains.

The worst true thing is said: reported lost, held, management gone, silent, failing, unknown, protected.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.utils.translation import gettext as _

from pocketward.fleet.api import DeviceRecord
from pocketward.web.components.clock import Clock
from pocketward.web.components.words import Status

SILENT_AFTER: Final = timedelta(hours=24)
Result = Literal["pass", "fail", "unknown", "not_applicable"]


@dataclass(frozen=True)
class CheckView:
    """One check as judged: its result, a sentence why, the fact it read with age and limit, and its fix."""

    id: str
    title: str
    result: Result
    reason: str
    value: str
    observed_at: datetime | None
    limit: timedelta | None = None
    source: str = ""
    code: str = ""


@dataclass(frozen=True)
class Verdict:
    """What posture says of a phone: compliant, not-compliant or unknown, from `checks`."""

    posture: str
    checks: tuple[CheckView, ...]
    fresh_until: datetime | None = None
    since: datetime | None = None
    our_fault: bool = False


@dataclass(frozen=True)
class Standing:
    """The word, and the reason that stands beside it."""

    status: Status
    reason: str


def standing(device: DeviceRecord, verdict: Verdict | None, hold: str, clock: Clock) -> Standing:
    """How `device` stands. `hold` is what holds it (a case or a reason), empty when nothing does."""
    if device.lost_at is not None:
        return Standing("closed", _("Reported lost %(when)s") % {"when": clock.when(device.lost_at)})
    if hold:
        return Standing("closed", _("Closed by an officer"))
    if device.enrollment_state == "checked_out":
        return Standing("unknown", _("Management was removed from it. It opens nothing."))
    if device.last_heard_at is None:
        return Standing("unknown", _("Joined, not reported yet"))
    limit = silence_limit(verdict)
    if clock.now - device.last_heard_at > limit:
        return _silent(device.last_heard_at, limit, clock)
    return _judged(verdict, clock)


def silence_limit(verdict: Verdict | None) -> timedelta:
    """How long this phone may be silent: what its own check says, else a day."""
    checks = verdict.checks if verdict is not None else ()
    heard = next((check for check in checks if check.id == "heard_from"), None)
    return heard.limit if heard is not None and heard.limit is not None else SILENT_AFTER


def _silent(heard: datetime, limit: timedelta, clock: Clock) -> Standing:
    text = _("Silent for %(span)s. Refused since %(when)s.")
    names = {"span": clock.short_span(clock.now - heard), "when": clock.day(heard + limit)}
    return Standing("silent", text % names)


def _judged(verdict: Verdict | None, clock: Clock) -> Standing:
    if verdict is None:
        return Standing("unknown", _("Reported, not judged yet"))
    if verdict.posture == "compliant" and verdict.fresh_until is not None and verdict.fresh_until < clock.now:
        return Standing("unknown", _("What it told us is too old to count"))
    if verdict.posture == "compliant":
        return Standing("ok", "")
    if verdict.our_fault:
        return Standing("unknown", _("We could not judge its last report. The fault is ours."))
    if verdict.posture == "not-compliant":
        failing = first_of(verdict, "fail")
        reason = failing.reason if failing else ""
        return Standing("fix", sentence_of(reason, _("It is refused until that is fixed.")))
    unsure = first_of(verdict, "unknown")
    return Standing("unknown", unsure.reason if unsure else _("Not enough is known of it"))


def sentence_of(*parts: str) -> str:
    """Parts as sentences, each with its stop."""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)


def first_of(verdict: Verdict, result: Result) -> CheckView | None:
    """The first check with this result."""
    return next((check for check in verdict.checks if check.result == result), None)
