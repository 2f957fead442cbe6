"""The decision: a pure function of the facts and the compiled rules. Deny by default.

In this order: the gate's own faults and a refused client close everything; a lost device, a hold, a lifted
hold that the device has not answered yet and a certificate that does not count close even watched apps; then
the session, the person, failed integrity, forbids; then permits; then emergency access; then the practice's
permit for unenrolled clients. The same facts and rules make the same decision again, on any machine, at any
later time.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pocketward.gate.compiler import CompiledRules
from pocketward.gate.inputs import Inputs, age, checks_of, inputs_of
from pocketward.gate.language import Check, Literal
from pocketward.gate.nearest import missing_for, nearest_permit
from pocketward.gate.reasons import NOT_SIGNED_IN, SESSION_CODES, reasons_for, session_fault
from pocketward.gate.records import (
    BY_OFFICER,
    PHISHING_RESISTANT,
    Decision,
    Facts,
    Outcome,
    Reason,
    StoredDecision,
)

# The first byte of packed facts, so that a later form can be told apart.
FORMAT = b"\x01"
DEVICE_FACTS = frozenset(
    (
        "posture", "heard_age", "own_device", "shared", "ownership", "device_kind", "certificate",
        "session_on_device",
    )
)  # fmt: skip
NOT_CHECKED, EMERGENCY = "not_checked", "emergency"

_facts_encoder = msgspec.msgpack.Encoder()
_facts_decoder = msgspec.msgpack.Decoder(Facts)
_stored_decoder = msgspec.msgpack.Decoder(StoredDecision)


def decide(facts: Facts, rules: CompiledRules, decision_id: str) -> Decision:
    """Decide one request. Pure: no clock, no look-up, no state.

    `rules` must be those that `facts.policy_digest` names; otherwise the answer is a refusal.
    """
    app = facts.app
    mode = "enforce" if app is None else app.mode
    closed = _faults(facts, rules) or _closings(facts)
    if closed:
        return Decision(decision_id, "refuse", closed, "", facts.policy_digest, mode)
    outcome, reasons, rule, obligations = _judge(facts, rules)
    if mode == "watch" and outcome != "allow":
        return Decision(
            decision_id, "allow", reasons, "watch", facts.policy_digest, mode, outcome, obligations
        )
    return Decision(decision_id, outcome, reasons, rule, facts.policy_digest, mode, "", obligations)


def _faults(facts: Facts, rules: CompiledRules) -> tuple[Reason, ...]:
    """What makes the question itself unanswerable."""
    if facts.fault:
        return (Reason(facts.fault, "gate"),)
    if facts.client.kind == "refused":
        return (Reason(facts.client.code, "client"),)
    app = facts.app
    if app is None or not facts.knows_practice:
        return (Reason("app_unknown", "app"),)
    if not facts.resource:
        return (Reason("resource_unknown", "resource"),)
    device = facts.device
    if (device is None) != (facts.client.kind == "unenrolled"):
        return (Reason("certificate_unknown", "client"),)
    if device is not None and device.practice_id != app.practice_id:
        return (Reason("certificate_unknown", "client"),)
    if rules.digest != facts.policy_digest:
        return (Reason("rules_unreadable", "gate"),)
    return ()


def _closings(facts: Facts) -> tuple[Reason, ...]:
    """What closes every app on a device, watched or not, emergency or not."""
    device = facts.device
    if device is None:
        return ()
    is_shut = device.lost or device.hold_ref or device.must_report_since
    if not is_shut and device.certificate_state == "valid":
        return ()
    found = []
    if device.lost:
        found.append(Reason("device_lost", "lost"))
    if device.hold_ref:
        code = "device_closed" if device.hold_ref == BY_OFFICER else "device_held"
        found.append(Reason(code, "hold", device.hold_ref))
    if device.must_report_since and not found:
        # Told only when no hold stands: then it is what is left to wait for.
        since = device.must_report_since
        found.append(Reason("must_report", "must_report_since", age=age(facts.request.at, since), at=since))
    if device.certificate_state != "valid":
        found.append(Reason(f"certificate_{device.certificate_state}", "certificate"))
    return tuple(found)


Verdict = tuple[Outcome, tuple[Reason, ...], str, tuple[str, ...]]


def _judge(facts: Facts, rules: CompiledRules) -> Verdict:
    fault = session_fault(facts)
    if fault is not None:
        # A session that does not count is no session: nothing of it may satisfy a rule.
        facts = msgspec.structs.replace(facts, session=None, person=None, emergency=None)
    inputs = inputs_of(facts)
    checks = checks_of(facts.device) if rules.reads_checks else {}
    bars = _bars(facts, rules, inputs, checks)
    if bars:
        return "refuse", bars, "", ()
    rule = None
    is_quarantined = facts.device is not None and facts.device.quarantine
    if fault is None and not is_quarantined:
        rule = rules.permit[facts.resource](inputs, checks)
        if rule is not None:
            return "allow", (), rule, ()
    if _is_emergency(facts) and facts.emergency is not None:
        return "allow", (), f"emergency:{facts.emergency.grant_id}", (EMERGENCY,)
    if fault is None and _is_permitted_unenrolled(facts, rules, inputs) and facts.permit is not None:
        return "allow", (), f"permit:{facts.permit.permit_id}", (NOT_CHECKED,)
    return _refusal(facts, rules, inputs, fault)


def _bars(facts: Facts, rules: CompiledRules, inputs: Inputs, checks: dict[str, str]) -> tuple[Reason, ...]:
    """What no permit and no emergency overrides."""
    found: list[Reason] = []
    if facts.person is not None and not facts.person.active:
        found.append(Reason("person_inactive", "person"))
    if facts.device is not None:
        for check in facts.device.checks:
            if check.integrity and check.result == "fail":
                found.append(
                    Reason("integrity_failed", f"check.{check.id}", check.code, at=check.observed_at)
                )
    found += [Reason("rule_forbids", "rule", rule) for rule in rules.forbid(inputs, checks)]
    return tuple(found)


def _is_emergency(facts: Facts) -> bool:
    """Whether a running emergency grant is this person's, for this app, on a device we know, by passkey."""
    grant, session, app, at = facts.emergency, facts.session, facts.app, facts.request.at
    if grant is None or session is None or app is None or facts.device is None:
        return False
    is_theirs = grant.member_id == session.member_id and grant.app_id == app.app_id
    is_running = grant.opened_at <= at < grant.expires_at
    is_here = grant.practice_id == app.practice_id
    return is_theirs and is_running and is_here and session.strength in PHISHING_RESISTANT


