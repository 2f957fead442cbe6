"""Asks which configuration profiles are installed; on a personal phone only for ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, Facts, dictionaries, text


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    return {"ManagedOnly": target.is_personal}


def _read(payload: Mapping[str, Any], target: CommandTarget) -> Facts:
    if not isinstance(payload.get("ProfileList"), list):
        return {}
    profiles = []
    for item in dictionaries(payload, "ProfileList"):
        managed = item.get("IsManaged") is True
        if not text(item, "PayloadIdentifier") or (target.is_personal and not managed):
            continue
        profiles.append(
            {
                "identifier": text(item, "PayloadIdentifier"),
                "uuid": text(item, "PayloadUUID"),
                "name": text(item, "PayloadDisplayName"),
                "managed": managed,
            }
        )
    return {"profiles": sorted(profiles, key=lambda profile: (profile["identifier"], profile["uuid"]))}


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    return _read(payload, target)


ENTRY = AppleCommand(
    id="profile_list",
    request_type="ProfileList",
    build=_build,
    read=_read,
    redact=_redact,
    read_only=True,
)
