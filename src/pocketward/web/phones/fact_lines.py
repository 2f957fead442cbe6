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
    lock_line,
    not_told,
    passcode_line,
    tampering_line,
)

_MARKS: Final[dict[str, Status]] = {"pass": "ok", "fail": "fix", "unknown": "unknown"}
# The fact that each of these checks rests on.
_FACTS: Final = {
    "data_protection": "hardware_encryption_caps",
    "os_supported": "os_version",
    "passcode_set": "passcode_present",
    "required_apps": "installed_apps",
}
_ORDER: Final[tuple[Status, ...]] = ("fix", "unknown", "ok")


def phone_facts(phone: Phone, clock: Clock) -> tuple[FactLine, ...]:
    """The lines: what needs a fix first, then unknown, then good; the five before the rest of their kind."""
    checks = phone.verdict.checks if phone.verdict is not None else ()
    shown = {check.id: _line(check, clock) for check in checks if check.result in _MARKS}
    lines = [*_always(phone, shown, clock), *shown.values()]
    return tuple(sorted(lines, key=lambda line: _ORDER.index(line.mark)))


def _always(phone: Phone, shown: dict[str, FactLine], clock: Clock) -> list[FactLine]:
    """The five facts; those that a check tells are taken out of `shown`."""
    device = phone.device
    asked = policy_api.requirements(
        practice_id=device.practice_id, device_kind=device.kind, ownership=device.ownership,
        shared=device.shared,
    )  # fmt: skip
    told = Told(fleet_api.device_state(device_id=device.id), asked.facts_within, clock)
    is_personal = device.ownership == "personal"
    return [
        _checked(shown, told, "data_protection") or not_told(check_title("data_protection")),
        _checked(shown, told, "os_supported") or not_told(check_title("os_supported")),
        tampering_line(told),
        _checked(shown, told, "passcode_set") or passcode_line(told),
        lock_line(told, is_personal=is_personal, within=timedelta(minutes=asked.lock_after_minutes)),
        _checked(shown, told, "required_apps") or apps_line(told, is_personal=is_personal),
    ]


def _checked(shown: dict[str, FactLine], told: Told, check: str) -> FactLine | None:
    """The check's line, taken out of `shown`; a fact too old for the check keeps its age here."""
    line, fact = shown.pop(check, None), _FACTS[check]
    if line is not None and line.mark == "unknown" and told.is_old(fact):
        return told.line(line.name, line.value, line.mark, fact)
    return line


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