def _permits_network(facts: Facts) -> bool:
    permit, app, at = facts.permit, facts.app, facts.request.at
    if permit is None or app is None or facts.client.kind != "unenrolled":
        return False
    is_named = permit.app_id == app.app_id and permit.practice_id == app.practice_id
    is_open = not permit.expires_at or at < permit.expires_at
    return is_named and is_open and permit.network == facts.request.network


def _is_permitted_unenrolled(facts: Facts, rules: CompiledRules, inputs: Inputs) -> bool:
    """Whether the practice lets unenrolled clients in here: only what is asked of the device is waived."""
    if not _permits_network(facts) or not inputs.phishing_resistant:
        return False
    for permit in rules.ruleset.permits:
        if facts.resource in permit.resources and any(role in inputs.roles for role in permit.roles):
            found = missing_for(permit.when, inputs, {})
            if found is not None and all(_is_about_device(literal) for literal, _ in found[1]):
                return True
    return False


def _is_about_device(literal: Literal) -> bool:
    return isinstance(literal, Check) or literal.fact in DEVICE_FACTS


def _refusal(facts: Facts, rules: CompiledRules, inputs: Inputs, fault: Reason | None) -> Verdict:
    """Refuse, or ask to sign in (again) when that alone would open; the reasons of the nearest permit."""
    is_known = facts.person is not None
    checks = checks_of(facts.device)
    permit, lacks_role, missing = nearest_permit(
        rules.ruleset, facts.resource, inputs, checks, is_person_known=is_known
    )
    if permit is None:
        return "refuse", (Reason("no_rule", "rule", facts.resource),), "", ()
    waives_device = _permits_network(facts)
    reasons: list[Reason] = [Reason("role_missing", "role", facts.resource)] if lacks_role else []
    for literal, _negated in missing:
        if not (waives_device and _is_about_device(literal)):
            reasons += reasons_for(literal, facts, inputs)
    if facts.device is not None and facts.device.quarantine:
        reasons.insert(0, Reason("quarantined", "quarantine"))
    if fault is not None:
        reasons = [reason for reason in reasons if reason.code != NOT_SIGNED_IN] + [fault]
    found = _ordered(reasons)
    can_sign_in = bool(found) and all(reason.code in SESSION_CODES for reason in found)
    return "reauthenticate" if can_sign_in else "refuse", found or (Reason("no_rule", "rule"),), "", ()


def _ordered(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Without repetition, what signing in can mend last."""
    unique = dict.fromkeys(reasons)
    return tuple(sorted(unique, key=lambda reason: reason.code in SESSION_CODES))


def encode_facts(facts: Facts) -> bytes:
    """The facts as bytes, to be kept with the decision."""
    return FORMAT + _facts_encoder.encode(facts)


def decode_facts(packed: bytes) -> Facts:
    """The facts again; ValueError for bytes that `encode_facts` did not make."""
    if packed[:1] != FORMAT:
        raise ValueError("not packed facts of this form")
    try:
        return _facts_decoder.decode(packed[1:])
    except msgspec.DecodeError as error:
        raise ValueError("packed facts are damaged") from error


def encode_stored(stored: StoredDecision) -> bytes:
    """A decision with its facts as bytes."""
    return FORMAT + _facts_encoder.encode(stored)


def decode_stored(packed: bytes) -> StoredDecision:
    """A stored decision again; ValueError for other bytes."""
    if packed[:1] != FORMAT:
        raise ValueError("not a stored decision of this form")
    try:
        return _stored_decoder.decode(packed[1:])
    except msgspec.DecodeError as error:
        raise ValueError("a stored decision is damaged") from error


def replay(stored: StoredDecision, rules: CompiledRules) -> Decision:
    """Make a stored decision again from its facts; equal to the stored one unless something was altered."""
    return decide(decode_facts(stored.facts), rules, stored.decision.decision_id)


__all__ = (
    "EMERGENCY", "NOT_CHECKED", "decide", "decode_facts", "decode_stored", "encode_facts", "encode_stored",
    "replay",
)  # fmt: skip
