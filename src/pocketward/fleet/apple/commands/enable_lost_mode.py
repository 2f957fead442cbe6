"""Locks a supervised phone into Lost Mode, with a message and a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget

DEFAULT_MESSAGE = "This device is lost. Please hand it in."


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    """Apple wants a message or a number; an empty command would be an error on the phone."""
    named = {
        "Message": params.get("message"),
        "PhoneNumber": params.get("phone_number"),
        "Footnote": params.get("footnote"),
    }
    keys = {key: str(value) for key, value in named.items() if value}
    return keys if "Message" in keys or "PhoneNumber" in keys else {"Message": DEFAULT_MESSAGE, **keys}


ENTRY = AppleCommand(
    id="enable_lost_mode", request_type="EnableLostMode", build=_build, lane="urgent", containment=True
)
