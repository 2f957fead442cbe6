"""The passcode is as long as the practice asks."""

from __future__ import annotations

from pocketward.posture.records import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    CheckInput,
    CheckResult,
    CheckSpec,
    judged,
)

ID = "passcode_meets_profile"


def run(given: CheckInput) -> CheckResult:
    """Source: SecurityInfo, PasscodeCompliantWithProfiles."""
    if not given.requirements.passcode_required:
        return judged(ID, NOT_APPLICABLE)
    there = given.fact("passcode_present")
    if there is not None and there.value is False:
        # Phones say that no passcode meets every rule; that there is none is another check's to say.
        return judged(ID, NOT_APPLICABLE, fact=there, name="passcode_present")
    fact = given.fact("passcode_compliant_with_profiles")
    if fact is None:
        return judged(ID, UNKNOWN, "not_known", name="passcode_compliant_with_profiles")
    if fact.value is True:
        return judged(ID, PASS, fact=fact, name="passcode_compliant_with_profiles")
    return judged(ID, FAIL, "too_weak", fact=fact, name="passcode_compliant_with_profiles")


ENTRY = CheckSpec(ID, run, ("too_weak", "not_known"))
