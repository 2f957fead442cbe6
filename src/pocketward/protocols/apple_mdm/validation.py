"""Holds messages, commands, replies and payloads against Apple's schemas, for one kind of enrollment.

What the schemas call "required" has to be read together with the enrollment: TokenUpdate requires both UDID
and EnrollmentID on paper, yet a User Enrollment has no UDID and every other enrollment has no EnrollmentID.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, Literal

from pocketward.protocols.apple_mdm.fact_records import KeyFact, Rule, Thing, load_things, parse_version

EnrollmentKind = Literal["device", "user"]
Severity = Literal["error", "warning"]
MAX_PROBLEMS: Final = 100

_SENTENCES: Final[dict[str, str]] = {
    "unknown_command": "Apple describes no command of this name.",
    "unknown_message": "Apple describes no check-in message of this name.",
    "unknown_payload": "Apple describes no payload of this type.",
    "not_on_ios": "This exists on other systems, not on iPhone and iPad.",
    "needs_newer_os": "This needs a newer iOS than the device has.",
    "removed_in_os": "The device's iOS no longer has this.",
    "needs_supervision": "This needs a supervised device.",
    "forbidden_in_user_enrollment": "This is not available under User Enrollment.",
    "ignored_in_user_enrollment": "A device under User Enrollment ignores this.",
    "forbidden_on_shared_ipad": "This is not available on a Shared iPad.",
    "ignored_on_shared_ipad": "A Shared iPad ignores this.",
    "needs_shared_ipad": "This exists on a Shared iPad only.",
    "needs_access_right": "The enrollment was made without the right to do this.",
    "missing_key": "A key that must be there is missing.",
    "unknown_key": "Apple describes no key of this name here.",
    "wrong_type": "The value is of the wrong type.",
    "out_of_range": "The value is outside the range Apple allows.",
    "not_a_choice": "The value is none of those Apple allows.",
}
_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "real": (float, int),
    "data": bytes,
    "date": datetime,
    "dictionary": Mapping,
    "array": (list, tuple),
    "any": object,
}
# What a phone sends may be newer than our facts; what we send may not.
_SOFT_IN_REPLIES: Final = ("unknown_key", "not_a_choice", "out_of_range", "unknown_message")
_ENVELOPE: Final = ("RequestType",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong: a stable code, where ("Settings[0].Item"), a sentence, and how bad."""

    code: str
    path: str
    sentence: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The device and enrollment that something is held against; None means not known, and is not judged."""

    os_version: tuple[int, ...] | None
    supervised: bool | None
    user_enrollment: bool
    access_rights: int | None = None
    shared: bool = False


@dataclass(slots=True)
class _Findings:
    situation: Situation
    from_device: bool = False
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, path: str, severity: Severity = "error") -> None:
        if len(self.problems) < MAX_PROBLEMS:
            soft = self.from_device and code in _SOFT_IN_REPLIES
            found = Problem(
                code=code, path=path, sentence=_SENTENCES[code], severity="warning" if soft else severity
            )
            self.problems.append(found)


def situation_of(
    os_version: str | None,
    supervised: bool | None,
    enrollment_kind: EnrollmentKind,
    access_rights: int | None = None,
    shared: bool = False,
) -> Situation:
    """The situation in the words of the public functions; an unreadable version counts as not known."""
    try:
        version = parse_version(os_version) if os_version else None
    except ValueError:
        version = None
    return Situation(
        os_version=version,
        supervised=supervised,
        user_enrollment=enrollment_kind == "user",
        access_rights=access_rights,
        shared=shared,
    )


def rule_problems(rule: Rule, situation: Situation) -> tuple[tuple[str, Severity], ...]:
    """Codes that say why something under this rule cannot be used in this situation."""
    if rule.absent:
        return (("not_on_ios", "error"),)
    found: list[tuple[str, Severity]] = []
    version = situation.os_version
    if version is not None and rule.introduced is not None and version < rule.introduced:
        found.append(("needs_newer_os", "error"))
    if version is not None and rule.removed is not None and version >= rule.removed:
        found.append(("removed_in_os", "error"))
    if rule.supervised and situation.supervised is False:
        found.append(("needs_supervision", "error"))
    if situation.user_enrollment and rule.user_mode == "forbidden":
        found.append(("forbidden_in_user_enrollment", "error"))
    if situation.user_enrollment and rule.user_mode == "ignored":
        found.append(("ignored_in_user_enrollment", "warning"))
    found += _shared_problems(rule, situation)
    rights = situation.access_rights
    # A User Enrollment ignores AccessRights (Apple, "MDM" payload): what it may do is fixed by its kind.
    if rights is not None and rule.right is not None and not situation.user_enrollment:
        found += [] if rights & rule.right else [("needs_access_right", "error")]
    return tuple(found)


def _shared_problems(rule: Rule, situation: Situation) -> list[tuple[str, Severity]]:
    if not situation.shared:
        return [("needs_shared_ipad", "error")] if rule.shared_mode == "required" else []
    if rule.shared_mode == "forbidden":
        return [("forbidden_on_shared_ipad", "error")]
    return [("ignored_on_shared_ipad", "warning")] if rule.shared_mode == "ignored" else []


def _is_required(fact: KeyFact, situation: Situation) -> bool:
    """Whether a key must be there in this situation (not on paper)."""
    if fact.rule.user_mode == "required":
        return situation.user_enrollment
    if not fact.required or fact.is_wildcard:
        return False
    return not rule_problems(fact.rule, situation)


def _check_dictionary(
    content: Mapping[str, Any], facts: Sequence[KeyFact], path: str, findings: _Findings
) -> None:
    by_name = {fact.name: fact for fact in facts if not fact.is_wildcard}
    wildcard = next((fact for fact in facts if fact.is_wildcard), None)
    for name, value in content.items():
        fact = by_name.get(name, wildcard)
        where = f"{path}.{name}" if path else name
        if fact is None:
            findings.add("unknown_key", where)
        else:
            _check_value(value, fact, where, findings)
    for fact in facts:
        if fact.name not in content and _is_required(fact, findings.situation):
            findings.add("missing_key", f"{path}.{fact.name}" if path else fact.name)


def _check_value(value: Any, fact: KeyFact, path: str, findings: _Findings) -> None:
    conditions = rule_problems(fact.rule, findings.situation)
    for code, severity in conditions:
        findings.add(code, path, severity)
    if fact.rule.absent:
        return
    if not _has_type(value, fact.kind):
        findings.add("wrong_type", path)
        return
    if isinstance(value, Mapping):
        if fact.keys:
            _check_dictionary(value, fact.keys, path, findings)
    elif isinstance(value, list | tuple):
        _check_items(value, fact, path, findings)
    else:
        _check_scalar(value, fact, path, findings)


def _has_type(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind in ("boolean", "any")
    return isinstance(value, _TYPES.get(kind, object))


def _check_scalar(value: Any, fact: KeyFact, path: str, findings: _Findings) -> None:
    if fact.choices and value not in fact.choices:
        findings.add("not_a_choice", path)
    if isinstance(value, int | float) and not isinstance(value, bool):
        below = fact.low is not None and value < fact.low
        above = fact.high is not None and value > fact.high
        if below or above:
            findings.add("out_of_range", path)
    if isinstance(value, str) and fact.keys:
        _check_named_choice(value, fact, path, findings)


def _check_named_choice(value: str, fact: KeyFact, path: str, findings: _Findings) -> None:
    """A text that must be one of several names, each with a rule: the queries of DeviceInformation.

    A phone leaves out what it may not say, so asking for it is a warning, not an error.
    """
    choice = next((item for item in fact.keys if item.name == value), None)
    if choice is None:
        findings.add("not_a_choice", path)
        return
    for code, _ in rule_problems(choice.rule, findings.situation):
        findings.add(code, path, "warning")


def _check_items(value: Sequence[Any], fact: KeyFact, path: str, findings: _Findings) -> None:
    for position, item in enumerate(value):
        alternative = _alternative(item, fact.keys)
        if alternative is not None:
            _check_value(item, alternative, f"{path}[{position}]", findings)
        elif fact.keys:
            findings.add("not_a_choice", f"{path}[{position}]")
    for item_fact in fact.keys:
        few = item_fact.fewest is not None and len(value) < item_fact.fewest
        many = item_fact.most is not None and len(value) > item_fact.most
        if few or many:
            findings.add("out_of_range", path)


def _alternative(item: Any, facts: Sequence[KeyFact]) -> KeyFact | None:
    """Which of the described items this is: the only one, or by its constant keys (Settings: "Item")."""
    if len(facts) <= 1:
        return facts[0] if facts else None
    if isinstance(item, Mapping):
        for fact in facts:
            constants = [key for key in fact.keys if len(key.choices) == 1 and key.required]
            if constants and all(item.get(key.name) == key.choices[0] for key in constants):
                return fact
        return None
    return next((fact for fact in facts if _has_type(item, fact.kind)), None)


def _check_thing(thing: Thing, content: Mapping[str, Any], findings: _Findings) -> None:
    for code, severity in rule_problems(thing.rule, findings.situation):
        findings.add(code, "", severity)
    if not thing.rule.absent:
        _check_dictionary(content, thing.keys, "", findings)


def validate_command(
    request_type: str,
    params: Mapping[str, Any],
    *,
    os_version: str | None,
    supervised: bool | None,
    enrollment_kind: EnrollmentKind,
    access_rights: int | None = None,
    shared: bool = False,
) -> tuple[Problem, ...]:
    """Everything wrong with sending this command to such a device; empty when nothing is."""
    situation = situation_of(os_version, supervised, enrollment_kind, access_rights, shared)
    findings = _Findings(situation)
    things = load_things("commands").get(request_type)
    if things is None:
        findings.add("unknown_command", "")
    else:
        content = {key: value for key, value in params.items() if key not in _ENVELOPE}
        _check_thing(things[0], content, findings)
    return tuple(findings.problems)


def validate_reply(
    request_type: str,
    payload: Mapping[str, Any],
    *,
    os_version: str | None,
    supervised: bool | None,
    enrollment_kind: EnrollmentKind,
    shared: bool = False,
) -> tuple[Problem, ...]:
    """Everything in an acknowledged reply that such a device would not say. `payload` is without envelope."""
    situation = situation_of(os_version, supervised, enrollment_kind, None, shared)
    findings = _Findings(situation, from_device=True)
    things = load_things("commands").get(request_type)
    if things is None:
        findings.add("unknown_command", "")
    else:
        _check_dictionary(payload, reply_facts(things[0]), "", findings)
    return tuple(findings.problems)


def reply_facts(thing: Thing) -> tuple[KeyFact, ...]:
    """The keys of a reply; what may be answered to a query has the rule of the query, where it has no own."""
    queries = thing.key("Queries")
    if queries is None or not queries.keys:
        return thing.reply
    rules = {query.name: query.rule for query in queries.keys[0].keys}
    return tuple(_with_query_rules(fact, rules) for fact in thing.reply)


def _with_query_rules(fact: KeyFact, rules: Mapping[str, Rule]) -> KeyFact:
    keys = tuple(replace(key, rule=_merged(key.rule, rules.get(key.name, Rule()))) for key in fact.keys)
    return replace(fact, keys=keys)


def _merged(own: Rule, query: Rule) -> Rule:
    return Rule(**{item.name: getattr(own, item.name) or getattr(query, item.name) for item in fields(Rule)})


def validate_checkin(
    message: Mapping[str, Any],
    *,
    os_version: str | None,
    supervised: bool | None,
    enrollment_kind: EnrollmentKind,
    shared: bool = False,
) -> tuple[Problem, ...]:
    """Everything wrong with a check-in message's dictionary (with its MessageType)."""
    situation = situation_of(os_version, supervised, enrollment_kind, None, shared)
    findings = _Findings(situation, from_device=True)
    things = load_things("checkin").get(str(message.get("MessageType")))
    if things is None:
        findings.add("unknown_message", "MessageType")
    else:
        _check_thing(things[0], message, findings)
    return tuple(findings.problems)


