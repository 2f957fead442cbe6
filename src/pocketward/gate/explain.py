"""A decision in words: for the person, for an officer, for an auditor. Never ePHI, never an address.

Each missing fact has a cause, a remedy, who can mend it and how long that takes; the decision already holds
the reasons of the nearest permit only, so following the steps in order is the shortest way back.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pocketward.gate.records import Decision, Facts, Reason

Audience = Literal["person", "officer", "auditor"]
LANGUAGES = ("en", "es")
WEEK = 6 * 24 * 3600
# Emergency access can open past these; past the others it never does.
EMERGENCY_HELPS = frozenset(
    (
        "not_heard_from", "posture_failed", "posture_unknown", "check_failed", "check_unknown",
        "quarantined", "not_own_device", "role_missing", "network_not_allowed", "no_rule",
        "fact_missing",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One thing to mend. `who`: you, officer, it, pocketward; `minutes` is the usual time."""

    code: str
    cause: str
    remedy: str
    who: str
    who_text: str
    minutes: int


@dataclass(frozen=True)
class Line:
    """One line of evidence for officers and auditors."""

    name: str
    value: str


@dataclass(frozen=True)
class CheckText:
    """What a posture check says of itself, given by the domain that owns the check."""

    cause: str
    remedy: str
    minutes: int
    who: str = "you"


@dataclass(frozen=True)
class Explanation:
    """A decision explained. `minutes`: sum of the steps; `emergency_hint`: empty where that is no way."""

    title: str
    steps: tuple[Step, ...]
    minutes: int
    emergency_hint: str = ""
    lines: tuple[Line, ...] = ()


@cache
def texts(language: str) -> dict[str, Any]:
    """All texts of a language; English for one we do not have."""
    name = language if language in LANGUAGES else "en"
    data = resources.files("pocketward.gate.texts").joinpath(f"{name}.toml").read_bytes()
    return tomllib.loads(data.decode())


def explain(
    decision: Decision,
    *,
    audience: Audience,
    at: int,
    language: str = "en",
    zone: str = "UTC",
    device_kind: str = "",
    facts: Facts | None = None,
    checks: Mapping[str, CheckText] | None = None,
) -> Explanation:
    """Say why a decision is what it is.

    `at` is when it was made, in seconds; `zone` an IANA name for the times in the texts; `device_kind` is
    iphone, ipad, android or other, or empty when no device is known; `checks` overrides the short texts of
    posture checks. Officers and auditors are answered in English.
    """
    if facts is not None and facts.device is not None:
        device_kind = facts.device.kind
    words = _Words("en" if audience != "person" else language, zone, at, device_kind)
    told = decision.reasons
    if audience == "person" and len(told) > 1:
        # The failed checks that follow say what quarantine means.
        told = tuple(reason for reason in told if reason.code != "quarantined")
    steps = tuple(dict.fromkeys(_step(reason, words, audience, checks or {}) for reason in told))
    if audience == "person":
        # What one act mends is told once: a missing passcode fails encryption too.
        steps = tuple({step.remedy or step.cause: step for step in steps}.values())
    helps = decision.outcome == "refuse" and all(r.code in EMERGENCY_HELPS for r in decision.reasons)
    return Explanation(
        title=_title(decision, words),
        steps=steps,
        minutes=sum(step.minutes for step in steps),
        emergency_hint=words.texts["emergency"]["hint"] if helps and device_kind else "",
        lines=() if audience == "person" else _lines(decision, words, facts, audience),
    )


def _title(decision: Decision, words: _Words) -> str:
    titles = words.texts["titles"]
    if decision.outcome == "allow":
        if decision.would_have:
            return str(titles["watch"])
        for obligation in decision.obligations:
            return str(titles.get(obligation, titles["allow"]))
    key = "refuse_no_device" if decision.outcome == "refuse" and not words.kind else decision.outcome
    return words.fill(titles[key])


def _step(reason: Reason, words: _Words, audience: Audience, checks: Mapping[str, CheckText]) -> Step:
    entry = words.texts["codes"].get(reason.code, words.texts["codes"]["fact_missing"])
    plain = texts("en")["codes"].get(reason.code, texts("en")["codes"]["fact_missing"])
    who, minutes = plain["who"], plain["minutes"]
    cause = (
        entry["never"] if reason.at is None and reason.age is None and "never" in entry else entry["cause"]
    )
    remedy = words.fill(entry["remedy"], reason)
    cause = words.fill(cause, reason)
    check = reason.fact.removeprefix("check.")
    if reason.code in ("check_failed", "check_unknown", "integrity_failed") and audience == "person":
        given = checks.get(check)
        short = words.texts["checks"].get(check)
        if given is not None and reason.code == "check_failed":
            cause, remedy, minutes, who = given.cause, given.remedy, given.minutes, given.who
        elif short is not None and reason.code == "check_failed":
            cause, remedy = words.fill(short), words.fill(words.texts["check_remedies"][check])
        elif reason.code != "integrity_failed":
            code = "posture_unknown" if reason.code == "check_unknown" else "posture_failed"
            cause = words.fill(words.texts["codes"][code]["cause"])
    elif audience != "person":
        cause = words.fill(plain["officer"], reason)
    return Step(reason.code, cause, remedy, who, words.texts["who"][who], minutes)


