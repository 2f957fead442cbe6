"""What a policy would change, before it is put in force."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pocketward.kernel.plain_yaml import read_yaml
from pocketward.policy.document import read_policy, rules
from pocketward.policy.records import Requirements, Wearer


@dataclass(frozen=True)
class RuleChange:
    """A rule that would change, in words before and after."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True)
class Draft:
    """A policy that is not in force, beside the one that is. Both are texts of the policy file."""

    practice_id: UUID
    standing: str
    text: str

    def changes(self) -> tuple[RuleChange, ...]:
        """The rules that would change, in the order of the catalogue."""
        before, after = read_policy(self.standing), read_policy(self.text)
        return tuple(
            RuleChange(name, rule.sentence(before[name]), rule.sentence(after[name]))
            for name, rule in rules().items()
            if before[name] != after[name]
        )

    def left_out(self) -> tuple[str, ...]:
        """The rules that the text does not name, as what is asked all the same: their defaults, in words."""
        named = read_yaml(self.text)
        return tuple(
            rule.sentence(rule.read(rule.default)) for name, rule in rules().items() if name not in named
        )

    def is_felt_by(self, *, device_kind: str, ownership: str, shared: bool) -> bool:
        """Whether such a device is asked something else, or gets another profile."""
        wearer = Wearer(device_kind, ownership, shared)
        return asked(self.standing, wearer) != asked(self.text, wearer) or payloads(
            self.standing, wearer
        ) != payloads(self.text, wearer)

    def requirements(self, *, device_kind: str, ownership: str, shared: bool) -> Requirements:
        """What the draft would ask of such a device."""
        return asked(self.text, Wearer(device_kind, ownership, shared))


def asked(text: str, wearer: Wearer) -> Requirements:
    """What the policy in this text asks of such a device."""
    settings = read_policy(text)
    fields: dict[str, object] = {}
    for name, rule in rules().items():
        fields |= rule.require(settings[name], wearer)
    return Requirements(**fields)  # type: ignore[arg-type]


def payloads(text: str, wearer: Wearer) -> tuple[object, ...]:
    """The Apple payloads that the policy in this text means for such a device."""
    settings = read_policy(text)
    return tuple(pair for name, rule in rules().items() for pair in rule.apple(settings[name], wearer))