def validate_payload(
    payload_type: str,
    content: Mapping[str, Any],
    *,
    os_version: str | None,
    supervised: bool | None,
    enrollment_kind: EnrollmentKind,
    shared: bool = False,
) -> tuple[Problem, ...]:
    """Everything wrong with one payload and its Payload… keys; "Configuration" stands for the whole profile.

    A type described twice (single sign-on: general and Kerberos) is held against the closer description.
    """
    situation = situation_of(os_version, supervised, enrollment_kind, None, shared)
    profiles = load_things("profiles")
    things = profiles.get("TopLevel" if payload_type == "Configuration" else payload_type)
    if things is None:
        findings = _Findings(situation)
        findings.add("unknown_payload", "")
        return tuple(findings.problems)
    common = profiles["CommonPayloadKeys"][0].keys if payload_type != "Configuration" else ()
    return min((_payload_problems(thing, common, content, situation) for thing in things), key=len)


def _payload_problems(
    thing: Thing, common: tuple[KeyFact, ...], content: Mapping[str, Any], situation: Situation
) -> tuple[Problem, ...]:
    own = {fact.name for fact in thing.keys}
    keys = (*thing.keys, *(fact for fact in common if fact.name not in own))
    findings = _Findings(situation)
    _check_thing(Thing(name=thing.name, rule=thing.rule, keys=keys), content, findings)
    return tuple(findings.problems)
