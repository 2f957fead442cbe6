"""Locks the screen, with a message and a number to call for whoever has the phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, text


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    """Without a PIN: that key is for Macs."""
    named = {"Message": params.get("message"), "PhoneNumber": params.get("phone_number")}
    return {key: str(value) for key, value in named.items() if value}


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    """Whether the message showed: a phone without a passcode locks, but shows nothing."""
    return {"MessageResult": text(payload, "MessageResult")}


ENTRY = AppleCommand(
    id="device_lock",
    request_type="DeviceLock",
    build=_build,
    redact=_redact,
    lane="urgent",
    containment=True,
)
