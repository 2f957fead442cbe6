"""The access language: strict reading, bounded size, and a compiler that agrees with a plain interpreter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.gate.compiler import compile_rules
from pocketward.gate.inputs import Inputs
from pocketward.gate.language import (
    ENUMS,
    FLAGS,
    MAX_DEPTH,
    NUMBERS,
    RESOURCES,
    ROLES,
    AnyOf,
    AtLeast,
    AtMost,
    Check,
    Condition,
    Every,
    Flag,
    Forbid,
    Is,
    Not,
    Permit,
    Ruleset,
    RulesRefused,
    default_rules,
    matrix,
    policy_digest,
    read_rules,
    write_rules,
)
from pocketward.gate.nearest import missing_for

CHECK_IDS = ("passcode_set", "os_patched")
RESULTS = ("pass", "fail", "not_applicable")
LIMITS = (0, 60, 3600)


def literals() -> st.SearchStrategy[Condition]:
    """Comparisons of every kind."""
    named = [fact for fact, values in ENUMS.items() if values]
    return st.one_of(
        st.sampled_from(named).flatmap(
            lambda fact: st.lists(st.sampled_from(ENUMS[fact] or ("x",)), min_size=1, max_size=3).map(
                lambda values: Is(fact, tuple(values))
            )
        ),
        st.builds(Flag, st.sampled_from(FLAGS), st.booleans()),
        st.builds(AtMost, st.sampled_from(sorted(NUMBERS)), st.sampled_from(LIMITS)),
        st.builds(AtLeast, st.sampled_from(sorted(NUMBERS)), st.sampled_from(LIMITS)),
        st.builds(Check, st.sampled_from(CHECK_IDS), st.just(("pass",))),
    )


def conditions() -> st.SearchStrategy[Condition]:
    """Trees of a few comparisons."""
    return st.recursive(
        literals(),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda of: Every(tuple(of))),
            st.lists(inner, max_size=3).map(lambda of: AnyOf(tuple(of))),
            inner.map(Not),
        ),
        max_leaves=6,
    )


def rulesets() -> st.SearchStrategy[Ruleset]:
    """Small rule sets."""
    permits = st.lists(
        st.tuples(st.sampled_from(ROLES), st.sampled_from(RESOURCES), conditions()), max_size=4
    ).map(
        lambda rows: tuple(
            Permit(f"p{number}", (role,), (resource,), when)
            for number, (role, resource, when) in enumerate(rows)
        )
    )
    forbids = st.lists(conditions(), max_size=2).map(
        lambda rows: tuple(Forbid(f"f{number}", when) for number, when in enumerate(rows))
    )
    return st.builds(lambda p, f: Ruleset(permits=p, forbids=f), permits, forbids)


def inputs() -> st.SearchStrategy[Inputs]:
    """Facts, each of which may be unknown."""
    number = st.one_of(st.none(), st.sampled_from((0, 59, 60, 61, 3600, 3601)))
    flag = st.one_of(st.none(), st.booleans())
    named: dict[str, Any] = {
        fact: st.one_of(st.none(), st.sampled_from(values or ("lab", "elsewhere")))
        for fact, values in ENUMS.items()
    }
    return st.builds(
        Inputs,
        roles=st.lists(st.sampled_from(ROLES), max_size=2).map(tuple),
        **named,
        **dict.fromkeys(FLAGS, flag),
        **dict.fromkeys(NUMBERS, number),
    )


CHECKS = st.dictionaries(st.sampled_from(CHECK_IDS), st.sampled_from(RESULTS))


def known(condition: Condition, facts: Inputs, checks: dict[str, str]) -> bool | None:
    """The plain three-valued meaning (Kleene): True, False, or None for not known."""
    match condition:
        case Not(of=of):
            inner = known(of, facts, checks)
            return None if inner is None else not inner
        case Every(of=parts):
            found = [known(part, facts, checks) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(of=parts):
            found = [known(part, facts, checks) for part in parts]
            return True if True in found else None if None in found else False
        case Check(check=check, values=values):
            return checks[check] in values if check in checks else None
    value = getattr(facts, condition.fact)
    if value is None:
        return None
    match condition:
        case Is(values=values):
            return value in values
        case Flag(value=wanted):
            return bool(value) is wanted
        case AtMost(limit=limit):
            return bool(value <= limit)
        case AtLeast(limit=limit):
            return bool(value >= limit)


@given(rulesets())
@settings(max_examples=150, deadline=None)
def test_rules_survive_the_round_trip(ruleset: Ruleset) -> None:
    assert read_rules(write_rules(ruleset)) == ruleset


@given(rulesets(), inputs(), CHECKS)
@settings(max_examples=200, deadline=None)
def test_the_compiled_function_means_what_the_tree_means(
    ruleset: Ruleset, facts: Inputs, checks: dict[str, str]
) -> None:
    compiled = compile_rules(ruleset)
    for resource in RESOURCES:
        expected = next(
            (
                permit.id
                for permit in ruleset.permits
                if resource in permit.resources
                and any(role in facts.roles for role in permit.roles)
                and known(permit.when, facts, checks) is True
            ),
            None,
        )
        assert compiled.permit[resource](facts, checks) == expected
    hits = tuple(rule.id for rule in ruleset.forbids if known(rule.when, facts, checks) is not False)
    assert compiled.forbid(facts, checks) == hits


@given(conditions(), inputs(), CHECKS)
@settings(max_examples=200, deadline=None)
def test_nothing_is_missing_exactly_when_the_condition_holds(
    condition: Condition, facts: Inputs, checks: dict[str, str]
) -> None:
    found = missing_for(condition, facts, checks)
    holds = known(condition, facts, checks) is True
    assert holds == (found is not None and not found[1])


@given(conditions())
@settings(max_examples=100, deadline=None)
def test_a_fact_that_is_not_known_satisfies_no_requirement(condition: Condition) -> None:
    compiled = compile_rules(Ruleset(permits=(Permit("p", ("owner",), ("notes",), condition),)))
    nothing = Inputs(roles=("owner",))
    allowed = compiled.permit["notes"](nothing, {}) is not None
    assert allowed == (known(condition, nothing, {}) is True)
    assert compile_rules(Ruleset()).permit["notes"](nothing, {}) is None


def test_an_unknown_fact_cannot_slip_past_a_forbid() -> None:
    compiled = compile_rules(Ruleset(forbids=(Forbid("no-personal", Is("ownership", ("personal",))),)))
    assert compiled.forbid(Inputs(), {}) == ("no-personal",)
    assert compiled.forbid(Inputs(ownership="practice"), {}) == ()


def test_unknown_is_not_a_value_that_a_rule_can_permit() -> None:
    with pytest.raises(RulesRefused):
        write_rules(_with(Is("posture", ("unknown",))))
    with pytest.raises(RulesRefused):
        write_rules(_with(Check("passcode_set", ("unknown",))))


@pytest.mark.parametrize(
    "condition",
    [
        Is("favorite_color", ("blue",)),
        Is("posture", ()),
        Is("network", ("Robert'); DROP TABLE",)),
        Flag("posture"),
        AtMost("sign_in_age", -1),
        AtMost("sign_in_age", 10**9),
        AtMost("height", 1),
        Check("Pass Code", ("pass",)),
        Check("__import__('os')", ("pass",)),
    ],
)
def test_what_is_outside_the_closed_set_is_refused(condition: Condition) -> None:
    with pytest.raises(RulesRefused):
        write_rules(_with(condition))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"version":2}',
        b'{"version":1,"surprise":true}',
        b'{"permits":[{"id":"a","roles":["clinician"],"resources":["notes"],"when":{"test":"eval"}}]}',
        b'{"permits":[{"id":"a","roles":["king"],"resources":["notes"],"when":{"test":"every","of":[]}}]}',
        b'{"permits":[{"id":"a","roles":[],"resources":["notes"],"when":{"test":"every","of":[]}}]}',
        b'{"permits":[{"id":"a","roles":["owner"],"resources":["all"],"when":{"test":"every","of":[]}}]}',
        b'{"permits":[{"id":"A b","roles":["owner"],"resources":["notes"],"when":{"test":"every","of":[]}}]}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_or_foreign_document_is_refused(body: bytes) -> None:
    with pytest.raises(RulesRefused):
        read_rules(body)


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused_clearly(body: bytes) -> None:
    try:
        read_rules(body)
    except RulesRefused as refusal:
        assert refusal.sentence


def test_depth_size_and_number_are_limited() -> None:
    deep: Condition = Flag("shared")
    for _ in range(MAX_DEPTH):
        deep = Not(deep)
    with pytest.raises(RulesRefused, match="deeper"):
        write_rules(_with(deep))
    with pytest.raises(RulesRefused, match="deeper"):
        read_rules(b"[" * 10_000 + b"]" * 10_000)
    with pytest.raises(RulesRefused, match="larger"):
        read_rules(b" " * 70_000)
    with pytest.raises(RulesRefused, match="conditions"):
        write_rules(_with(Every(tuple(Flag("shared") for _ in range(2_001)))))
    with pytest.raises(RulesRefused, match="more than"):
        many = tuple(Permit(f"p{n}", ("owner",), ("notes",), Flag("shared")) for n in range(201))
        write_rules(Ruleset(permits=many))


def test_two_rules_cannot_share_an_id() -> None:
    same = Permit("a", ("owner",), ("notes",), Flag("shared"))
    with pytest.raises(RulesRefused, match="same id"):
        write_rules(Ruleset(permits=(same, same)))


def test_the_digest_names_the_exact_bytes() -> None:
    body = write_rules(default_rules())
    spaced = json.dumps(json.loads(body)).encode()
    assert policy_digest(body) != policy_digest(spaced)
    assert compile_rules(default_rules()).digest == policy_digest(body)


def test_the_default_matrix_gives_each_role_only_its_part() -> None:
    opened = {(row.role, row.resource) for row in matrix(default_rules()) if row.permits}
    assert opened == {
        ("clinician", "notes"),
        ("clinician", "calendar"),
        ("scheduler", "calendar"),
        ("billing", "billing"),
    }


def _with(condition: Condition) -> Ruleset:
    return Ruleset(permits=(Permit("p", ("owner",), ("notes",), condition),))
