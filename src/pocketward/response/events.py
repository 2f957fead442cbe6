"""Facts about reports and what was done about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pocketward.spine.api import Event


@dataclass(frozen=True, kw_only=True)
class LossReported(Event):
    """A phone was reported lost. What closed, closed in the transaction that recorded this."""

    kind = "response.loss_reported"
    report_id: UUID
    outcome: str
    when_seen: str
    member_id: UUID | None
    member_name: str
    device_ids: tuple[UUID, ...]
    labels: tuple[str, ...]
    signed_in: bool
    vouched_by: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class LossSighted(Event):
    """A further report that closes nothing went to the case that stands; `number` counts them from 1."""

    kind = "response.loss_sighted"
    report_id: UUID
    outcome: str
    when_seen: str
    number: int


@dataclass(frozen=True, kw_only=True)
class LossIdentified(Event):
    """An officer said whose phone a report means; what closed, closed in the same transaction."""

    kind = "response.loss_identified"
    report_id: UUID
    member_id: UUID | None
    member_name: str
    device_ids: tuple[UUID, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LossConfirmed(Event):
    """An officer, or the person themselves, confirmed the loss."""

    kind = "response.loss_confirmed"
    report_id: UUID


@dataclass(frozen=True, kw_only=True)
class FoundReported(Event):
    """Somebody said that they have the phone again; nothing opens by that."""

    kind = "response.found_reported"
    report_id: UUID
    member_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class LossReversed(Event):
    """The hold of one report was lifted: a false report, or the phone is back."""

    kind = "response.loss_reversed"
    report_id: UUID
    how: str
    device_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class RestoreDenied(Event):
    """A person tried to open records on their reported phone again and may not (a security event)."""

    kind = "response.restore_denied"
    report_id: UUID
    why: str


@dataclass(frozen=True, kw_only=True)
class StepAdvanced(Event):
    """A step of the playbook moved.

    Whoever moved it may have written why: `reason_commitment` commits to it (`kernel.crypto.commitment`
    under a key kept with it, encrypted), and is empty when nobody did.
    """

    kind = "response.step_advanced"
    step: str
    state: str
    receipt: str
    reason_commitment: str = ""


@dataclass(frozen=True, kw_only=True)
class DoorsClosed(Event):
    """What became of each record system's door."""

    kind = "response.doors_closed"
    doors: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class OfficerAlerted(Event):
    """It was an officer's turn to be called; `mail`: queued, not_configured or no_address."""

    kind = "response.officer_alerted"
    member_id: UUID
    reason: str
    rank: int
    mail: str


@dataclass(frozen=True, kw_only=True)
class AlertMailed(Event):
    """What became of the mail of a call: sent (our mail server took it), or failed and tried again."""

    kind = "response.alert_mailed"
    member_id: UUID
    outcome: str


@dataclass(frozen=True, kw_only=True)
class AlertSeen(Event):
    """An officer who was called has opened the case."""

    kind = "response.alert_seen"
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmergencyTold(Event):
    """The officers were told of a use of emergency access on its page; `by_mail` those who get a mail too."""

    kind = "response.emergency_told"
    grant_id: UUID
    member_ids: tuple[UUID, ...]
    by_mail: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OwnerLinkTold(Event):
    """The officers were told on Home that an owner link was made; `by_mail` those who get a mail too."""

    kind = "response.owner_link_told"
    member_ids: tuple[UUID, ...]
    by_mail: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class AlertAnswered(Event):
    """An officer has answered the call."""

    kind = "response.alert_answered"
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class PushedAgain(Event):
    """A containment command that is not proven was pushed once more.

    `attempt` counts the pushes made. `outcome` is accepted, gone, refused, unreachable, no_certificate or
    no_token.
    """

    kind = "response.pushed_again"
    command_id: UUID
    device_id: UUID
    attempt: int
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ColleagueCodeMade(Event):
    """A signed-in person made a code with which a colleague can be believed once."""

    kind = "response.colleague_code_made"
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class LocationAsked(Event):
    """An officer asked where a lost phone is. Neither the place is here, nor the reason: it is free text.

    `reason_commitment` commits to it: `kernel.crypto.commitment` under a key kept with it, encrypted.
    """

    kind = "response.location_asked"
    device_id: UUID
    command_id: UUID
    reason_commitment: str
    notice_version: int
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class LocatingEnded(Event):
    """The phone is no longer asked where it is: time is up, the report was reversed, or the case closed."""

    kind = "response.locating_ended"
    device_id: UUID
    why: str


@dataclass(frozen=True, kw_only=True)
class LocationViewed(Event):
    """Somebody looked at where a phone was, and said what for: committed to as the reason for asking is."""

    kind = "response.location_viewed"
    device_id: UUID
    member_id: UUID
    purpose_commitment: str


@dataclass(frozen=True, kw_only=True)
class LocationErased(Event):
    """The place was erased, 30 days after the case closed; that there was one stays known."""

    kind = "response.location_erased"
    device_id: UUID
    evidence_digest: str


@dataclass(frozen=True, kw_only=True)
class EraseChosen(Event):
    """An officer asked for an erase, or the removal of work data; what was advised, and from which facts."""

    kind = "response.erase_chosen"
    device_id: UUID
    command_id: UUID
    advised: str
    chosen: str
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PlaybookTaken(Event):
    """Somebody took the written steps as a document."""

    kind = "response.playbook_taken"
    playbook: str
    playbook_version: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ReporterThanked(Event):
    """Whoever reported was thanked."""

    kind = "response.reporter_thanked"
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class ManagementRevoked(Event):
    """An officer revoked the management identity of a held phone; `told` is the sentence they were shown."""

    kind = "response.management_revoked"
    device_id: UUID
    told: str
