"""The practice's access rules: versions of a small typed syntax tree, published to the gates."""

from __future__ import annotations

from uuid import UUID

from pocketward.access.events import AccessRulesChanged
from pocketward.access.models import RulesVersion
from pocketward.access.publishing import RULES, publish_row
from pocketward.gate import language
from pocketward.spine.api import record, unit_of_work


@unit_of_work
def set_access_rules(*, practice_id: UUID, rules: bytes, reason: str, by: str) -> int:
    """Put a new version in force; its number. RulesRefused when the rules cannot be read."""
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
    """(role, resource, whether any rule can open it) for every role and resource; for export."""
    rows = language.matrix(access_rules(practice_id=practice_id))
    return tuple((row.role, row.resource, bool(row.permits)) for row in rows)
