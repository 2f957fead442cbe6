"""Lines for facts that a phone told and that no check, or not every practice's rule, speaks about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.kernel.canonical import read_moment
from pocketward.posture import api as posture_api
from pocketward.web.components.clock import Clock
from pocketward.web.components.facts import FactLine
from pocketward.web.components.words import Status
from pocketward.web.phones.check_words import check_title, source_words

WHOLLY_ENCRYPTED = 3  # HardwareEncryptionCaps: block level and file level (Apple, SecurityInfo)


@dataclass(frozen=True)
class Told:
    """A phone's last known state (fact -> value, observed_at, source), and how old a fact may be to count."""

    state: Mapping[str, Mapping[str, Any]]
    within: timedelta
    clock: Clock

    def value(self, fact: str) -> Any:
        """The value; None when it was never told."""
        return self.state[fact]["value"] if fact in self.state else None

    def at(self, fact: str) -> datetime:
        """When it was told."""
        return read_moment(str(self.state[fact]["observed_at"]))

    def is_old(self, fact: str) -> bool:
        """Whether it was told, and too long ago to count."""
        return fact in self.state and self.clock.now - self.at(fact) > self.within

    def source(self, fact: str) -> str:
        """Which answer of the phone said it, as a sentence."""
        return source_words(str(self.state[fact]["source"]), "")

    def line(self, name: str, value: str, mark: Status, fact: str, source: str = "") -> FactLine:
        """A line for this fact: too old, it counts as unknown and says why."""
        stale = self.is_old(fact)
        told = source or self.source(fact)
        if stale:
            limit = self.clock.short_span(self.within)
            mark, told = "unknown", _("Too old to count. The limit is %(limit)s.") % {"limit": limit}
        meaning = {"ok": _("Good"), "fix": _("Needs a fix")}.get(mark, _("Unknown"))
        return FactLine(name, value, mark, meaning, self.clock.age(self.at(fact)), told, stale)


def not_told(name: str, source: str = "") -> FactLine:
    """A line for what the phone has not told: unknown, and never good."""
    known = source or _("The phone has not said it yet. Not counted as healthy.")
    return FactLine(name, _("Not told"), "unknown", _("Unknown"), _("never"), known)


def tampering_line(told: Told) -> FactLine:
    """Whether the system is the maker's own: never proof of it, only no sign of the opposite."""
    name = _("Tampering")
    version, build = told.value("os_version"), told.value("build_version")
    if version is None or build is None:
        return not_told(name)
    words = {"build": build, "version": version}
    released = posture_api.is_released(version=str(version), build=str(build))
    if released is None:
        source = _("Our list of Apple’s releases has no builds of iOS %(version)s.") % words
        return told.line(name, _("Cannot be told"), "unknown", "build_version", source)
    if released:
        source = (
            _("The phone says it runs build %(build)s, one that Apple released for iOS %(version)s.") % words
        )
        return told.line(name, _("No sign seen"), "ok", "build_version", source)
    source = (
        _("The phone says it runs build %(build)s. Apple released none such for iOS %(version)s.") % words
    )
    return told.line(name, _("A sign of it"), "fix", "build_version", source)


def last_known(told: Told, check: str) -> str:
    """What this check's fact last said, in words; empty for what was never told or has none."""
    words = {
        "data_protection": _last_encryption(told),
        "os_supported": _last_version(told.value("os_version")),
        "os_patched": _last_version(told.value("os_version")),
        "passcode_set": _last(told.value("passcode_present"), _("Set"), _("None")),
        "passcode_meets_profile": _last(
            told.value("passcode_compliant_with_profiles"), _("Meets the rule"), _("Too weak")
        ),
        "supervised": _last(told.value("supervised"), _("Yes"), _("No")),
    }.get(check, "")
    return _("Last known: %(what)s") % {"what": words} if words else ""


def _last(value: Any, yes: str, no: str) -> str:
    return "" if value is None else yes if value is True else no


def _last_encryption(told: Told) -> str:
    caps, passcode = told.value("hardware_encryption_caps"), told.value("passcode_present")
    if caps is None or passcode is None:
        return ""
    # Without a passcode encryption protects nothing.
    return _("On") if caps == WHOLLY_ENCRYPTED and passcode is True else _("Not protected")


def _last_version(version: Any) -> str:
    return f"iOS {version}" if version else ""


def passcode_line(told: Told) -> FactLine:
    """Whether a passcode is set, where no rule asks for one."""
    name, there = check_title("passcode_set"), told.value("passcode_present")
    if there is None:
        return not_told(name)
    value = _("Set. No rule asks for it.") if there else _("None. No rule asks for one.")
    return told.line(name, value, "ok" if there else "unknown", "passcode_present")


def lock_line(told: Told, *, is_personal: bool, within: timedelta) -> FactLine:
    """How long after the screen went dark the passcode is asked for; good `within` the rule."""
    name, seconds = _("Screen lock time"), told.value("passcode_grace_seconds")
    if seconds is None:
        hidden = _("A personal phone does not tell. Not counted as healthy.") if is_personal else ""
        return not_told(name, hidden)
    if told.value("passcode_present") is False:
        return told.line(name, _("No passcode to ask for"), "unknown", "passcode_grace_seconds")
    span = told.clock.short_span(timedelta(seconds=int(seconds)))
    value = _("Asks for the passcode after %(span)s") % {"span": span}
    if int(seconds) < 60:
        value = _("Asks for the passcode at once")
    is_good = timedelta(seconds=int(seconds)) <= within
    return told.line(name, value, "ok" if is_good else "fix", "passcode_grace_seconds")


def apps_line(told: Told, *, is_personal: bool) -> FactLine:
    """What apps are there, where no rule asks for any: on a personal phone the work apps only."""
    name, apps = _("Apps"), told.value("installed_apps")
    if apps is None:
        return not_told(name)
    count = {"count": len(apps)}
    if is_personal:
        value = ngettext("%(count)s work app", "%(count)s work apps", len(apps)) % count
    else:
        value = ngettext("%(count)s installed", "%(count)s installed", len(apps)) % count
    return told.line(name, _("%(what)s. No rule asks for any.") % {"what": value}, "ok", "installed_apps")
