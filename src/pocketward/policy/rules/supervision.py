"""Practice-owned devices are supervised, where the practice can do that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.policy.records import RuleSpec, Wearer, keys_of

_DEFAULT = {"practice_owned": False, "shared": True}


def _read(value: Any) -> Mapping[str, Any]:
    return _DEFAULT | keys_of(value, {"practice_owned": bool, "shared": bool})


def _require(settings: Mapping[str, Any], wearer: Wearer) -> Mapping[str, Any]:
    owned = wearer.ownership == "practice"
    return {"supervised": owned and (settings["practice_owned"] or (wearer.shared and settings["shared"]))}


def _sentence(settings: Mapping[str, Any]) -> str:
    if settings["practice_owned"]:
        return "Every practice-owned device is supervised."
    return "Shared tablets are supervised." if settings["shared"] else "No device must be supervised."


ENTRY = RuleSpec("supervision", _DEFAULT, _read, _require, _sentence)
