"""Asks whether a passcode is set and whether storage is encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pocketward.fleet.apple.command_record import AppleCommand, CommandTarget, Facts, typed

_FACTS: Final[dict[str, tuple[str, type]]] = {
    "HardwareEncryptionCaps": ("hardware_encryption_caps", int),
    "PasscodePresent": ("passcode_present", bool),
    "PasscodeCompliant": ("passcode_compliant", bool),
    "PasscodeCompliantWithProfiles": ("passcode_compliant_with_profiles", bool),
    "PasscodeLockGracePeriodEnforced": ("passcode_grace_seconds", int),
}


def _read(payload: Mapping[str, Any], target: CommandTarget) -> Facts:
    answers = payload.get("SecurityInfo")
    return typed(answers, _FACTS) if isinstance(answers, dict) else {}


def _redact(payload: Mapping[str, Any], target: CommandTarget) -> dict[str, Any] | None:
    return _read(payload, target)


ENTRY = AppleCommand(
    id="security_info", request_type="SecurityInfo", read=_read, redact=_redact, read_only=True
)
