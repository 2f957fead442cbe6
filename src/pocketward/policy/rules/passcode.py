"""Phones have a passcode and lock by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.policy.records import RuleSpec, Wearer, between, keys_of

_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "required": bool, "min_length": int, "alphanumeric": bool, "simple_allowed": bool,
    "lock_after_minutes": int,
}  # fmt: skip
_DEFAULT = {
    "required": True, "min_length": 6, "alphanumeric": False, "simple_allowed": False, "lock_after_minutes": 2
}  # fmt: skip


def _read(value: Any) -> Mapping[str, Any]:
    settings = _DEFAULT | keys_of(value, _KEYS)
    between("min_length", settings["min_length"], 4, 16)
    between("lock_after_minutes", settings["lock_after_minutes"], 1, 15)
    return settings


def _require(settings: Mapping[str, Any], wearer: Wearer) -> Mapping[str, Any]:
    return {
        "passcode_required": settings["required"],
        "passcode_min_length": settings["min_length"],
        "passcode_alphanumeric": settings["alphanumeric"],
        "passcode_simple_allowed": settings["simple_allowed"],
        "lock_after_minutes": settings["lock_after_minutes"],
    }


def _apple(settings: Mapping[str, Any], wearer: Wearer) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    # Source: Apple, payload com.apple.mobiledevice.passwordpolicy.
    keys = {
        "forcePIN": settings["required"],
        "minLength": settings["min_length"],
        "requireAlphanumeric": settings["alphanumeric"],
        "allowSimple": settings["simple_allowed"],
        "maxInactivity": settings["lock_after_minutes"],
    }
    return (("com.apple.mobiledevice.passwordpolicy", keys),)


def _sentence(settings: Mapping[str, Any]) -> str:
    minutes = settings["lock_after_minutes"]
    if not settings["required"]:
        return f"No passcode is asked for. Phones lock after {minutes} minutes."
    parts = "letters and digits" if settings["alphanumeric"] else "digits or letters"
    simple = "" if settings["simple_allowed"] else ", not 1234 or the like,"
    return (
        f"Phones have a passcode of at least {settings['min_length']} {parts}{simple} "
        f"and lock after {minutes} minutes."
    )


ENTRY = RuleSpec("passcode", _DEFAULT, _read, _require, _sentence, _apple)
