"""The facts we store about a phone, in words a person knows, and what is never among them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pocketward.web.components.clock import Clock
from pocketward.web.my_phone.pages import HeldLine
from pocketward.web.phones.models import model_words

WORDS: Final = {
    "device_name": gettext_lazy("Name of the phone"),
    "model_name": gettext_lazy("Kind"),
    "product_name": gettext_lazy("Model"),
    "serial": gettext_lazy("Serial number"),
    "os_version": gettext_lazy("iOS version"),
    "build_version": gettext_lazy("iOS build"),
    "supplemental_build_version": gettext_lazy("Build of a quick fix"),
    "supplemental_os_version_extra": gettext_lazy("Quick fix installed"),
    "passcode_present": gettext_lazy("Whether a passcode is set, never the passcode"),
    "passcode_compliant": gettext_lazy("Whether the passcode is long enough"),
    "passcode_compliant_with_profiles": gettext_lazy("Whether the passcode fits the rules"),
    "passcode_grace_seconds": gettext_lazy("Seconds before the passcode is asked"),
    "hardware_encryption_caps": gettext_lazy("Kind of encryption"),
    "supervised": gettext_lazy("Whether it is supervised"),
    "lost_mode_enabled": gettext_lazy("Whether lost mode is on"),
    "activation_lock_enabled": gettext_lazy("Whether Activation Lock is on"),
    "cloud_backup_enabled": gettext_lazy("Whether iCloud backup is on"),
    "installed_apps": gettext_lazy("Apps"),
    "managed_apps": gettext_lazy("Work apps"),
    "profiles": gettext_lazy("Settings we sent"),
    "certificates": gettext_lazy("Number of certificates on it"),
    "imei": gettext_lazy("IMEI"),
    "wifi_mac": gettext_lazy("Wi-Fi address"),
    "phone_number": gettext_lazy("Phone number"),
}


def held_lines(
    state: Mapping[str, Mapping[str, Any]], clock: Clock, *, personal: bool
) -> tuple[HeldLine, ...]:
    """Every stored fact of a phone with its age, in the order people ask about them."""
    known = [name for name in WORDS if name in state]
    others = sorted(name for name in state if name not in WORDS)
    lines = []
    for name in (*known, *others):
        label = str(WORDS.get(name, name.replace("_", " ")))
        if name == "installed_apps" and personal:
            label = _("Work apps")
        lines.append(
            HeldLine(label, value_of(name, state[name].get("value")), clock.age(_moment(state[name])))
        )
    return tuple(lines)


def value_of(name: str, value: object) -> str:
    """A fact's value in words; the kind of encryption is a number on the wire."""
    if name == "hardware_encryption_caps":
        kinds = {0: _("none"), 1: _("blocks"), 2: _("files"), 3: _("blocks and files")}
        return kinds.get(value if isinstance(value, int) else -1, str(value))
    if name == "product_name":
        return model_words(str(value), str(value))
    if name == "certificates" and isinstance(value, list | tuple):
        return str(len(value))
    if name == "passcode_grace_seconds" and value == 0:
        return _("0, at once")
    return value_words(value)


def value_words(value: object) -> str:
    """A value as a person reads it: yes, no, a number of things, or itself."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        names = [str(item.get("name") or item.get("identifier")) for item in value if isinstance(item, dict)]
        if names and len(names) <= 6:
            return ", ".join(names)
        return ngettext("%(count)s item", "%(count)s items", len(value)) % {"count": len(value)}
    return str(value)


def _moment(fact: Mapping[str, Any]) -> datetime | None:
    observed = fact.get("observed_at")
    try:
        return datetime.fromisoformat(str(observed).replace("Z", "+00:00"))
    except ValueError:
        return None


def never_seen(*, personal: bool) -> tuple[str, ...]:
    """What the practice can never see of a phone."""
    if personal:
        return (
            _("Your photos, messages, calls and notes"),
            _("Where you are"),
            _("Your own apps"),
            _("What you do on the web"),
        )
    return (
        _("Photos, messages, calls and notes"),
        _("What you do on the web"),
        _("Where it is, unless it is reported lost"),
    )
