"""What the access language sees: the facts of one request, each with None for "not known"."""

from __future__ import annotations

from msgspec import Struct

from pocketward.gate.records import PHISHING_RESISTANT, DeviceFacts, Facts

# How far another clock may run ahead of ours before a time in the future counts as not known.
CLOCK_SLACK = 120


class Inputs(Struct, frozen=True, gc=False):
    """The closed set of facts; names are those of `language`."""

    roles: tuple[str, ...] = ()
    posture: str | None = None
    strength: str | None = None
    ownership: str | None = None
    device_kind: str | None = None
    certificate: str | None = None
    method: str | None = None
    network: str | None = None
    phishing_resistant: bool | None = None
    shared: bool | None = None
    own_device: bool | None = None
    session_on_device: bool | None = None
    sign_in_age: int | None = None
    heard_age: int | None = None
    session_left: int | None = None


def age(at: int, then: int | None) -> int | None:
    """Seconds since `then`; None when it is not known or lies in the future by more than the slack."""
    if then is None or then <= 0:
        return None
    seconds = at - then
    if seconds >= 0:
        return seconds
    return 0 if seconds >= -CLOCK_SLACK else None


def posture_of(device: DeviceFacts, at: int) -> str | None:
    """The posture that counts now: None when unknown or stale."""
    if device.posture == "unknown" or at > device.fresh_until:
        return None
    return device.posture


def inputs_of(facts: Facts) -> Inputs:
    """The language's facts of one request; those of a missing person, session or device are not known."""
    request, person, session, device = facts.request, facts.person, facts.session, facts.device
    at = request.at
    roles: tuple[str, ...] = person.roles if person is not None else ()
    strength = phishing_resistant = sign_in_age = session_left = on_device = None
    if session is not None:
        strength = session.strength
        phishing_resistant = strength in PHISHING_RESISTANT
        sign_in_age = age(at, session.auth_at)
        session_left = session.expires_at - at
        on_device = device is not None and session.device_id == device.device_id
    if device is None:
        return Inputs(
            roles, None, strength, None, None, None, request.method, request.network,
            phishing_resistant, None, None, on_device, sign_in_age, None, session_left,
        )  # fmt: skip
    own = None if person is None else device.shared or device.holder == person.member_id
    return Inputs(
        roles, posture_of(device, at), strength, device.ownership, device.kind,
        device.certificate_state, request.method, request.network, phishing_resistant, device.shared, own,
        on_device, sign_in_age, age(at, device.last_heard), session_left,
    )  # fmt: skip


def checks_of(device: DeviceFacts | None) -> dict[str, str]:
    """Results by check id; unknown ones are left out, so that looking them up says "not known"."""
    if device is None:
        return {}
    return {check.id: check.result for check in device.checks if check.result != "unknown"}
