"""From checks to a posture: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from pocketward.kernel.canonical import read_moment
from pocketward.kernel.catalogue import load_catalogue
from pocketward.policy.api import Requirements
from pocketward.posture.records import (
    COMPLIANT,
    FAIL,
    NOT_COMPLIANT,
    UNKNOWN,
    CheckInput,
    CheckResult,
    CheckSpec,
    Feed,
)

# Checks whose "unknown" does not by itself make the whole device unknown: the gate asks for the rest.
ADVISORY_WHEN_UNKNOWN = frozenset({"identity_valid"})


@dataclass(frozen=True)
class Verdict:
    """The posture, every check, and until when it may be believed."""

    posture: str
    checks: tuple[CheckResult, ...]
    fresh_until: datetime
    last_heard: datetime | None

    @property
    def failed(self) -> tuple[str, ...]:
        """The failed or unknown checks with their codes: what must change for the verdict to be another."""
        return tuple(
            f"{item.id}:{item.result}:{item.code}" for item in self.checks if item.result in (FAIL, UNKNOWN)
        )


@cache
def catalogue() -> dict[str, CheckSpec]:
    """Every check."""
    return load_catalogue("pocketward.posture.checks", CheckSpec)


def judge(
    *,
    state: Mapping[str, Mapping[str, Any]],
    requirements: Requirements,
    feed: Feed | None,
    now: datetime,
    kind: str,
    ownership: str,
    shared: bool,
) -> Verdict:
    """Run every check. One fail: not-compliant. No fail and one unknown: unknown. Else compliant."""
    given = CheckInput(state, requirements, feed, now, kind, ownership, shared)
    checks = tuple(_with_age(spec.run(given), given) for spec in catalogue().values())
    results = {item.result for item in checks if not _is_advisory(item)}
    posture = NOT_COMPLIANT if FAIL in results else UNKNOWN if UNKNOWN in results else COMPLIANT
    moments = [read_moment(str(fact["observed_at"])) for fact in state.values()]
    last_heard = max(moments, default=None)
    return Verdict(posture, checks, _fresh_until(given, checks, last_heard), last_heard)


def _with_age(item: CheckResult, given: CheckInput) -> CheckResult:
    """What is unknown although its fact was told keeps the fact's age: it was seen, and does not count."""
    told = given.state.get(item.fact)
    if item.result != UNKNOWN or item.observed_at is not None or told is None:
        return item
    at, within = read_moment(str(told["observed_at"])), given.requirements.facts_within
    return replace(
        item,
        source=str(told["source"]),
        observed_at=int(at.timestamp()),
        limit=int(within.total_seconds()) if given.now - at > within else item.limit,
    )


def _is_advisory(item: CheckResult) -> bool:
    return item.result == UNKNOWN and item.id in ADVISORY_WHEN_UNKNOWN


def _fresh_until(given: CheckInput, checks: tuple[CheckResult, ...], last_heard: datetime | None) -> datetime:
    """When the first fact of a passed check gets too old, or the phone has been silent too long."""
    if last_heard is None:
        return given.now
    ends = [last_heard + given.requirements.heard_from_within]
    for item in checks:
        if item.result == "pass" and item.observed_at is not None and item.id != "heard_from":
            ends.append(
                datetime.fromtimestamp(item.observed_at, last_heard.tzinfo) + given.requirements.facts_within
            )
    return min(ends)
