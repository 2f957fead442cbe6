"""Asks for versions, model and management facts; on a personal phone only for what is ours to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, Facts, typed
from pocketward.protocols.apple_mdm import device_information_queries

_EVERYWHERE: Final[dict[str, tuple[str, type]]] = {
    "OSVersion": ("os_version", str),
    "BuildVersion": ("build_version", str),
    "SupplementalOSVersionExtra": ("supplemental_os_version_extra", str),
    "SupplementalBuildVersion": ("supplemental_build_version", str),
    "ProductName": ("product_name", str),
    "ModelName": ("model_name", str),
    "SerialNumber": ("serial", str),
    "IsSupervised": ("supervised", bool),
    "IsMDMLostModeEnabled": ("lost_mode_enabled", bool),
}
_PRACTICE_OWNED: Final[dict[str, tuple[str, type]]] = _EVERYWHERE | {
    "DeviceName": ("device_name", str),
    "IMEI": ("imei", str),
    "WiFiMAC": ("wifi_mac", str),
    "PhoneNumber": ("phone_number", str),
    "IsActivationLockEnabled": ("activation_lock_enabled", bool),
    "IsCloudBackupEnabled": ("cloud_backup_enabled", bool),
}


def _wanted(target: CommandTarget) -> dict[str, tuple[str, type]]:
    return _EVERYWHERE if target.is_personal else _PRACTICE_OWNED


def _build(params: Mapping[str, Any], target: CommandTarget) -> dict[str, Any]:
    possible = device_information_queries(
        "device",
        target.supervised,
        access_rights=target.access_rights,
        os_version=target.os_version,
        shared=target.shared,
    )
    return {"Queries": [query for query in _wanted(target) if query in possible]}


def _read(payload: Mapping[str, Any], target: CommandTarget) -> Facts:
    answers = payload.get("QueryResponses")
    return typed(answers, _wanted(target)) if isinstance(answers, dict) else {}


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    return _read(payload, target)


ENTRY = AppleCommand(
    id="device_information",
    request_type="DeviceInformation",
    build=_build,
    read=_read,
    redact=_redact,
    read_only=True,
)
