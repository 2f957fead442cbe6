"""Removes the management's own profile, and with it all managed apps, accounts and their data.

This is how work data leaves a personal phone, which can never be erased. Nothing follows it but perhaps a
CheckOut: afterwards the phone no longer speaks to us.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    return {"Identifier": target.management_profile}


ENTRY = AppleCommand(
    id="remove_management",
    request_type="RemoveManagement",
    sent_as="RemoveProfile",
    build=_build,
    destructive=True,
    lane="urgent",
    containment=True,
)
