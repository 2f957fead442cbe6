"""When nothing permits: which permit is nearest, and what exactly is missing for it."""

from __future__ import annotations

from collections.abc import Iterable

from pocketward.gate.inputs import Inputs
from pocketward.gate.language import (
    AnyOf,
    AtLeast,
    AtMost,
    Check,
    Condition,
    Every,
    Flag,
    Is,
    Literal,
    Not,
    Permit,
    Ruleset,
)

# What it costs, in minutes, to make a fact right; what needs another person costs most.
COSTS = {
    "phishing_resistant": 1, "strength": 1, "sign_in_age": 1, "session_left": 1, "session_on_device": 1,
    "heard_age": 3, "posture": 10, "network": 15, "certificate": 30, "own_device": 60, "shared": 120,
    "ownership": 120, "device_kind": 120, "method": 120,
}  # fmt: skip
CHECK_COST = 10
ROLE_COST = 1_000

Missing = tuple[tuple[Literal, bool], ...]


def surely_holds(literal: Literal, negated: bool, inputs: Inputs, checks: dict[str, str]) -> bool:
    """Whether a comparison (or its negation) is known to hold; what is not known does neither."""
    if isinstance(literal, Check):
        value: object = checks.get(literal.check)
    else:
        value = getattr(inputs, literal.fact)
    if value is None:
        return False
    match literal:
        case Flag(value=wanted):
            holds = value is wanted
        case Is(values=values) | Check(values=values):
            holds = value in values
        case AtMost(limit=limit):
            holds = isinstance(value, int) and value <= limit
        case AtLeast(limit=limit):
            holds = isinstance(value, int) and value >= limit
    return holds is not negated


def missing_for(
    condition: Condition, inputs: Inputs, checks: dict[str, str], negated: bool = False
) -> tuple[int, Missing] | None:
    """The cheapest set of comparisons still missing, with its cost; None when nothing could ever help."""
    if isinstance(condition, Not):
        return missing_for(condition.of, inputs, checks, not negated)
    if isinstance(condition, Every | AnyOf):
        parts = [missing_for(part, inputs, checks, negated) for part in condition.of]
        if isinstance(condition, Every) != negated:
            return _all_of(parts)
        return min((part for part in parts if part is not None), key=lambda part: part[0], default=None)
    if surely_holds(condition, negated, inputs, checks):
        return 0, ()
    cost = CHECK_COST if isinstance(condition, Check) else COSTS[condition.fact]
    return cost, ((condition, negated),)


def _all_of(parts: Iterable[tuple[int, Missing] | None]) -> tuple[int, Missing] | None:
    cost, missing = 0, []
    for part in parts:
        if part is None:
            return None
        cost += part[0]
        missing += [item for item in part[1] if item not in missing]
    return cost, tuple(missing)


def nearest_permit(
    ruleset: Ruleset, resource: str, inputs: Inputs, checks: dict[str, str], *, is_person_known: bool
) -> tuple[Permit | None, bool, Missing]:
    """The permit that takes least to satisfy, whether its role is missing, and what else is.

    A role counts as missing only when the person is known: until then signing in may bring it.
    """
    best: tuple[int, Permit, bool, Missing] | None = None
    for permit in ruleset.permits:
        if resource not in permit.resources:
            continue
        found = missing_for(permit.when, inputs, checks)
        if found is None:
            continue
        lacks_role = is_person_known and not any(role in inputs.roles for role in permit.roles)
        cost = found[0] + (ROLE_COST if lacks_role else 0)
        if best is None or cost < best[0]:
            best = cost, permit, lacks_role, found[1]
    return (None, False, ()) if best is None else best[1:]
