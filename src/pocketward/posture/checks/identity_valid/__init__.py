"""The phone holds the management identity that we gave it, and it has not run out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pocketward.kernel.canonical import read_moment
from pocketward.posture.records import FAIL, PASS, UNKNOWN, CheckInput, CheckResult, CheckSpec, judged

ID = "identity_valid"
MANAGEMENT = "management"


def run(given: CheckInput) -> CheckResult:
    """Source: CertificateList, each certificate held against what was issued to this very phone.

    Whether an identity is held or revoked is judged where it is presented, at the device endpoints and the
    gate; so a list that is not there yet makes the phone no less known (`ADVISORY_WHEN_UNKNOWN`).
    """
    fact = given.fact("certificates")
    if fact is None:
        return judged(ID, UNKNOWN, "not_known", name="certificates")
    ends = [_end(item) for item in fact.value if item.get("purpose") == MANAGEMENT]
    shown = type(fact)(_shown(ends), fact.observed_at, fact.source)
    if not ends:
        return judged(ID, FAIL, "no_identity", fact=shown, name="certificates")
    if max(ends) <= given.now:
        return judged(ID, FAIL, "identity_expired", fact=shown, name="certificates")
    return judged(ID, PASS, fact=shown, name="certificates")


def _end(certificate: Mapping[str, Any]) -> datetime:
    return read_moment(str(certificate["not_after"]))


def _shown(ends: list[datetime]) -> str:
    return f"until {max(ends):%Y-%m-%d}" if ends else "none of ours"


ENTRY = CheckSpec(ID, run, ("no_identity", "identity_expired", "not_known"))
