"""The access language: a small, closed, typed syntax tree. No recursion, no variables, no text but ids.

A rule set holds permits (who, what, when) and forbids. Nothing is allowed that no permit allows. A fact that
is not known satisfies no requirement of a permit, not even a negated one, and satisfies every forbid.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

import msgspec
from msgspec import Struct

from pocketward.kernel.errors import PocketwardError

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_NODES = 2_000
MAX_RULES = 200
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)

DAY = 24 * 3600
ROLES = (
    "owner", "privacy_officer", "security_officer", "it_lead", "compliance_lead",
    "clinician", "scheduler", "billing", "auditor", "service_technician",
)  # fmt: skip
RESOURCES = ("notes", "calendar", "billing")
# Enumerated facts and their values; None: any id. "unknown" is not a value: nothing can be permitted by it.
ENUMS: dict[str, tuple[str, ...] | None] = {
    "posture": ("compliant", "not-compliant"),
    "strength": ("passkey", "passkey_synced", "totp", "device", "link", "demo"),
    "ownership": ("practice", "personal"),
    "device_kind": ("iphone", "ipad", "android", "other"),
    "certificate": ("valid", "held", "revoked", "expired", "none"),
    "method": ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"),
    "network": None,
}
FLAGS = ("phishing_resistant", "shared", "own_device", "session_on_device")
# Numbers and the largest limit they may be compared with, in seconds.
NUMBERS = {"sign_in_age": 30 * DAY, "heard_age": 90 * DAY, "session_left": 30 * DAY}
CHECK_RESULTS = ("pass", "fail", "not_applicable")


class RulesRefused(PocketwardError):
    """The access rules cannot be used; nothing is allowed until they can."""

    code = "gate.rules_refused"
    sentence = "The access rules cannot be read."
    advice = "Restore the last saved version of the access rules."


class _Node(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, tag_field="test"):
    """A condition."""


class Is(_Node, frozen=True, gc=False, tag="is"):
    """The enumerated fact is known and one of `values`."""

    fact: str
    values: tuple[str, ...]


class Flag(_Node, frozen=True, gc=False, tag="flag"):
    """The boolean fact is known and equals `value`."""

    fact: str
    value: bool = True


class AtMost(_Node, frozen=True, gc=False, tag="at_most"):
    """The number is known and at most `limit` (seconds)."""

    fact: str
    limit: int


class AtLeast(_Node, frozen=True, gc=False, tag="at_least"):
    """The number is known and at least `limit` (seconds)."""

    fact: str
    limit: int


class Check(_Node, frozen=True, gc=False, tag="check"):
    """The device's check of this id is present and its result is one of `values`."""

    check: str
    values: tuple[str, ...] = ("pass",)


class Every(_Node, frozen=True, gc=False, tag="every"):
    """All of them; of none, true."""

    of: tuple[Condition, ...]


class AnyOf(_Node, frozen=True, gc=False, tag="any"):
    """At least one of them; of none, false."""

    of: tuple[Condition, ...]


class Not(_Node, frozen=True, gc=False, tag="not"):
    """Known not to hold."""

    of: Condition


Literal = Is | Flag | AtMost | AtLeast | Check
Condition = Union[Is, Flag, AtMost, AtLeast, Check, Every, AnyOf, Not]  # noqa: UP007 - names above are forward


