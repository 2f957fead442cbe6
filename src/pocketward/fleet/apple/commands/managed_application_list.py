"""Asks how the apps that we installed are doing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, Facts, text

# A person's own app that happens to be known to the management is not ours; nor one of which nothing is said.
NOT_OURS = ("UserInstalledApp", "")


def _read(payload: Mapping[str, Any], target: CommandTarget) -> Facts:
    found = payload.get("ManagedApplicationList")
    if not isinstance(found, dict):
        return {}
    apps = [
        {"identifier": identifier[:200], "status": text(item, "Status")}
        for identifier, item in sorted(found.items())
        if isinstance(item, dict) and text(item, "Status") not in NOT_OURS
    ]
    return {"managed_apps": apps}


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    return _read(payload, target)


ENTRY = AppleCommand(
    id="managed_application_list",
    request_type="ManagedApplicationList",
    read=_read,
    redact=_redact,
    read_only=True,
)
