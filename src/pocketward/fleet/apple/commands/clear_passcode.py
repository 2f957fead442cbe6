"""Removes the passcode of a phone whose owner has forgotten it; never of a phone that is held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    """The token comes from the enrollment at hand-out; it is never in the queue."""
    return {"UnlockToken": target.unlock_token or b""}


ENTRY = AppleCommand(
    id="clear_passcode", request_type="ClearPasscode", build=_build, destructive=True, lane="urgent"
)
