"""The practice's access rules: versions of a small typed syntax tree, published to the gates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.access.errors import RulesNotPlain
from pocketward.access.events import AccessRulesChanged
from pocketward.access.models import RulesVersion
from pocketward.access.publishing import RULES, publish_row
from pocketward.access.rule_words import RuleWords, rules_in_words
from pocketward.gate import language
from pocketward.practice import api as practice_api
from pocketward.spine.api import record, unit_of_work


@dataclass(frozen=True)
class RulesRecord:
    """One version of the access rules; the newest is in force."""

    number: int
    author: str
    reason: str
    made_at: datetime


@unit_of_work
def set_access_rules(*, practice_id: UUID, rules: bytes, reason: str, by: str) -> int:
    """Put a new version in force; its number. RulesRefused when the rules cannot be read.

    Of the reason, the 200 letters that its column holds are kept.
    """
    reason = reason[:200]
    checked = language.write_rules(language.read_rules(rules))
    newest = RulesVersion.objects.filter(practice_id=practice_id).order_by("-number").first()
    number = (newest.number if newest else 0) + 1
    RulesVersion.objects.create(
        practice_id=practice_id, number=number, rules=checked.decode(), author=by, reason=reason
    )
    publish_row(practice_id, RULES, RULES, checked)
    digest = language.policy_digest(checked)
    record(
        AccessRulesChanged(
            practice_id=practice_id, actor=by, subject="rules", number=number, digest=digest, reason=reason
        )
    )
    return number


def set_default_rules(*, practice_id: UUID, by: str) -> int:
    """Start with the default rules."""
    rules = language.write_rules(language.default_rules())
    return set_access_rules(practice_id=practice_id, rules=rules, reason="the rules to start with", by=by)


def access_rules(*, practice_id: UUID) -> language.Ruleset:
    """The rules in force; none permits anything before a version is set."""
    newest = RulesVersion.objects.filter(practice_id=practice_id).order_by("-number").first()
    return language.read_rules(newest.rules.encode()) if newest is not None else language.Ruleset()


def role_matrix(*, practice_id: UUID) -> tuple[tuple[str, str, bool], ...]:
    """(role, resource, whether any rule can open it) for every role of the practice and resource."""
    return _matrix(access_rules(practice_id=practice_id))


@unit_of_work
def set_role_matrix(
    *, practice_id: UUID, allowed: Iterable[tuple[str, str]], reason: str, by: str
) -> int | None:
    """Let exactly these (role, resource) pairs be opened, all under the condition that stands now.

    The new version's number, None when nothing changes. RulesNotPlain when the rules in force have several
    conditions: a matrix cannot say those. RulesRefused for a role or resource that there is not.
    """
    standing = access_rules(practice_id=practice_id)
    conditions = {language.write_rules(_only(permit)): permit.when for permit in standing.permits}
    if len(conditions) > 1:
        raise RulesNotPlain()
    when = next(iter(conditions.values()), language.default_rules().permits[0].when)
    wanted = sorted(set(allowed))
    if outside := {role for role, _resource in wanted} - set(practice_api.ASSIGNABLE):
        raise language.RulesRefused(f"{min(outside)[:64]!r} is no role of this practice that opens records.")
    by_role: dict[str, list[str]] = {}
    for role, resource in wanted:
        by_role.setdefault(role, []).append(resource)
    if wanted == sorted((role, resource) for role, resource, can in _matrix(standing) if can):
        return None
    permits = tuple(
        language.Permit(f"{role}-records", (role,), tuple(resources), when)
        for role, resources in by_role.items()
    )
    rules = language.write_rules(language.Ruleset(permits=permits, forbids=standing.forbids))
    return set_access_rules(practice_id=practice_id, rules=rules, reason=reason, by=by)


def _only(permit: language.Permit) -> language.Ruleset:
    """The condition of a permit alone, as rules that can be compared by their bytes."""
    return language.Ruleset(permits=(language.Permit("any", ("owner",), ("notes",), permit.when),))


def _matrix(rules: language.Ruleset) -> tuple[tuple[str, str, bool], ...]:
    """Of the practice's own roles: a technician of the IT provider opens no records, whatever a rule says."""
    return tuple(
        (row.role, row.resource, bool(row.permits))
        for row in language.matrix(rules)
        if row.role in practice_api.ASSIGNABLE
    )


def access_rules_in_words(*, practice_id: UUID) -> tuple[RuleWords, ...]:
    """The rules in force in words, permits first."""
    return rules_in_words(access_rules(practice_id=practice_id))


def access_rules_history(*, practice_id: UUID) -> tuple[RulesRecord, ...]:
    """Every version, newest first."""
    rows = RulesVersion.objects.filter(practice_id=practice_id).order_by("-number")
    return tuple(RulesRecord(row.number, row.author, row.reason, row.made_at) for row in rows)
