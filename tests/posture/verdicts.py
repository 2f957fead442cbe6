"""Verdicts over a healthy phone's facts, changed as a test needs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pocketward.kernel.canonical import plain
from pocketward.policy.records import Requirements
from pocketward.posture.feed import read_feed, redate, shipped_feed
from pocketward.posture.verdict import Verdict, judge

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOOD = {
    "passcode_present": True,
    "passcode_compliant_with_profiles": True,
    "hardware_encryption_caps": 3,
    "os_version": "26.6.1",
    "build_version": "23G83",
    "product_name": "iPhone15,4",
    "supervised": True,
    "installed_apps": [{"identifier": "org.example.ehr"}],
}


def verdict(
    state: dict[str, Any], *, age: timedelta = timedelta(0), feed_day: datetime = NOW, **asked: Any
) -> Verdict:
    """What we say of a phone whose facts are all of this age."""
    facts = {
        name: {"value": value, "observed_at": plain(NOW - age), "source": "test"}
        for name, value in state.items()
    }
    return judge(
        state=facts,
        requirements=Requirements(**asked),
        feed=read_feed(redate(shipped_feed(), feed_day)),
        now=NOW,
        kind="iphone",
        ownership="practice",
        shared=False,
    )


def result(found: Verdict, check: str) -> tuple[str, str]:
    """(result, code) of one check."""
    (one,) = (item for item in found.checks if item.id == check)
    return one.result, one.code
