"""Removes a configuration profile.

With `remove_management`, which only the queue sets, and only on a command that the guard has let pass as
destructive, it removes the management's own profile, and all managed apps, accounts and data with it. That is
how work data leaves a personal phone, which can never be erased. Afterwards the phone no longer speaks to us.
"""

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
    """Naming the management's profile in an ordinary order would pass the guard by, so it is not built."""
    if params.get("remove_management") is True:
        return {"Identifier": target.management_profile}
    identifier = str(params["identifier"])
    if is_management_profile(identifier) or identifier == target.management_profile:
        raise CommandNotBuilt("Removing the management from a phone needs its own order.")
    return {"Identifier": identifier}


ENTRY = AppleCommand(id="remove_profile", request_type="RemoveProfile", build=_build, containment=True)
