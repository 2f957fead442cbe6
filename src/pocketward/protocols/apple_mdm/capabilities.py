"""What may be done to a device and seen of it, computed from the facts and the enrollment, never from a list.

The same answer drives which buttons exist, what the person is told before enrolling, and which commands the
queue accepts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pocketward.protocols.apple_mdm.fact_records import KeyFact, Rule, Thing, load_things
from pocketward.protocols.apple_mdm.validation import (
    EnrollmentKind,
    Situation,
    reply_facts,
    rule_problems,
    situation_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCapability:
    """One command: whether it can work on such a device, and if not, the codes that say why."""

    request_type: str
    possible: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """All commands, and all facts by "Command.Key": those the device may tell and those it never will."""

    commands: tuple[CommandCapability, ...]
    visible: tuple[str, ...]
    hidden: tuple[str, ...]
    payload_types: tuple[str, ...]

    def may(self, request_type: str) -> bool:
        """Whether the command can work; False for names nobody knows."""
        return any(item.possible for item in self.commands if item.request_type == request_type)

    def why_not(self, request_type: str) -> tuple[str, ...]:
        """The codes against a command; empty when it can work."""
        for item in self.commands:
            if item.request_type == request_type:
                return item.reasons
        return ("unknown_command",)

    def sees(self, request_type: str, key: str) -> bool:
        """Whether the device may answer this key to this command."""
        return f"{request_type}.{key}" in self.visible


def command_names() -> tuple[str, ...]:
    """Every command that exists on an iPhone or iPad, by name."""
    return tuple(
        sorted(name for name, things in load_things("commands").items() if not things[0].rule.absent)
    )


def device_information_queries(
    enrollment_kind: EnrollmentKind,
    supervised: bool | None,
    *,
    access_rights: int | None = None,
    os_version: str | None = None,
    shared: bool = False,
) -> tuple[str, ...]:
    """What DeviceInformation may be asked of such a device, in Apple's order."""
    situation = situation_of(os_version, supervised, enrollment_kind, access_rights, shared)
    queries = load_things("commands")["DeviceInformation"][0].key("Queries")
    names = queries.keys[0].keys if queries else ()
    return tuple(query.name for query in names if not rule_problems(query.rule, situation))


def capabilities(
    enrollment_kind: EnrollmentKind,
    supervised: bool | None,
    *,
    access_rights: int | None = None,
    os_version: str | None = None,
    shared: bool = False,
) -> Capabilities:
    """What is possible with such an enrollment. Supervision not known counts as not supervised."""
    situation = situation_of(os_version, bool(supervised), enrollment_kind, access_rights, shared)
    things = [load_things("commands")[name][0] for name in command_names()]
    commands = tuple(_command(thing, situation) for thing in things)
    possible = {item.request_type for item in commands if item.possible}
    visible: list[str] = []
    hidden: list[str] = []
    for thing in things:
        for name, may in _answers(thing, situation):
            (visible if may and thing.name in possible else hidden).append(f"{thing.name}.{name}")
    return Capabilities(
        commands=commands,
        visible=tuple(visible),
        hidden=tuple(hidden),
        payload_types=_payload_types(situation),
    )


def _command(thing: Thing, situation: Situation) -> CommandCapability:
    reasons = tuple(code for code, severity in rule_problems(thing.rule, situation) if severity == "error")
    return CommandCapability(request_type=thing.name, possible=not reasons, reasons=reasons)


def _answers(thing: Thing, situation: Situation) -> Iterator[tuple[str, bool]]:
    """The facts a reply may hold: what is inside its one container, or its keys when there is none."""
    for fact in reply_facts(thing):
        if fact.rule.absent:
            continue
        for leaf in _inside(fact):
            if not leaf.rule.absent:
                yield leaf.name, not rule_problems(leaf.rule, situation)


def _inside(fact: KeyFact) -> tuple[KeyFact, ...]:
    """A dictionary's or list's inner keys, skipping levels whose names stand for any name."""
    inner = fact.keys
    while len(inner) == 1 and inner[0].keys and (fact.kind == "array" or inner[0].is_wildcard):
        fact, inner = inner[0], inner[0].keys
    return inner if inner and not inner[0].is_wildcard and fact.kind == "dictionary" else (fact,)


def _payload_types(situation: Situation) -> tuple[str, ...]:
    names = []
    for name, things in load_things("profiles").items():
        usable = any(
            not [code for code, severity in rule_problems(thing.rule, situation) if severity == "error"]
            for thing in things
        )
        if usable and name not in ("TopLevel", "CommonPayloadKeys"):
            names.append(name)
    return tuple(sorted(names))


def command_rule(request_type: str) -> Rule:
    """Under which conditions a command exists; KeyError for names nobody knows."""
    return load_things("commands")[request_type][0].rule
