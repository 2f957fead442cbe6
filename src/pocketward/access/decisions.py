"""Looking at decisions: found by id, listed, explained to a person, an officer, an auditor, made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from pocketward.access.errors import NoSuchDecision
from pocketward.access.intake import decision_row, find_in_files
from pocketward.access.models import DecisionMinute, DecisionRow, RulesVersion
from pocketward.gate.compiler import EMPTY, CompiledRules, compile_body
from pocketward.gate.decision import decode_facts, decode_stored, replay
from pocketward.gate.explain import Audience, CheckText, Explanation, explain
from pocketward.gate.language import policy_digest
from pocketward.gate.records import Decision, Facts
from pocketward.kernel.ids import parse_public_id, public_id
from pocketward.posture import api as posture_api
from pocketward.practice import api as practice_api
from pocketward.spine.api import current_practice_id

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class DecisionRecord:
    """A decision as pages and files show it; `repeated` is how often it was given again.

    `outcome`: allow, refuse, reauthenticate; `would_have` is set for watched apps. `client`: enrolled,
    unenrolled ("not checked") or refused. `codes` are the reasons, the nearest way first.
    """

    id: UUID
    public_id: str
    made_at: datetime
    outcome: str
    would_have: str
    mode: str
    rule: str
    codes: tuple[str, ...]
    client: str
    resource: str
    network: str
    member_id: UUID | None
    device_id: UUID | None
    app_id: UUID | None
    policy_digest: str
    repeated: int
    facts: Facts
    decision: Decision


def decision(*, decision_id: str) -> DecisionRecord:
    """The decision with this public id in the practice in scope, also one just made; NoSuchDecision."""
    return _record(_row(decision_id))


def _row(decision_id: str) -> DecisionRow:
    try:
        key = parse_public_id("dec", decision_id)
    except ValueError as error:
        raise NoSuchDecision() from error
    row: DecisionRow | None = DecisionRow.objects.filter(pk=key).first()
    if row is not None:
        return row
    practice_id = current_practice_id()
    entry = find_in_files(decision_id, practice_id)
    if entry is None:
        raise NoSuchDecision()
    return decision_row(practice_id, key, entry, decode_facts(entry.stored.facts))


def _record(row: DecisionRow, repeated: int | None = None) -> DecisionRecord:
    stored = decode_stored(bytes(row.stored))
    if repeated is None:
        repeated = sum(DecisionMinute.objects.filter(decision_id=row.pk).values_list("count", flat=True))
    return DecisionRecord(
        row.pk, public_id("dec", row.pk), row.made_at, row.outcome, row.would_have, row.mode, row.rule,
        tuple(row.codes), row.client, row.resource, row.network, row.member_id, row.device_id, row.app_id,
        row.policy_digest, repeated, decode_facts(stored.facts), stored.decision,
    )  # fmt: skip


def decisions(
    *,
    practice_id: UUID,
    member_id: UUID | None = None,
    device_id: UUID | None = None,
    app_id: UUID | None = None,
    outcome: str = "",
    rule: str = "",
    watched: bool = False,
    before: datetime | None = None,
    after: datetime | None = None,
    limit: int = 50,
) -> tuple[DecisionRecord, ...]:
    """Decisions, newest first, at most 500; filters are joined by and.

    `watched`: only those that a watched app would have answered otherwise.
    """
    rows = DecisionRow.objects.filter(practice_id=practice_id).order_by("-made_at", "-id")
    named = {
        "member_id": member_id, "device_id": device_id, "app_id": app_id, "outcome": outcome or None,
        "rule": rule or None, "made_at__lt": before, "made_at__gt": after,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in named.items() if value is not None})
    if watched:
        rows = rows.exclude(would_have="")
    found = list(rows[: min(limit, 500)])
    counts: dict[UUID, int] = {}
    minutes = DecisionMinute.objects.filter(decision_id__in=[row.pk for row in found])
    for key, count in minutes.values_list("decision_id", "count"):
        counts[key] = counts.get(key, 0) + count
    return tuple(_record(row, counts.get(row.pk, 0)) for row in found)


def explain_decision(*, decision_id: str, audience: Audience, language: str = "en") -> Explanation:
    """Why it was opened or refused, and the shortest way back, in words for this reader; NoSuchDecision."""
    found = decision(decision_id=decision_id)
    zone = practice_api.get_practice(practice_id=current_practice_id()).zone
    return explain(
        found.decision,
        audience=audience,
        at=int(found.made_at.timestamp()),
        language=language if language in LANGUAGES else "en",
        zone=zone,
        facts=found.facts,
        checks=_check_texts(found, language),
    )


def _named(device_id: UUID | None) -> dict[tuple[str, str], str]:
    """What the device's checks name now, by check and code: a decision keeps codes only."""
    judged = posture_api.device_posture(device_id=device_id) if device_id is not None else None
    checks = judged.checks if judged is not None else ()
    return {(str(item["id"]), str(item["code"])): str(item["value"]) for item in checks}


def _check_texts(found: DecisionRecord, language: str) -> dict[str, CheckText]:
    texts, named = {}, _named(found.device_id)
    for reason in found.decision.reasons:
        check = reason.fact.removeprefix("check.")
        fixit = (
            posture_api.fixit(
                check=check, code=reason.value, language=language, value=named.get((check, reason.value), "")
            )
            if reason.fact != check
            else None
        )
        if fixit is not None:
            cause = f"{fixit.title}. {fixit.consequence}"
            texts[check] = CheckText(cause, " ".join(fixit.steps), fixit.minutes)
    return texts


@lru_cache(maxsize=64)
def _compiled(body: str) -> CompiledRules:
    return compile_body(body.encode())


def rules_by_digest(*, practice_id: UUID, digest: str) -> CompiledRules | None:
    """The version of the access rules that a decision was made by; None when it is none of ours."""
    if digest == EMPTY.digest:
        return EMPTY
    for row in RulesVersion.objects.filter(practice_id=practice_id).order_by("-number"):
        if policy_digest(row.rules.encode()) == digest:
            return _compiled(row.rules)
    return None


def decision_can_be_made_again(*, decision_id: str) -> bool:
    """Whether the stored facts and the rules of that day give the stored decision again, exactly."""
    row = _row(decision_id)
    stored = decode_stored(bytes(row.stored))
    rules = rules_by_digest(practice_id=row.practice_id, digest=decode_facts(stored.facts).policy_digest)
    return replay(stored, rules or EMPTY) == stored.decision
