"""Rule set -> one Python function per resource.

Safe because no text from outside reaches the source: names come from the closed tables of `language`, and
constants are the `repr` of values that validation has already limited to ids, enumerated words and integers.
A generated function is about seven times as fast as closures composed at run time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pocketward.gate.inputs import Inputs
from pocketward.gate.language import (
    ENUMS,
    FLAGS,
    IDENTIFIER,
    NUMBERS,
    RESOURCES,
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
    Ruleset,
    RulesRefused,
    literals,
    policy_digest,
    read_rules,
    write_rules,
)

Checks = dict[str, str]
PermitFunction = Callable[[Inputs, Checks], "str | None"]
ForbidFunction = Callable[[Inputs, Checks], tuple[str, ...]]


@dataclass(frozen=True)
class CompiledRules:
    """A rule set ready to decide: `permit[resource]` names the first permit that opens it, or None.

    `limits`: the seconds each number is compared with anywhere.
    """

    digest: str
    ruleset: Ruleset
    permit: dict[str, PermitFunction]
    forbid: ForbidFunction
    reads_checks: bool
    limits: dict[str, tuple[int, ...]]


def compile_rules(ruleset: Ruleset, digest: str = "") -> CompiledRules:
    """The decision functions of a rule set; RulesRefused when it is not valid.

    `digest` names the exact bytes it was read from; without it, those that `write_rules` makes.
    """
    body = write_rules(ruleset)
    conditions = [rule.when for rule in ruleset.permits] + [rule.when for rule in ruleset.forbids]
    compared = [one for condition in conditions for one in literals(condition)]
    reads_checks = any(isinstance(one, Check) for one in compared)
    limits: dict[str, tuple[int, ...]] = dict.fromkeys(NUMBERS, ())
    for one in compared:
        if isinstance(one, AtMost | AtLeast):
            limits[one.fact] += (one.limit,)
    permit = {resource: _permit_function(ruleset, resource) for resource in RESOURCES}
    return CompiledRules(
        digest or policy_digest(body), ruleset, permit, _forbid_function(ruleset), reads_checks, limits
    )


def compile_body(body: bytes) -> CompiledRules:
    """The decision functions of a stored rule set; RulesRefused when it cannot be read."""
    return compile_rules(read_rules(body), policy_digest(body))


def _define(name: str, lines: list[str]) -> Callable[..., object]:
    source = "\n".join((f"def {name}(f, c):", *(f"    {line}" for line in lines)))
    namespace: dict[str, object] = {"__builtins__": {}}
    exec(compile(source, f"<access rules: {name}>", "exec"), namespace)  # noqa: S102 - see the module's text
    function = namespace[name]
    if not callable(function):
        raise RulesRefused()
    return function


def _permit_function(ruleset: Ruleset, resource: str) -> PermitFunction:
    lines = []
    for permit in ruleset.permits:
        if resource in permit.resources:
            holds_role = " or ".join(f"{_word(role)} in f.roles" for role in permit.roles)
            lines += [f"if ({holds_role}) and {surely(permit.when)}:", f"    return {_word(permit.id)}"]
    return _define(f"permit_{resource}", [*lines, "return None"])  # type: ignore[return-value]


def _forbid_function(ruleset: Ruleset) -> ForbidFunction:
    lines = ["hit = ()"]
    for forbid in ruleset.forbids:
        # What may hold is what does not surely fail: an unknown fact cannot slip past a forbid.
        lines += [f"if not {surely(Not(forbid.when))}:", f"    hit += ({_word(forbid.id)},)"]
    return _define("forbid", [*lines, "return hit"])  # type: ignore[return-value]


def surely(condition: Condition, negated: bool = False) -> str:
    """Source of an expression that is true only when the (negated) condition is known to hold."""
    if isinstance(condition, Not):
        return surely(condition.of, not negated)
    if isinstance(condition, Every | AnyOf):
        parts = [surely(part, negated) for part in condition.of]
        is_every = isinstance(condition, Every) != negated
        if not parts:
            return "True" if is_every else "False"
        return "(" + (" and " if is_every else " or ").join(parts) + ")"
    return _literal(condition, negated)


def _literal(literal: Literal, negated: bool) -> str:
    match literal:
        case Flag(fact=fact, value=value):
            return f"f.{_name(fact, FLAGS)} is {value is not negated}"
        case Is(fact=fact, values=values):
            return _membership(f"f.{_name(fact, ENUMS)}", values, negated)
        case Check(check=check, values=values):
            return _membership(f"c.get({_word(check)})", values, negated)
        case AtMost(fact=fact, limit=limit):
            return _comparison(_name(fact, NUMBERS), ">" if negated else "<=", limit)
        case AtLeast(fact=fact, limit=limit):
            return _comparison(_name(fact, NUMBERS), "<" if negated else ">=", limit)


def _membership(subject: str, values: tuple[str, ...], negated: bool) -> str:
    constants = "".join(f"{_word(value)}, " for value in values)
    if negated:
        return f"({subject} is not None and {subject} not in ({constants}))"
    return f"{subject} in ({constants})"


def _comparison(fact: str, sign: str, limit: int) -> str:
    return f"(f.{fact} is not None and f.{fact} {sign} {int(limit)!r})"


def _name(fact: str, known: object) -> str:
    if fact not in known:  # type: ignore[operator]
        raise RulesRefused(f"There is no fact called {fact[:64]!r}.")
    return fact


def _word(text: str) -> str:
    if not IDENTIFIER.fullmatch(text) and text not in ENUMS["method"]:  # type: ignore[operator]
        raise RulesRefused(f"{text[:64]!r} is not an id.")
    return repr(text)


EMPTY = compile_rules(Ruleset())
