"""Lets a phone in Lost Mode make a sound, until it is found or two minutes have passed."""

from __future__ import annotations

from pocketward.fleet.apple.command_record import AppleCommand

ENTRY = AppleCommand(
    id="play_lost_mode_sound", request_type="PlayLostModeSound", lane="urgent", containment=True
)
