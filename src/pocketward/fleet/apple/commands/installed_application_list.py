"""Asks which apps are installed; on a personal phone only for managed ones, and nothing else is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, Facts, dictionaries, text

MOST_APPS = 2000


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    return {
        "ManagedAppsOnly": target.is_personal,
        "Items": ["Identifier", "Name", "ShortVersion", "Version"],
    }


def _read(payload: Mapping[str, Any], target: CommandTarget) -> Facts:
    """A personal phone that tells more than it was asked is not listened to: only our own apps stay."""
    apps = {}
    for item in dictionaries(payload, "InstalledApplicationList")[:MOST_APPS]:
        identifier = text(item, "Identifier")
        if not identifier or (target.is_personal and identifier not in target.managed_apps):
            continue
        apps[identifier] = {
            "identifier": identifier,
            "name": text(item, "Name"),
            "version": text(item, "ShortVersion") or text(item, "Version"),
        }
    if not isinstance(payload.get("InstalledApplicationList"), list):
        return {}
    return {"installed_apps": [apps[identifier] for identifier in sorted(apps)]}


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    return _read(payload, target)


ENTRY = AppleCommand(
    id="installed_application_list",
    request_type="InstalledApplicationList",
    build=_build,
    read=_read,
    redact=_redact,
    read_only=True,
)
