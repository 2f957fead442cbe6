"""A phone that is silent, or whose facts are old, counts as unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pocketward.policy.records import RuleSpec, Wearer, between, keys_of

_DEFAULT = {"heard_from_within_hours": 36, "facts_within_hours": 36}


def _read(value: Any) -> Mapping[str, Any]:
    settings = _DEFAULT | keys_of(value, {name: int for name in _DEFAULT})
    for name, hours in settings.items():
        between(name, hours, 5, 24 * 14)
    return settings


def _require(settings: Mapping[str, Any], wearer: Wearer) -> Mapping[str, Any]:
    return {
        "heard_from_within": timedelta(hours=settings["heard_from_within_hours"]),
        "facts_within": timedelta(hours=settings["facts_within_hours"]),
    }


def _sentence(settings: Mapping[str, Any]) -> str:
    return (
        f"Records close on a phone that is silent for {settings['heard_from_within_hours']} hours, "
        f"or of which something is known only from more than {settings['facts_within_hours']} hours ago."
    )


ENTRY = RuleSpec("freshness", _DEFAULT, _read, _require, _sentence)
