"""Checks, their results, and the release feed they may read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from pocketward.kernel.canonical import read_moment
from pocketward.policy.api import Requirements

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"
COMPLIANT, NOT_COMPLIANT = "compliant", "not-compliant"


@dataclass(frozen=True)
class Fact:
    """One known fact: its value, when it was observed, and how we know it."""

    value: Any
    observed_at: datetime
    source: str


@dataclass(frozen=True)
class Release:
    """One release of iOS or iPadOS: builds, day, models; `supported` while Apple still mends its major."""

    version: str
    builds: frozenset[str]
    released_at: datetime
    models: frozenset[str]
    is_security: bool


@dataclass(frozen=True)
class Feed:
    """All known releases, newest first, as published on a day."""

    published_at: datetime
    releases: tuple[Release, ...]


@dataclass(frozen=True)
class CheckInput:
    """Everything a check may look at: the device's state, what is asked of it, the feed, the time."""

    state: Mapping[str, Mapping[str, Any]]
    requirements: Requirements
    feed: Feed | None
    now: datetime
    kind: str
    ownership: str
    shared: bool

    def fact(self, name: str) -> Fact | None:
        """The fact, or None when it is not known or older than the policy lets it count."""
        raw = self.state.get(name)
        if raw is None:
            return None
        observed_at = read_moment(str(raw["observed_at"]))
        if self.now - observed_at > self.requirements.facts_within:
            return None
        return Fact(raw["value"], observed_at, str(raw["source"]))


@dataclass(frozen=True)
class CheckResult:
    """What one check says; `code` names the text that explains it. Times are whole seconds since 1970."""

    id: str
    result: str
    code: str = ""
    fact: str = ""
    value: str = ""
    source: str = ""
    observed_at: int | None = None
    limit: int | None = None
    integrity: bool = False

    def as_mapping(self) -> dict[str, Any]:
        """The form in which it is stored and sent."""
        return asdict(self)


@dataclass(frozen=True)
class CheckSpec:
    """One check: how it judges, and whether a fail of it closes even emergency access."""

    id: str
    run: Callable[[CheckInput], CheckResult]
    codes: tuple[str, ...]
    integrity: bool = False


def judged(
    check: str,
    result: str,
    code: str = "",
    *,
    fact: Fact | None = None,
    name: str = "",
    limit: timedelta | None = None,
    integrity: bool = False,
) -> CheckResult:
    """A result with the age and source of the fact it rests on."""
    return CheckResult(
        id=check,
        result=result,
        code=code,
        fact=name,
        value="" if fact is None else str(fact.value)[:80],
        source="" if fact is None else fact.source,
        observed_at=None if fact is None else int(fact.observed_at.timestamp()),
        limit=None if limit is None else int(limit.total_seconds()),
        integrity=integrity,
    )
