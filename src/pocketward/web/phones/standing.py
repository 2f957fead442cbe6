"""How one phone stands, in one of the five words with its reason: the words of the overview's standings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pocketward.overview import api as overview
from pocketward.posture import api as posture_api
from pocketward.web.components.clock import Clock
from pocketward.web.components.words import Status

Result = Literal["pass", "fail", "unknown", "not_applicable"]


@dataclass(frozen=True)
class CheckView:
    """One check as judged: its result, a sentence why, the fact it read with age and limit, and its fix.

    `named` is the value as the check itself wrote it; `value` is a good one in words.
    """

    id: str
    title: str
    result: Result
    reason: str
    value: str
    observed_at: datetime | None
    limit: timedelta | None = None
    source: str = ""
    code: str = ""
    named: str = ""


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


PLAIN: Final = {
    "erased": gettext_lazy("Erased, and that is proven"),
    "held": gettext_lazy("Closed by an officer"),
    "person_left": gettext_lazy("Its person has left. Take it back, give it to somebody, or remove it."),
    "must_report": gettext_lazy("Its hold is lifted. It opens nothing until it has answered and passes."),
    "removed": gettext_lazy("Taken off the list. It opens no records."),
    "management_removed": gettext_lazy("Management was removed from it. It opens nothing."),
    "not_reported": gettext_lazy("Joined, not reported yet"),
    "joined_anew": gettext_lazy("Joined again, not reported yet"),
    "not_judged": gettext_lazy("Reported, not judged yet"),
    "stale": gettext_lazy("What it told us is too old to count"),
    "our_fault": gettext_lazy("We could not judge its last report. The fault is ours."),
}


def in_words(
    standing: overview.Standing, *, lost_at: datetime | None, heard_at: datetime | None, clock: Clock
) -> Standing:
    """What the overview says of a phone, as a page says it at the clock's moment."""
    status, reason = standing.status_at(clock.now), standing.reason_at(clock.now)
    if reason == "lost" and lost_at is not None:
        return Standing(status, reported_lost(lost_at, clock))
    if reason == "silent" and heard_at is not None and standing.silent_at is not None:
        text = _("Silent for %(span)s. Refused since %(when)s.")
        names = {"span": clock.short_span(clock.now - heard_at), "when": clock.day(standing.silent_at)}
        return Standing(status, text % names)
    if reason in ("failed", "unsure"):
        return Standing(status, _of_check(standing, clock.language))
    return Standing(status, str(PLAIN.get(reason, "")))


def reported_lost(at: datetime, clock: Clock) -> str:
    """Reported lost today at 1:14 pm."""
    return _("Reported lost %(when)s") % {"when": clock.when(at)}


def _of_check(standing: overview.Standing, language: str) -> str:
    text = posture_api.fixit(check=standing.check, code=standing.check_code, language=language)
    title = text.title if text is not None else ""
    if standing.reason == "failed":
        return sentence_of(title, _("It is refused until that is fixed."))
    return title or _("Not enough is known of it")


def sentence_of(*parts: str) -> str:
    """Parts as sentences, each with its stop."""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)
