"""Phones get safety updates in time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pocketward.policy.records import RuleSpec, Wearer, between, keys_of

_DEFAULT: dict[str, Any] = {"within_days": 21, "minimum_os": ""}


def _read(value: Any) -> Mapping[str, Any]:
    settings = _DEFAULT | keys_of(value, {"within_days": int, "minimum_os": str})
    between("within_days", settings["within_days"], 1, 120)
    if settings["minimum_os"] and not re.fullmatch(r"\d{1,3}(\.\d{1,3}){0,2}", settings["minimum_os"]):
        raise ValueError("needs minimum_os like 18.7.1")
    return settings


def _require(settings: Mapping[str, Any], wearer: Wearer) -> Mapping[str, Any]:
    return {"patch_within_days": settings["within_days"], "minimum_os": settings["minimum_os"]}


def _sentence(settings: Mapping[str, Any]) -> str:
    least = f" Nothing older than {settings['minimum_os']} opens records." if settings["minimum_os"] else ""
    return f"Safety updates are installed within {settings['within_days']} days.{least}"


ENTRY = RuleSpec("updates", _DEFAULT, _read, _require, _sentence)
