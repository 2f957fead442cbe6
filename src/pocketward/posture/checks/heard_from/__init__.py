"""The phone has spoken to us lately."""

from __future__ import annotations

from pocketward.kernel.canonical import read_moment
from pocketward.posture.records import PASS, UNKNOWN, CheckInput, CheckResult, CheckSpec, Fact, judged

ID = "heard_from"


def run(given: CheckInput) -> CheckResult:
    """The newest of all facts counts. Silence is unknown, not a fault of the phone."""
    moments = [read_moment(str(fact["observed_at"])) for fact in given.state.values()]
    limit = given.requirements.heard_from_within
    if not moments:
        return judged(ID, UNKNOWN, "never", name="last_heard", limit=limit)
    fact = Fact("", max(moments), "any message")
    if given.now - fact.observed_at > limit:
        return judged(ID, UNKNOWN, "silent", fact=fact, name="last_heard", limit=limit)
    return judged(ID, PASS, fact=fact, name="last_heard", limit=limit)


ENTRY = CheckSpec(ID, run, ("never", "silent"))
