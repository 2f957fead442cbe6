"""Facts about who may reach records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class HoldPlaced(Event):
    """Records closed on a device by a report or an officer."""

    kind = "access.hold_placed"
    device_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldLifted(Event):
    """A hold is gone; the device must still pass its checks."""

    kind = "access.hold_lifted"
    device_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecordsClosed(Event):
    """A device that reached records no longer does."""

    kind = "access.records_closed"
    device_id: UUID
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RecordsOpened(Event):
    """A device reaches records, as far as the device itself is concerned."""

    kind = "access.records_opened"
    device_id: UUID


@dataclass(frozen=True, kw_only=True)
class GateSessionStarted(Event):
    """A named person signed in to an app, on a device if one was shown."""

    kind = "access.gate_session_started"
    session_id: UUID
    member_id: UUID
    app_id: UUID
    app_name: str
    strength: str
    device_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class GateSessionEnded(Event):
    """A session at an app is over."""

    kind = "access.gate_session_ended"
    session_id: UUID
    member_id: UUID
    app_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class AppRegistered(Event):
    """A record system is known to the practice, with the kind of its door."""

    kind = "access.app_registered"
    app_id: UUID
    name: str
    door: str
    mode: str


@dataclass(frozen=True, kw_only=True)
class AppChanged(Event):
    """What is known of a record system was written anew; `changed` names the parts."""

    kind = "access.app_changed"
    app_id: UUID
    name: str
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AppRemoved(Event):
    """A record system was taken off the list; our gate refuses its addresses."""

    kind = "access.app_removed"
    app_id: UUID
    name: str
    door: str


@dataclass(frozen=True, kw_only=True)
class AppModeChanged(Event):
    """An app is only watched, or refusals are enforced."""

    kind = "access.app_mode_changed"
    app_id: UUID
    name: str
    mode: str


@dataclass(frozen=True, kw_only=True)
class AccessRulesChanged(Event):
    """A new version of the access rules is in force."""

    kind = "access.access_rules_changed"
    number: int
    digest: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PermitGiven(Event):
    """Unenrolled clients may open an app from a network."""

    kind = "access.permit_given"
    permit_id: UUID
    app_id: UUID
    network: str
    reason: str
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PermitEnded(Event):
    """A permit for unenrolled clients is gone."""

    kind = "access.permit_ended"
    permit_id: UUID
    app_id: UUID


@dataclass(frozen=True, kw_only=True)
class NetworkNamed(Event):
    """The practice said which addresses a network of its own is seen from; none means it is gone."""

    kind = "access.network_named"
    zone: str
    cidrs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DecisionMade(Event):
    """A gate refused, or allowed for the first time. `facts_digest` is over the packed facts that are kept.

    `decision` is the public id; `would_have` is what a watched app would have answered.
    """

    kind = "access.decision_made"
    decision: str
    outcome: str
    would_have: str
    mode: str
    rule: str
    reasons: tuple[str, ...]
    client: str
    resource: str
    app_id: UUID | None
    app_name: str
    member_id: UUID | None
    device_id: UUID | None
    policy_digest: str
    facts_digest: str


@dataclass(frozen=True, kw_only=True)
class DecisionRepeated(Event):
    """How often a decision was given again in one minute; `digest` is over the times."""

    kind = "access.decision_repeated"
    decision: str
    minute: datetime
    count: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class GateAlarmRaised(Event):
    """Something came to a gate that no honest client sends (a security event)."""

    kind = "access.gate_alarm_raised"
    code: str
    host: str
    network_digest: str


@dataclass(frozen=True, kw_only=True)
class EmergencyAccessOpened(Event):
    """A person opened one app by emergency access; officers are told at once."""

    kind = "access.emergency_access_opened"
    grant_id: UUID
    member_id: UUID
    app_id: UUID
    app_name: str
    reason: str
    strength: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class EmergencyAccessEnded(Event):
    """Emergency access is over, by time or before it."""

    kind = "access.emergency_access_ended"
    grant_id: UUID
    member_id: UUID
    app_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmergencyAccessReviewed(Event):
    """An officer read what an emergency grant opened, and judged it. `own`: there is no other officer."""

    kind = "access.emergency_access_reviewed"
    grant_id: UUID
    member_id: UUID
    reviewer_id: UUID
    finding: str
    decisions: int
    own: bool


@dataclass(frozen=True, kw_only=True)
class SignInFailed(Event):
    """Somebody tried to sign in and did not get in (a security event)."""

    kind = "access.sign_in_failed"
    method: str
    network: str


@dataclass(frozen=True, kw_only=True)
class SignedInToConsole(Event):
    """A person signed in to the console."""

    kind = "access.signed_in_to_console"
    method: str
    network: str