def _lines(decision: Decision, words: _Words, facts: Facts | None, audience: Audience) -> tuple[Line, ...]:
    lines = [
        Line("Decision", decision.decision_id),
        Line("Made", words.moment(words.at)),
        Line("Answer", decision.outcome if not decision.would_have else "allow (watched)"),
        Line("Rule", decision.rule or "none: what no rule opens stays shut"),
        Line("Mode", decision.mode),
    ]
    if decision.would_have:
        lines.append(Line("Switched on, it would have been", decision.would_have))
    for obligation in decision.obligations:
        lines.append(Line("Marked", obligation.replace("_", " ")))
    if facts is not None:
        lines += _fact_lines(facts, words)
    if audience == "auditor":
        lines.append(Line("Access rules (SHA-256)", decision.policy_digest))
        for reason in decision.reasons:
            lines.append(Line(f"Reason {reason.code}", _evidence(reason, words)))
    return tuple(lines)


def _fact_lines(facts: Facts, words: _Words) -> list[Line]:
    session, device = facts.session, facts.device
    lines = [Line("Client", facts.client.kind if facts.client.kind != "unenrolled" else "not checked")]
    lines.append(Line("App", facts.app.name if facts.app else "unknown"))
    lines.append(Line("Part of the records", facts.resource or "unknown"))
    lines.append(Line("Network", facts.request.network or "unknown"))
    if facts.person is not None:
        lines.append(Line("Roles", ", ".join(facts.person.roles) or "none"))
    if session is not None:
        lines.append(Line("Signed in", f"{session.strength}, {words.moment(session.auth_at)}"))
    if device is not None:
        lines.append(Line("Device posture", device.posture))
        lines.append(Line("Last heard", words.moment(device.last_heard) if device.last_heard else "never"))
        for check in device.checks:
            seen = words.moment(check.observed_at) if check.observed_at else "never seen"
            lines.append(
                Line(f"Check {check.id}", f"{check.result} {check.code} ({seen})".replace("  ", " "))
            )
    return lines


def _evidence(reason: Reason, words: _Words) -> str:
    parts = [f"{reason.fact}={reason.value}" if reason.value else reason.fact]
    if reason.age is not None:
        parts.append(f"age {words.span(reason.age)}")
    if reason.limit is not None:
        parts.append(f"limit {words.span(reason.limit)}")
    if reason.at is not None:
        parts.append(f"at {words.moment(reason.at)}")
    return ", ".join(part for part in parts if part)


class _Words:
    """Texts of one language, filled with times of one zone."""

    def __init__(self, language: str, zone: str, at: int, kind: str) -> None:
        self.texts = texts(language)
        self.zone = ZoneInfo(zone)
        self.at = at
        self.kind = kind

    def fill(self, template: str, reason: Reason | None = None) -> str:
        """The template with its device word and the reason's values; no other name can appear in it."""
        words = {"device": self.texts["device_words"].get(self.kind or "other", self.kind)}
        if reason is not None:
            fact = reason.fact.removeprefix("check.").replace("_", " ")
            words |= {"fact": fact, "value": reason.value or "?"}
            words["at"] = self.moment(reason.at) if reason.at else "?"
            words["age"] = self.span(reason.age) if reason.age is not None else "?"
            words["limit"] = self.span(reason.limit) if reason.limit is not None else "?"
        return template.format_map(words)

    def moment(self, seconds: int) -> str:
        """ "Tuesday 14:02" within a week of the decision, otherwise with the date."""
        local = datetime.fromtimestamp(seconds, UTC).astimezone(self.zone)
        template = self.texts["recent" if abs(self.at - seconds) < WEEK else "older"]
        return str(
            template.format(
                weekday=self.texts["weekdays"][local.weekday()],
                time=local.strftime("%H:%M"),
                day=local.day,
                month=self.texts["months"][local.month - 1],
                year=local.year,
            )
        )

    def span(self, seconds: int) -> str:
        """ "36 hours": the largest unit of which there are at least two, rounded down."""
        for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
            if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
                return self._count(seconds // size, unit)
        return self._count(seconds, "second")

    def _count(self, number: int, unit: str) -> str:
        one, many = self.texts["units"][unit]
        return f"{number} {one if number == 1 else many}"
