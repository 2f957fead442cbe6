"""The phone has a passcode."""

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

ID = "passcode_set"


def run(given: CheckInput) -> CheckResult:
    """Source: SecurityInfo, PasscodePresent."""
    if not given.requirements.passcode_required:
        return judged(ID, NOT_APPLICABLE)
    fact = given.fact("passcode_present")
    if fact is None:
        return judged(ID, UNKNOWN, "not_known", name="passcode_present")
    if fact.value is True:
        return judged(ID, PASS, fact=fact, name="passcode_present")
    return judged(ID, FAIL, "no_passcode", fact=fact, name="passcode_present")


ENTRY = CheckSpec(ID, run, ("no_passcode", "not_known"))
