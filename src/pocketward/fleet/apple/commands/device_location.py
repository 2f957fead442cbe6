"""Asks a supervised phone in Lost Mode where it is. The place is evidence of a case, never device state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, typed

_PLACE: dict[str, tuple[str, type]] = {
    "Latitude": ("latitude", float),
    "Longitude": ("longitude", float),
    "HorizontalAccuracy": ("horizontal_accuracy", float),
    "Timestamp": ("timestamp", str),
}


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    """Where and when, how precisely; not how fast or how high."""
    return None if target.is_personal else typed(payload, _PLACE)


ENTRY = AppleCommand(
    id="device_location",
    request_type="DeviceLocation",
    redact=_redact,
    lane="urgent",
    containment=True,
)
