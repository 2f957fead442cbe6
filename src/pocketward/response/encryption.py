"""Whether what is on a phone can be read by whoever has it: one rule for all pages and papers of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WHOLLY_ENCRYPTED = 3  # HardwareEncryptionCaps: block level and file level (Apple, SecurityInfo)
CAPS, PASSCODE = "hardware_encryption_caps", "passcode_present"


def encryption(state: Mapping[str, Any]) -> tuple[bool, Mapping[str, Any]] | None:
    """Whether data is protected by wholly encrypted hardware *and* a passcode, and the fact it hangs on.

    `state` is fact -> {value, source, observed_at}. One of both known to be missing is a no, whatever the
    other is; None (unknown) when neither is missing and not both are known.
    """
    good = {CAPS: WHOLLY_ENCRYPTED, PASSCODE: True}
    told = {name: state[name] for name in good if dict(state.get(name) or {}).get("value") is not None}
    for name, fact in told.items():
        if fact["value"] != good[name]:
            return False, fact
    if len(told) < len(good):
        return None
    return True, min(told.values(), key=lambda fact: str(fact.get("observed_at", "")))


def encrypted_word(state: Mapping[str, Any]) -> str:
    """Yes, no, or unknown."""
    found = encryption(state)
    return "unknown" if found is None else "yes" if found[0] else "no"
