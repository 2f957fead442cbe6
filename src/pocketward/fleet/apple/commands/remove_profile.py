"""Removes one configuration profile; never the management's own, which is a command of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import (
    AppleCommand,
    CommandNotBuilt,
    CommandTarget,
    is_management_profile,
)


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    """Removing the management this way would pass the guard by, so it is not built."""
    identifier = str(params["identifier"])
    if is_management_profile(identifier) or identifier == target.management_profile:
        raise CommandNotBuilt("Removing the management from a phone needs its own order.")
    return {"Identifier": identifier}


ENTRY = AppleCommand(id="remove_profile", request_type="RemoveProfile", build=_build)
