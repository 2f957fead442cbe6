"""Asks a supervised phone in Lost Mode where it is. The place is evidence of a case, never device state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, text

# Degrees; the accuracy in meters, at most half way round the earth (negative: the phone does not know).
_PLACE: Final = {"Latitude": ("latitude", -90.0, 90.0), "Longitude": ("longitude", -180.0, 180.0)}
_ACCURACY: Final = {"HorizontalAccuracy": ("horizontal_accuracy", 0.0, 20_100_000.0)}


def _within(payload: Mapping[str, Any], names: Mapping[str, tuple[str, float, float]]) -> dict[str, Any]:
    """The numbers that can be what they are called; infinity and "not a number" cannot."""
    kept: dict[str, Any] = {}
    for key, (name, low, high) in names.items():
        value = payload.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            kept[name] = float(value)
    return kept


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    """Where and when, how precisely; not how fast or how high. Nothing when that is no place on earth."""
    place = _within(payload, _PLACE)
    if target.is_personal or len(place) < len(_PLACE):
        return None
    said_at = text(payload, "Timestamp")
    # What no property list can hold could not be kept, and the place with it.
    is_kept = bool(said_at) and said_at.isprintable()
    return place | _within(payload, _ACCURACY) | ({"timestamp": said_at} if is_kept else {})


ENTRY = AppleCommand(
    id="device_location",
    request_type="DeviceLocation",
    redact=_redact,
    lane="urgent",
    containment=True,
)
