"""From what is missing to reasons with a code, the fact's value, its age and its limit."""

from __future__ import annotations

from pocketward.gate.inputs import Inputs, age
from pocketward.gate.language import AtLeast, AtMost, Check, Literal
from pocketward.gate.records import DeviceFacts, Facts, Reason

NOT_SIGNED_IN = "not_signed_in"
SESSION_CODES = frozenset(
    (
        NOT_SIGNED_IN, "session_expired", "session_other_app", "session_other_device", "sign_in_weak",
        "sign_in_old", "sign_in_again",
    )
)  # fmt: skip


def session_fault(facts: Facts) -> Reason | None:
    """Why the session shown does not count, or None when it does; no session is a fault too."""
    session = facts.session
    if session is None:
        return Reason(NOT_SIGNED_IN, "session")
    at, app, person, device = facts.request.at, facts.app, facts.person, facts.device
    if at >= session.expires_at:
        return Reason("session_expired", "session", at=session.expires_at)
    if app is None or session.app_id != app.app_id or session.practice_id != app.practice_id:
        return Reason("session_other_app", "session")
    if person is None or person.member_id != session.member_id or person.practice_id != session.practice_id:
        return Reason("person_unknown", "person")
    if session.auth_at < person.fresh_after:
        return Reason("sign_in_again", "sign_in_age", age=age(at, session.auth_at), at=person.fresh_after)
    if session.device_id and (device is None or device.device_id != session.device_id):
        return Reason("session_other_device", "session_on_device")
    return None


def reasons_for(literal: Literal, facts: Facts, inputs: Inputs) -> tuple[Reason, ...]:
    """What to say about one missing comparison."""
    if isinstance(literal, Check):
        return (_check_reason(literal.check, facts),)
    if literal.fact == "posture":
        return posture_reasons(facts)
    return (_fact_reason(literal.fact, _limit(literal), facts, inputs),)


def _limit(literal: Literal) -> int | None:
    return literal.limit if isinstance(literal, AtMost | AtLeast) else None


def _fact_reason(fact: str, limit: int | None, facts: Facts, inputs: Inputs) -> Reason:
    if fact in ("phishing_resistant", "strength"):
        return _of_session(Reason("sign_in_weak", fact, inputs.strength or ""), inputs)
    if fact in ("sign_in_age", "session_left"):
        return _of_session(Reason("sign_in_old", fact, age=inputs.sign_in_age, limit=limit), inputs)
    if fact == "network":
        return Reason("network_not_allowed", fact, facts.request.network or "")
    if fact == "method":
        return Reason("fact_missing", fact, facts.request.method)
    device = facts.device
    if device is None:
        return Reason("not_enrolled", "device")
    if fact == "heard_age":
        return _unheard(device, facts.request.at, limit)
    if fact == "own_device":
        return Reason(NOT_SIGNED_IN, "session") if facts.person is None else Reason("not_own_device", fact)
    if fact == "session_on_device" and inputs.strength is None:
        return Reason(NOT_SIGNED_IN, "session")
    return Reason("fact_missing", fact, str(getattr(inputs, fact) or ""))


def _of_session(reason: Reason, inputs: Inputs) -> Reason:
    return Reason(NOT_SIGNED_IN, "session") if inputs.strength is None else reason


def _unheard(device: DeviceFacts, at: int, limit: int | None) -> Reason:
    return Reason(
        "not_heard_from", "heard_age", age=age(at, device.last_heard), limit=limit, at=device.last_heard
    )


def posture_reasons(facts: Facts) -> tuple[Reason, ...]:
    """Why the device's posture is not good enough, check by check where we know them."""
    device, at = facts.device, facts.request.at
    if device is None:
        return (Reason("not_enrolled", "device"),)
    if at > device.fresh_until:
        seen = device.last_heard
        limit = device.fresh_until - seen if seen is not None and device.fresh_until > seen else None
        return (_unheard(device, at, limit),)
    wanted = "fail" if device.posture == "not-compliant" else "unknown"
    found = tuple(_check_reason(check.id, facts) for check in device.checks if check.result == wanted)
    return found or (Reason(f"posture_{'failed' if wanted == 'fail' else 'unknown'}", "posture"),)


def _check_reason(check_id: str, facts: Facts) -> Reason:
    device = facts.device
    if device is None:
        return Reason("not_enrolled", "device")
    for check in device.checks:
        if check.id == check_id:
            code = "check_unknown" if check.result == "unknown" else "check_failed"
            seconds = age(facts.request.at, check.observed_at)
            return Reason(code, f"check.{check_id}", check.code, seconds, check.limit, check.observed_at)
    return Reason("check_unknown", f"check.{check_id}")
