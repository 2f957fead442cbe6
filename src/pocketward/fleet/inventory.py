"""What changed among a device's apps: a fact of its own, that can be looked up.

On a personal phone the list holds managed apps alone: the command that reads it keeps no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

APPS = "installed_apps"


@dataclass(frozen=True)
class AppChanges:
    """Apps as {identifier, name, version}; of an updated one also `before`, the version it had."""

    installed: tuple[Mapping[str, str], ...] = ()
    removed: tuple[Mapping[str, str], ...] = ()
    updated: tuple[Mapping[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.installed or self.removed or self.updated)


def app_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> AppChanges:
    """What changed from one state's facts to the next; everything is new where no list was known before."""
    if APPS not in after:
        return AppChanges()
    old, new = _by_identifier(before), _by_identifier(after)
    return AppChanges(
        installed=tuple(new[name] for name in sorted(new.keys() - old.keys())),
        removed=tuple(old[name] for name in sorted(old.keys() - new.keys())),
        updated=tuple(
            {**new[name], "before": old[name]["version"]}
            for name in sorted(new.keys() & old.keys())
            if new[name]["version"] != old[name]["version"]
        ),
    )


def _by_identifier(facts: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    apps: Sequence[Mapping[str, Any]] = facts.get(APPS, {}).get("value", ())
    return {
        str(app["identifier"]): {key: str(app.get(key) or "") for key in ("identifier", "name", "version")}
        for app in apps
    }
