"""The facts on a phone's page: five that always stand there, and what else was checked.

Encryption, iOS, tampering, lock and apps are always told, each with its age and how we know it, also where
no rule asks for them and where the phone has not told: then the line says so, and counts as unknown.
"""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.policy import api as policy_api
from pocketward.web.components.clock import Clock
from pocketward.web.components.facts import FactLine
from pocketward.web.components.words import Status
from pocketward.web.phones.check_words import check_title
from pocketward.web.phones.reading import Phone
from pocketward.web.phones.standing import CheckView
from pocketward.web.phones.told_facts import (
    Told,
    apps_line,
    last_known,
    lock_line,
    not_told,
    passcode_line,
    tampering_line,
)

_MARKS: Final[dict[str, Status]] = {"pass": "ok", "fail": "fix", "unknown": "unknown"}
_ORDER: Final[tuple[Status, ...]] = ("fix", "unknown", "ok")


def phone_facts(phone: Phone, clock: Clock) -> tuple[FactLine, ...]:
    """The lines: what needs a fix first, then unknown, then good; the five before the rest of their kind."""
    checks = phone.verdict.checks if phone.verdict is not None else ()
    asked = policy_api.requirements(
        practice_id=phone.device.practice_id, device_kind=phone.device.kind,
        ownership=phone.device.ownership, shared=phone.device.shared,
    )  # fmt: skip
    told = Told(fleet_api.device_state(device_id=phone.device.id), asked.facts_within, clock)
    shown = {check.id: _line(check, told) for check in checks if check.result in _MARKS}
    lock_within = timedelta(minutes=asked.lock_after_minutes)
    lines = [*_always(shown, told, phone.device.ownership == "personal", lock_within), *shown.values()]
    return tuple(sorted(lines, key=lambda line: _ORDER.index(line.mark)))


def _always(
    shown: dict[str, FactLine], told: Told, is_personal: bool, lock_within: timedelta
) -> list[FactLine]:
    """The five facts; those that a check tells are taken out of `shown`."""
    return [
        shown.pop("data_protection", None) or not_told(check_title("data_protection")),
        shown.pop("os_supported", None) or not_told(check_title("os_supported")),
        tampering_line(told),
        shown.pop("passcode_set", None) or passcode_line(told),
        lock_line(told, is_personal=is_personal, within=lock_within),
        shown.pop("required_apps", None) or apps_line(told, is_personal=is_personal),
    ]


def _is_old(check: CheckView, clock: Clock) -> bool:
    if check.limit is None or check.observed_at is None:
        return False
    return clock.now - check.observed_at > check.limit


def _line(check: CheckView, told: Told) -> FactLine:
    """The check's line; of a fact too old to count it says what was last known."""
    clock, source = told.clock, check.source
    stale = check.result == "unknown" and _is_old(check, clock)
    known = last_known(told, check.id) if stale else ""
    if stale and check.limit is not None:
        source = _("Too old to count. The limit is %(limit)s.") % {"limit": clock.short_span(check.limit)}
    return FactLine(
        name=check.title,
        value=known or check.value or check.reason,
        mark=_MARKS[check.result],
        meaning={"pass": _("Good"), "fail": _("Needs a fix"), "unknown": _("Unknown")}[check.result],
        age=clock.age(check.observed_at),
        source=source,
        stale=stale,
    )
