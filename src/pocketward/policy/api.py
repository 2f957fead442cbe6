"""The door of the policy domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pocketward.kernel import crypto
from pocketward.policy.document import TEMPLATES, read_policy, rules, template
from pocketward.policy.events import PolicyChanged
from pocketward.policy.models import PolicyVersion
from pocketward.policy.previewing import Draft, RuleChange
from pocketward.policy.records import RequiredApp, Requirements, RuleSpec, Wearer
from pocketward.policy.versions import meets_minimum
from pocketward.spine.api import record, unit_of_work

__all__ = (
    "TEMPLATES",
    "Draft",
    "PolicyRecord",
    "RequiredApp",
    "Requirements",
    "RuleChange",
    "RuleSpec",
    "apple_payloads",
    "draft",
    "meets_minimum",
    "policy",
    "policy_history",
    "policy_sentences",
    "requirements",
    "rules",
    "set_policy",
    "template",
)


@dataclass(frozen=True)
class PolicyRecord:
    """One version of a practice's policy; number 0 is the template that is in force before the first."""

    number: int
    text: str
    author: str
    reason: str
    made_at: datetime | None


def policy(*, practice_id: UUID) -> PolicyRecord:
    """The version in force."""
    row = PolicyVersion.objects.filter(practice_id=practice_id).order_by("-number").first()
    if row is None:
        return PolicyRecord(0, template(), "system:policy", "what a practice starts with", None)
    return PolicyRecord(row.number, row.text, row.author, row.reason, row.made_at)


def policy_history(*, practice_id: UUID) -> tuple[PolicyRecord, ...]:
    """Every version, newest first."""
    rows = PolicyVersion.objects.filter(practice_id=practice_id).order_by("-number")
    return tuple(PolicyRecord(row.number, row.text, row.author, row.reason, row.made_at) for row in rows)


def draft(*, practice_id: UUID, text: str) -> Draft:
    """A policy to look at before it is put in force. PolicyRefused when it cannot be read."""
    read_policy(text)
    return Draft(practice_id, policy(practice_id=practice_id).text, text)


@lru_cache(maxsize=256)
def _settings(text: str) -> dict[str, Mapping[str, Any]]:
    return read_policy(text)


@unit_of_work
def set_policy(*, practice_id: UUID, text: str, reason: str, by: str) -> int:
    """Put a new version in force; its number. PolicyRefused when it cannot be read."""
    before, after = _settings(policy(practice_id=practice_id).text), read_policy(text)
    newest = PolicyVersion.objects.filter(practice_id=practice_id).order_by("-number").first()
    number = (newest.number if newest else 0) + 1
    PolicyVersion.objects.create(
        practice_id=practice_id, number=number, text=text, author=by, reason=reason[:200]
    )
    changed = tuple(name for name in after if before.get(name) != after[name])
    record(
        PolicyChanged(
            practice_id=practice_id,
            actor=by,
            subject="policy",
            number=number,
            digest=crypto.sha256_hex(text.encode()),
            reason=reason[:200],
            changed_rules=changed,
        )
    )
    return number


def requirements(
    *, practice_id: UUID, device_kind: str, ownership: str, shared: bool = False
) -> Requirements:
    """What this practice asks of such a device."""
    settings = _settings(policy(practice_id=practice_id).text)
    wearer = Wearer(device_kind, ownership, shared)
    fields: dict[str, Any] = {}
    for name, rule in rules().items():
        fields |= rule.require(settings[name], wearer)
    return Requirements(**fields)


def apple_payloads(
    *, practice_id: UUID, device_kind: str, ownership: str, shared: bool = False
) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """The Apple payloads that this practice's policy means for such a device: (payload type, keys)."""
    settings = _settings(policy(practice_id=practice_id).text)
    wearer = Wearer(device_kind, ownership, shared)
    return tuple(pair for name, rule in rules().items() for pair in rule.apple(settings[name], wearer))


def policy_sentences(*, practice_id: UUID) -> tuple[str, ...]:
    """The policy in force, as sentences."""
    settings = _settings(policy(practice_id=practice_id).text)
    return tuple(rule.sentence(settings[name]) for name, rule in rules().items())
