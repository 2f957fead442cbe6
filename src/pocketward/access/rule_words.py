"""The access rules in words: who may open what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pocketward.gate.language import AnyOf, AtLeast, AtMost, Check, Condition, Every, Flag, Is, Not, Ruleset

_VALUES: Final = {
    ("posture", "compliant"): "the device passed its checks",
    ("posture", "not-compliant"): "the device failed a check",
    ("ownership", "practice"): "the device belongs to the practice",
    ("ownership", "personal"): "the device is personal",
    ("certificate", "valid"): "the device’s certificate counts",
}
_FLAGS: Final = {
    "phishing_resistant": "they signed in with a passkey",
    "shared": "the device is shared",
    "own_device": "the device is theirs or shared",
    "session_on_device": "the session began on this device",
}
_NUMBERS: Final = {
    "sign_in_age": "they signed in {limit} ago {side}",
    "heard_age": "the device was heard from {limit} ago {side}",
    "session_left": "the session still lasts {limit} {side}",
}


@dataclass(frozen=True)
class RuleWords:
    """One rule: its id, the roles and resources of a permit (none for a forbid), and each condition."""

    id: str
    roles: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]

    @property
    def forbids(self) -> bool:
        """Whether it refuses instead of opening."""
        return not self.roles


def rules_in_words(ruleset: Ruleset) -> tuple[RuleWords, ...]:
    """Permits, then forbids."""
    permits = (RuleWords(item.id, item.roles, item.resources, _parts(item.when)) for item in ruleset.permits)
    forbids = (RuleWords(item.id, (), (), _parts(item.when)) for item in ruleset.forbids)
    return (*permits, *forbids)


def _parts(condition: Condition) -> tuple[str, ...]:
    return tuple(_say(part) for part in condition.of) if isinstance(condition, Every) else (_say(condition),)


def _say(condition: Condition) -> str:
    match condition:
        case Every(of=parts):
            return " and ".join(_say(part) for part in parts) or "always"
        case AnyOf(of=parts):
            return " or ".join(_say(part) for part in parts) or "never"
        case Not(of=part):
            return f"it is known not to be so that {_say(part)}"
        case Flag(fact=fact, value=value):
            return _FLAGS[fact] if value else f"it is known not to be so that {_FLAGS[fact]}"
        case Is(fact=fact, values=values):
            return " or ".join(
                _VALUES.get((fact, one), f"{fact.replace('_', ' ')} is {one}") for one in values
            )
        case AtMost(fact=fact, limit=limit):
            return _NUMBERS[fact].format(limit=_span(limit), side="at most")
        case AtLeast(fact=fact, limit=limit):
            return _NUMBERS[fact].format(limit=_span(limit), side="at least")
        case Check(check=check, values=values):
            return f"the check {check.replace('_', ' ')} says {' or '.join(values).replace('_', ' ')}"


def _span(seconds: int) -> str:
    """36 hours; 45 minutes."""
    for size, word in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0 and seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count != 1 else ''}"
    return f"{seconds} seconds"
