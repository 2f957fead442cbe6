"""The device is supervised, where the policy asks for it."""

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

ID = "supervised"


def run(given: CheckInput) -> CheckResult:
    """Source: DeviceInformation, IsSupervised."""
    if not given.requirements.supervised:
        return judged(ID, NOT_APPLICABLE)
    fact = given.fact("supervised")
    if fact is None:
        return judged(ID, UNKNOWN, "not_known", name="supervised")
    return judged(ID, PASS if fact.value is True else FAIL, "" if fact.value is True else "not_supervised",
                  fact=fact, name="supervised")  # fmt: skip


ENTRY = CheckSpec(ID, run, ("not_supervised", "not_known"))
