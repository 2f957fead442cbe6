"""Facts about reports and what was done about them."""

from __future__ import annotations

from dataclasses import dataclass
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
class StepAdvanced(Event):
    """A step of the playbook moved."""

    kind = "response.step_advanced"
    step: str
    state: str
    receipt: str


@dataclass(frozen=True, kw_only=True)
class DoorsClosed(Event):
    """What became of each record system's door."""

    kind = "response.doors_closed"
    doors: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class OfficerAlerted(Event):
    """An officer was called."""

    kind = "response.officer_alerted"
    member_id: UUID
    reason: str
    rank: int


@dataclass(frozen=True, kw_only=True)
class AlertAnswered(Event):
    """An officer has answered the call."""

    kind = "response.alert_answered"
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class PushedAgain(Event):
    """A containment command that is not proven was pushed once more."""

    kind = "response.pushed_again"
    command_id: UUID
    device_id: UUID
    attempt: int
