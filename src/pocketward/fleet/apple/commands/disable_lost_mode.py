"""Ends Lost Mode; destructive, because it gives a lost phone back to whoever holds it."""

from __future__ import annotations

from pocketward.fleet.apple.command_record import AppleCommand

ENTRY = AppleCommand(
    id="disable_lost_mode",
    request_type="DisableLostMode",
    destructive=True,
    lane="urgent",
    containment=True,
)
