"""Installs an app from the App Store (`itunes_id`) or by a manifest (`manifest_url`), as managed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget

# 1: goes when the management goes; 4: its data does not go into a person's backup.
MANAGEMENT_FLAGS = 5
PURCHASE_FOR_DEVICE = 1


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    keys: dict[str, Any] = {"ManagementFlags": MANAGEMENT_FLAGS}
    if params.get("manifest_url"):
        keys["ManifestURL"] = params["manifest_url"]
    elif params.get("itunes_id"):
        keys["iTunesStoreID"] = int(params["itunes_id"])
        keys["Options"] = {"PurchaseMethod": PURCHASE_FOR_DEVICE}
    else:
        keys["Identifier"] = params["identifier"]
    return keys


ENTRY = AppleCommand(id="install_application", request_type="InstallApplication", build=_build)
