"""What is on the phone is encrypted, and the encryption hangs on a passcode."""

from __future__ import annotations

from pocketward.posture.records import FAIL, PASS, UNKNOWN, CheckInput, CheckResult, CheckSpec, judged

ID = "data_protection"
# Block-level and file-level encryption (Apple, SecurityInfo: HardwareEncryptionCaps).
FULL = 3


def run(given: CheckInput) -> CheckResult:
    """Source: SecurityInfo. Without a passcode the encryption protects nothing."""
    caps, passcode = given.fact("hardware_encryption_caps"), given.fact("passcode_present")
    if caps is not None and caps.value != FULL:
        return judged(ID, FAIL, "not_encrypted", fact=caps, name="hardware_encryption_caps")
    if passcode is not None and passcode.value is False:
        return judged(ID, FAIL, "encrypted_without_passcode", fact=passcode, name="passcode_present")
    if caps is None or passcode is None:
        return judged(ID, UNKNOWN, "not_known", name="hardware_encryption_caps")
    return judged(ID, PASS, fact=caps, name="hardware_encryption_caps")


ENTRY = CheckSpec(ID, run, ("not_encrypted", "encrypted_without_passcode", "not_known"))
