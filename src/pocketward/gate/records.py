"""The facts a decision is made from, and the decision: frozen, small, the same in memory, rows and files.

All times are whole seconds since 1970 in UTC on the product's clock; 0 or None means "never" or "not known",
as each field says. Nothing here may hold ePHI: a request's path is kept as a keyed digest only, because
record systems put patients into addresses.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Posture = Literal["compliant", "not-compliant", "unknown"]
Strength = Literal["passkey", "passkey_synced", "totp", "device", "link", "demo"]
Resource = Literal["notes", "calendar", "billing"]
Mode = Literal["enforce", "watch"]
Outcome = Literal["allow", "refuse", "reauthenticate"]
CertificateState = Literal["valid", "held", "revoked", "expired", "none"]
CheckResult = Literal["pass", "fail", "unknown", "not_applicable"]
Ownership = Literal["practice", "personal"]
DeviceKind = Literal["iphone", "ipad", "android", "other"]
ClientKind = Literal["enrolled", "unenrolled", "refused"]

RESOURCES: tuple[Resource, ...] = ("notes", "calendar", "billing")
# What stands for a hold of no case: an officer closed records by their own act.
BY_OFFICER = "officer"
PHISHING_RESISTANT: frozenset[str] = frozenset(("passkey", "passkey_synced", "demo"))


class _Row(Struct, frozen=True, gc=False, omit_defaults=True):
    """What all records share: immutable, outside the garbage collector, defaults left out when written."""


class NetworkFacts(_Row, frozen=True, gc=False):
    """A named network of the practice: a zone id and the addresses (CIDR) it is seen from."""

    zone: str
    cidrs: tuple[str, ...]


class PracticeFacts(_Row, frozen=True, gc=False):
    """Row kind `practice`, key = practice id.

    `zone` is an IANA name, `authorities` the PEM certificates (root and issuing) that access identities
    chain to.
    """

    practice_id: str
    name: str
    zone: str = "UTC"
    networks: tuple[NetworkFacts, ...] = ()
    authorities: tuple[str, ...] = ()


class PersonFacts(_Row, frozen=True, gc=False):
    """Row kind `person`, key = member id. A session proven before `fresh_after` does not count."""

    member_id: str
    practice_id: str
    active: bool
    roles: tuple[str, ...]
    fresh_after: int = 0


class CheckFacts(_Row, frozen=True, gc=False):
    """One posture check of a device. `integrity`: a fail of it closes even emergency access."""

    id: str
    result: CheckResult
    code: str = ""
    observed_at: int | None = None
    limit: int | None = None
    integrity: bool = False


class DeviceFacts(_Row, frozen=True, gc=False):
    """Row kind `device`, key = device id.

    `fresh_until` is when the posture turns unknown by itself; `hold_ref` the case that closed it, or
    BY_OFFICER ("" = no hold); `must_report_since` when a hold was lifted and nothing told since has been
    judged yet (0 = owes nothing); `quarantine` is set by access from failed checks; `holder` the member it is
    given to ("" = nobody); fingerprints are SHA-256 of the DER in lower-case hex, of access certificates
    only, newest last.
    """

    device_id: str
    practice_id: str
    posture: Posture
    kind: DeviceKind = "other"
    checks: tuple[CheckFacts, ...] = ()
    fresh_until: int = 0
    last_heard: int | None = None
    hold_ref: str = ""
    lost: bool = False
    quarantine: bool = False
    ownership: Ownership = "personal"
    shared: bool = False
    holder: str = ""
    fingerprints: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    certificate_state: CertificateState = "none"
    must_report_since: int = 0


class SessionFacts(_Row, frozen=True, gc=False):
    """Row kind `session`, key = lower-case SHA-256 hex of the cookie's value. Ended = deleted row."""

    token_hash: str
    practice_id: str
    member_id: str
    app_id: str
    strength: Strength
    auth_at: int
    expires_at: int
    device_id: str = ""


class PathFacts(_Row, frozen=True, gc=False):
    """Addresses under `prefix` belong to `resource`; the longest prefix counts."""

    prefix: str
    resource: Resource


class AppFacts(_Row, frozen=True, gc=False):
    """Row kind `app`, key = app id: an app behind the proxy, under these host names (no port, lower case)."""

    app_id: str
    practice_id: str
    name: str
    hosts: tuple[str, ...]
    paths: tuple[PathFacts, ...]
    mode: Mode = "enforce"


class PermitFacts(_Row, frozen=True, gc=False):
    """Row kind `permit`, key = permit id: unenrolled clients may open this app from this network zone.

    Only with a phishing-resistant sign-in, and only to what the person's role opens. `expires_at` 0 = no end.
    """

    permit_id: str
    practice_id: str
    app_id: str
    network: str
    expires_at: int = 0


class EmergencyFacts(_Row, frozen=True, gc=False):
    """Row kind `emergency`, key = grant id: one person, one app, for a short time."""

    grant_id: str
    practice_id: str
    member_id: str
    app_id: str
    opened_at: int
    expires_at: int


class RequestFacts(_Row, frozen=True, gc=False):
    """What was asked. `path_digest` is a keyed digest; `network` a zone id, None when not known."""

    at: int
    method: str
    host: str
    path_digest: str = ""
    network: str | None = None


class ClientFacts(_Row, frozen=True, gc=False):
    """What the client showed: an access certificate of ours, nothing, or something refused (`code`)."""

    kind: ClientKind
    code: str = ""
    fingerprint: str = ""


class Facts(_Row, frozen=True, gc=False):
    """Everything one decision was made from. `fault`: why the gate itself must refuse ("" = it need not).

    `knows_practice`: whether the practice itself is in the snapshot.
    """

    request: RequestFacts
    client: ClientFacts
    resource: str = ""
    policy_digest: str = ""
    knows_practice: bool = False
    fault: str = ""
    app: AppFacts | None = None
    person: PersonFacts | None = None
    session: SessionFacts | None = None
    device: DeviceFacts | None = None
    emergency: EmergencyFacts | None = None
    permit: PermitFacts | None = None


class Reason(_Row, frozen=True, gc=False):
    """One thing that was missing or wrong: code, fact, its value, its age and the limit in seconds.

    `at` is when the fact was last true or seen; `limit` of an age is the most it may be.
    """

    code: str
    fact: str = ""
    value: str = ""
    age: int | None = None
    limit: int | None = None
    at: int | None = None


class Decision(_Row, frozen=True, gc=False):
    """An answer. `rule` is the permit that opened; `would_have` is the outcome a watched app would have had.

    Obligations: `not_checked` (an unenrolled client), `emergency` (to be reviewed).
    """

    decision_id: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    rule: str = ""
    policy_digest: str = ""
    mode: Mode = "enforce"
    would_have: str = ""
    obligations: tuple[str, ...] = ()


class StoredDecision(_Row, frozen=True, gc=False):
    """A decision with the packed facts it came from: enough to make it again."""

    decision: Decision
    facts: bytes
