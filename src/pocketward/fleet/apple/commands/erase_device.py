"""Erases the phone. Offered only where the enrollment itself carries the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    """Nothing is preserved, and no phone near by can set it up; no PIN: that key is for Macs."""
    keys: dict[str, Any] = {"PreserveDataPlan": bool(params.get("preserve_data_plan", False))}
    if not target.shared:
        keys["DisallowProximitySetup"] = True
    return keys


ENTRY = AppleCommand(
    id="erase_device",
    request_type="EraseDevice",
    build=_build,
    destructive=True,
    lane="urgent",
    containment=True,
)