class Permit(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Holders of one of `roles` may open `resources` when the condition holds."""

    id: str
    roles: tuple[str, ...]
    resources: tuple[str, ...]
    when: Condition


class Forbid(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Refused whenever the condition may hold; no permit overrides it."""

    id: str
    when: Condition


class Ruleset(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """All access rules of a practice. The empty one refuses everything."""

    version: int = 1
    permits: tuple[Permit, ...] = ()
    forbids: tuple[Forbid, ...] = ()


@dataclass(frozen=True)
class MatrixRow:
    """One role and one resource, and the permits that open it."""

    role: str
    resource: str
    permits: tuple[str, ...]


def policy_digest(body: bytes) -> str:
    """The name of a rule set: SHA-256 of its exact bytes, lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def write_rules(ruleset: Ruleset) -> bytes:
    """The rule set as JSON, after the same validation as reading; RulesRefused says what is wrong."""
    _validate(ruleset)
    return msgspec.json.encode(ruleset)


def read_rules(body: bytes) -> Ruleset:
    """The rule set in these bytes; RulesRefused for anything unknown, too large or too deep."""
    if len(body) > MAX_BYTES:
        raise RulesRefused(f"The access rules are larger than {MAX_BYTES} bytes.")
    if _nesting(body) > 2 * MAX_DEPTH + 6:
        raise RulesRefused(f"The access rules nest deeper than {MAX_DEPTH} conditions.")
    try:
        ruleset = msgspec.json.decode(body, type=Ruleset)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RulesRefused(f"The access rules cannot be read: {error}.") from error
    _validate(ruleset)
    return ruleset


def _nesting(body: bytes) -> int:
    """The deepest bracket level, strings included: an upper bound, found before a decoder recurses."""
    depth = deepest = 0
    for byte in body:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _validate(ruleset: Ruleset) -> None:
    if ruleset.version != 1:
        raise RulesRefused(f"Access rules of version {ruleset.version} are not known here.")
    rules: list[Permit | Forbid] = [*ruleset.permits, *ruleset.forbids]
    if len(rules) > MAX_RULES:
        raise RulesRefused(f"There are more than {MAX_RULES} access rules.")
    ids = [rule.id for rule in rules]
    if len(set(ids)) != len(ids):
        raise RulesRefused("Two access rules have the same id.")
    for rule_id in ids:
        _identifier(rule_id)
    for permit in ruleset.permits:
        _within(permit.id, permit.roles, ROLES)
        _within(permit.id, permit.resources, RESOURCES)
    if sum(_walk(rule.when) for rule in rules) > MAX_NODES:
        raise RulesRefused(f"The access rules hold more than {MAX_NODES} conditions.")


def _walk(condition: Condition, depth: int = 1) -> int:
    """Validate a condition; how many nodes it has."""
    if depth > MAX_DEPTH:
        raise RulesRefused(f"The access rules nest deeper than {MAX_DEPTH} conditions.")
    if isinstance(condition, Every | AnyOf):
        return 1 + sum(_walk(part, depth + 1) for part in condition.of)
    if isinstance(condition, Not):
        return 1 + _walk(condition.of, depth + 1)
    _literal(condition)
    return 1


def _literal(literal: Literal) -> None:
    match literal:
        case Is(fact=fact, values=values):
            if fact not in ENUMS:
                raise RulesRefused(f"There is no fact called {fact[:64]!r} with named values.")
            allowed = ENUMS[fact]
            if allowed is None:
                _identifiers(values)
            else:
                _within(fact, values, allowed)
        case Flag(fact=fact):
            if fact not in FLAGS:
                raise RulesRefused(f"There is no yes-or-no fact called {fact[:64]!r}.")
        case AtMost(fact=fact, limit=limit) | AtLeast(fact=fact, limit=limit):
            if fact not in NUMBERS:
                raise RulesRefused(f"There is no number called {fact[:64]!r}.")
            if not 0 <= limit <= NUMBERS[fact]:
                raise RulesRefused(f"{fact} can be compared with 0 to {NUMBERS[fact]} seconds.")
        case Check(check=check, values=values):
            _identifier(check)
            _within(check, values, CHECK_RESULTS)


def _within(place: str, values: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    if not values:
        raise RulesRefused(f"{place} names no value.")
    for value in values:
        if value not in allowed:
            raise RulesRefused(f"{place} cannot be {value[:64]!r}; it is one of: {', '.join(allowed)}.")


def _identifiers(values: tuple[str, ...]) -> None:
    if not 1 <= len(values) <= 64:
        raise RulesRefused("A list of ids holds 1 to 64 of them.")
    for value in values:
        _identifier(value)


def _identifier(text: str) -> None:
    if not IDENTIFIER.fullmatch(text):
        raise RulesRefused(f"{text[:64]!r} is not an id: letters a-z, digits, and _ . - inside.")


def literals(condition: Condition) -> Iterator[Literal]:
    """Every comparison in a condition, left to right."""
    if isinstance(condition, Every | AnyOf):
        for part in condition.of:
            yield from literals(part)
    elif isinstance(condition, Not):
        yield from literals(condition.of)
    else:
        yield condition


def matrix(ruleset: Ruleset) -> tuple[MatrixRow, ...]:
    """Who may open what, for every role and resource; an empty `permits` means never."""
    return tuple(
        MatrixRow(
            role,
            resource,
            tuple(p.id for p in ruleset.permits if role in p.roles and resource in p.resources),
        )
        for role in ROLES
        for resource in RESOURCES
    )


def default_rules(*, heard_within: int = 36 * 3600, signed_in_within: int = 12 * 3600) -> Ruleset:
    """What a new practice starts with; ages in seconds.

    Clinicians open notes and calendar, schedulers the calendar, billing staff billing: from an enrolled
    device that is healthy, was heard from lately and is their own or shared, after a passkey sign-in.
    """
    when = Every(
        (
            Flag("phishing_resistant"),
            AtMost("sign_in_age", signed_in_within),
            Is("posture", ("compliant",)),
            AtMost("heard_age", heard_within),
            Flag("own_device"),
        )
    )
    return Ruleset(
        permits=(
            Permit("clinician-records", ("clinician",), ("notes", "calendar"), when),
            Permit("scheduler-calendar", ("scheduler",), ("calendar",), when),
            Permit("billing-accounts", ("billing",), ("billing",), when),
        )
    )
