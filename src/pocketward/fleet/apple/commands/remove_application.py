"""Removes a managed app with its data; destructive, because what was only on the phone is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    return {"Identifier": params["identifier"]}


ENTRY = AppleCommand(
    id="remove_application",
    request_type="RemoveApplication",
    build=_build,
    destructive=True,
    containment=True,
)
