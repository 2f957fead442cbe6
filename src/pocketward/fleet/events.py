"""Facts about devices and commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class EnrollmentTicketMade(Event):
    """Somebody may enroll one device with this ticket."""

    kind = "fleet.enrollment_ticket_made"
    enrollment_id: UUID
    label: str
    device_kind: str
    ownership: str
    member_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class EnrollmentTicketWithdrawn(Event):
    """An officer took back a ticket that no device has joined with: nothing can any more."""

    kind = "fleet.enrollment_ticket_withdrawn"
    enrollment_id: UUID
    label: str


@dataclass(frozen=True, kw_only=True)
class DeviceAuthenticated(Event):
    """A device has its identity and has said Authenticate; it is not enrolled before TokenUpdate."""

    kind = "fleet.device_authenticated"
    device_id: UUID
    enrollment_id: UUID
    fingerprint: str
    returned: bool
    message_digest: str


@dataclass(frozen=True, kw_only=True)
class DeviceEnrolled(Event):
    """The first TokenUpdate of an enrollment: the device can be told things."""

    kind = "fleet.device_enrolled"
    device_id: UUID
    enrollment_id: UUID
    member_id: UUID | None
    label: str
    device_kind: str
    ownership: str
    shared: bool
    serial: str
    access_rights: int
    message_digest: str


@dataclass(frozen=True, kw_only=True)
class IdentityRolledOver(Event):
    """A device speaks with the management identity that we had it renew; the one before counts no more."""

    kind = "fleet.identity_rolled_over"
    device_id: UUID
    enrollment_id: UUID
    old_fingerprint: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class EnrollmentReplaced(Event):
    """A newer enrollment of the same device took over."""

    kind = "fleet.enrollment_replaced"
    device_id: UUID
    enrollment_id: UUID
    new_enrollment_id: UUID


@dataclass(frozen=True, kw_only=True)
class EnrollmentCheckedOut(Event):
    """The device said that management was removed from it."""

    kind = "fleet.enrollment_checked_out"
    device_id: UUID
    enrollment_id: UUID
    message_digest: str


@dataclass(frozen=True, kw_only=True)
class DeviceRemoved(Event):
    """The device was taken off the list; that is not an erase."""

    kind = "fleet.device_removed"
    device_id: UUID
    label: str


@dataclass(frozen=True, kw_only=True)
class DeviceRestored(Event):
    """A device that had been taken off the list is on it again."""

    kind = "fleet.device_restored"
    device_id: UUID
    label: str
    must_report_since: datetime


@dataclass(frozen=True, kw_only=True)
class DeviceAssigned(Event):
    """The device belongs to another person, or to nobody, from now on."""

    kind = "fleet.device_assigned"
    device_id: UUID
    member_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class DeviceStateReported(Event):
    """What a device says of itself has changed; `state` is the whole of it.

    `owes_report`: a hold was lifted from it, and nothing that it told since has been judged yet.
    """

    kind = "fleet.device_state_reported"
    device_id: UUID
    enrollment_id: UUID
    device_kind: str
    ownership: str
    shared: bool
    state: dict[str, Any]
    state_hash: str
    observed_at: datetime
    message_digest: str
    owes_report: bool = False


@dataclass(frozen=True, kw_only=True)
class DeviceHeardAgain(Event):
    """The device spoke, whatever it said, after so many whole hours in which it had not."""

    kind = "fleet.device_heard_again"
    device_id: UUID
    silent_hours: int


@dataclass(frozen=True, kw_only=True)
class DeviceStateConfirmed(Event):
    """A device said the same again: a part of it had become old, or was owed since a hold was lifted."""

    kind = "fleet.device_state_confirmed"
    device_id: UUID
    enrollment_id: UUID
    device_kind: str
    ownership: str
    shared: bool
    state: dict[str, Any]
    state_hash: str
    observed_at: datetime
    owes_report: bool = False


@dataclass(frozen=True, kw_only=True)
class AppsChanged(Event):
    """Apps came, went or changed on a device, by its own list; of a personal one managed apps alone.

    Each is {identifier, name, version}; an updated one has its earlier version as `before`.
    """

    kind = "fleet.apps_changed"
    device_id: UUID
    enrollment_id: UUID
    ownership: str
    installed: tuple[Mapping[str, str], ...]
    removed: tuple[Mapping[str, str], ...]
    updated: tuple[Mapping[str, str], ...]
    message_digest: str


@dataclass(frozen=True, kw_only=True)
class CommandProofAdvanced(Event):
    """A command reached a rung of its ladder, or its end."""

    kind = "fleet.command_proof_advanced"
    command_id: UUID
    device_id: UUID
    enrollment_id: UUID
    request_type: str
    proof: str
    purpose: str
    detail: str
    message_digest: str


@dataclass(frozen=True, kw_only=True)
class DestructiveCommandRefused(Event):
    """The guard did not let a command pass: one that destroys, reaches a held phone or asks where it is."""

    kind = "fleet.destructive_command_refused"
    device_id: UUID
    request_type: str
    reason: str
    at_point: str


@dataclass(frozen=True, kw_only=True)
class DestructiveCommandApproved(Event):
    """A second person said yes to a destructive command."""

    kind = "fleet.destructive_command_approved"
    command_id: UUID
    device_id: UUID
    request_type: str
    approver_id: UUID
    strength: str


@dataclass(frozen=True, kw_only=True)
class CommandStopped(Event):
    """Somebody stopped a command before its phone had fetched it: an officer, or who holds its stop link.

    An erase is stopped later too when its report is reversed; its rung then says that the phone had it.
    """

    kind = "fleet.command_stopped"
    command_id: UUID
    device_id: UUID
    request_type: str


@dataclass(frozen=True, kw_only=True)
class GuardOptionsProposed(Event):
    """An officer proposed other budgets of destructive commands."""

    kind = "fleet.guard_options_proposed"

    proposal_id: UUID
    per_hour: int
    percent_per_day: int
    least_per_day: int


@dataclass(frozen=True, kw_only=True)
class GuardOptionsApproved(Event):
    """A second officer approved them; they count from `effective_from`."""

    kind = "fleet.guard_options_approved"

    proposal_id: UUID
    effective_from: datetime


@dataclass(frozen=True, kw_only=True)
class GuardOptionsCancelled(Event):
    """An officer took proposed budgets back before they counted."""

    kind = "fleet.guard_options_cancelled"

    proposal_id: UUID


@dataclass(frozen=True, kw_only=True)
class EraseProven(Event):
    """An erase, or a removal of work data, is corroborated from outside the phone's own word."""

    kind = "fleet.erase_proven"
    device_id: UUID
    command_id: UUID
    proven_by: str


