"""Restarts a supervised phone. Never one that is held: locked after a restart, it may lose its network."""

from __future__ import annotations

from pocketward.fleet.apple.command_record import AppleCommand

ENTRY = AppleCommand(id="restart_device", request_type="RestartDevice")
