"""What a policy asks of a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class RequiredApp:
    """An app that must be there; `itunes_id` is its App Store number, 0 for one the practice hosts.

    `minimum_version` is a dotted number, or empty where any version will do.
    """

    bundle_id: str
    name: str
    itunes_id: int = 0
    minimum_version: str = ""

    @property
    def wanted(self) -> str:
        """Its name, with the version that it needs at the least."""
        return f"{self.name} {self.minimum_version}".strip()


@dataclass(frozen=True)
class Requirements:
    """What one kind of device must be like. Ages are how old a fact may be and still count."""

    passcode_required: bool = True
    passcode_min_length: int = 6
    passcode_alphanumeric: bool = False
    passcode_simple_allowed: bool = False
    lock_after_minutes: int = 2
    patch_within_days: int = 21
    minimum_os: str = ""
    required_apps: tuple[RequiredApp, ...] = ()
    supervised: bool = False
    heard_from_within: timedelta = timedelta(hours=36)
    facts_within: timedelta = timedelta(hours=36)


@dataclass(frozen=True)
class Wearer:
    """Which device a rule is asked about."""

    kind: str
    ownership: str
    shared: bool = False


@dataclass(frozen=True)
class RuleSpec:
    """One rule of the policy file: how it is read, what it requires, what it becomes on Apple devices.

    `read` turns the YAML value into plain settings (ValueError with a sentence when it cannot);
    `require` gives the fields of Requirements; `apple` gives (payload type, keys) pairs; `sentence` says it
    to people.
    """

    id: str
    default: Any
    read: Callable[[Any], Mapping[str, Any]]
    require: Callable[[Mapping[str, Any], Wearer], Mapping[str, Any]]
    sentence: Callable[[Mapping[str, Any]], str]
    apple: Callable[[Mapping[str, Any], Wearer], tuple[tuple[str, Mapping[str, Any]], ...]] = field(
        default=lambda settings, wearer: ()
    )


def keys_of(value: Any, allowed: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """The value as a mapping with only the allowed keys and types; ValueError names the first wrong one."""
    if not isinstance(value, dict):
        raise ValueError("must be a group of settings")
    for name, item in value.items():
        if name not in allowed:
            raise ValueError(f"has no setting called {str(name)[:40]}")
        wanted = allowed[name]
        if not isinstance(item, wanted) or (isinstance(item, bool) and wanted is int):
            raise ValueError(f"cannot have {item!r:.40} for {name}")
    return dict(value)


def between(name: str, value: int, low: int, high: int) -> int:
    """The number, when it is in range; ValueError otherwise."""
    if not low <= value <= high:
        raise ValueError(f"needs {name} between {low} and {high}")
    return value
