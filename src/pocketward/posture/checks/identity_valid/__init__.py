"""The phone holds the identity that we gave it."""

from __future__ import annotations

from pocketward.posture.records import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    CheckInput,
    CheckResult,
    CheckSpec,
    judged,
)

ID = "identity_valid"


def run(given: CheckInput) -> CheckResult:
    """Source: CertificateList, once it was asked; the gate judges the presented certificate itself."""
    fact = given.fact("certificates")
    if fact is None:
        return judged(ID, NOT_APPLICABLE, name="certificates")
    count = sum(1 for certificate in fact.value if certificate.get("is_identity"))
    shown = type(fact)(f"{count} identities", fact.observed_at, fact.source)
    if count:
        return judged(ID, PASS, fact=shown, name="certificates")
    return judged(ID, FAIL, "no_identity", fact=shown, name="certificates")


ENTRY = CheckSpec(ID, run, ("no_identity",))