@dataclass(frozen=True, kw_only=True)
class EraseContradicted(Event):
    """A phone acknowledged its erase and then spoke with its old identity: not proven."""

    kind = "fleet.erase_contradicted"
    device_id: UUID
    command_id: UUID


@dataclass(frozen=True, kw_only=True)
class EraseOfferedAgain(Event):
    """A phone came back before its erase was acknowledged: it is offered again before anything else."""

    kind = "fleet.erase_offered_again"
    device_id: UUID
    old_command_id: UUID
    new_command_id: UUID


@dataclass(frozen=True, kw_only=True)
class EraseCannotBeOffered(Event):
    """A phone whose erase is not proven came back by an enrollment that gives no right to erase."""

    kind = "fleet.erase_cannot_be_offered"
    device_id: UUID
    command_id: UUID
    enrollment_id: UUID


@dataclass(frozen=True, kw_only=True)
class DeviceMarkedLost(Event):
    """A loss report names this device."""

    kind = "fleet.device_marked_lost"
    device_id: UUID


@dataclass(frozen=True, kw_only=True)
class DeviceFound(Event):
    """The mark of the loss report is gone."""

    kind = "fleet.device_found"
    device_id: UUID


@dataclass(frozen=True, kw_only=True)
class PushTokenDead(Event):
    """Apple says that the push token no longer reaches a phone."""

    kind = "fleet.push_token_dead"
    device_id: UUID
    enrollment_id: UUID


@dataclass(frozen=True, kw_only=True)
class PushCertificateAdded(Event):
    """The practice can push to its Apple devices."""

    kind = "fleet.push_certificate_added"
    topic: str
    not_after: datetime
    renewed: bool
    # The number of the request that was made here for it, None for a key that was brought along.
    request: int | None


@dataclass(frozen=True, kw_only=True)
class PushRequestMade(Event):
    """A key and a request for Apple's push certificate were made on the server.

    `overtakes` is the number of the request that waited before, whose key is gone.
    """

    kind = "fleet.push_request_made"
    number: int
    key_digest: str
    overtakes: int | None


@dataclass(frozen=True, kw_only=True)
class DeviceMessageRefused(Event):
    """A message claiming to be a device's was not accepted (a security event)."""

    kind = "fleet.device_message_refused"
    reason: str
    network: str


@dataclass(frozen=True, kw_only=True)
class UnknownReplyReceived(Event):
    """A device answered a command that it was never given."""

    kind = "fleet.unknown_reply_received"
    device_id: UUID
    enrollment_id: UUID
    command_uuid: str
    message_digest: str


@dataclass(frozen=True, kw_only=True)
class LocationReceived(Event):
    """A lost device told where it is; the place itself is evidence, not in this event."""

    kind = "fleet.location_received"
    device_id: UUID
    command_id: UUID
    evidence_digest: str
