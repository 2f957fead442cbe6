"""The frozen records that leave the fleet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Ticket:
    """An enrollment ticket; `secret` is shown once, as the end of the enrollment address."""

    enrollment_id: UUID
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class DeviceRecord:
    """A device as pages and other domains see it."""

    id: UUID
    practice_id: UUID
    label: str
    kind: str
    ownership: str
    shared: bool
    member_id: UUID | None
    serial: str
    product_name: str
    supervised: bool | None
    last_heard_at: datetime | None
    lost_case_ref: str
    lost_at: datetime | None
    added_at: datetime
    removed_at: datetime | None
    enrollment_id: UUID | None
    enrollment_state: str
    access_rights: int
    last_network: str = ""
    must_report_since: datetime | None = None
    # When the case of `lost_case_ref` closed without the device being back; None while it is open.
    lost_case_closed_at: datetime | None = None

    @property
    def stands_reported(self) -> bool:
        """Whether it is reported lost in a case that is open."""
        return bool(self.lost_case_ref) and self.lost_case_closed_at is None


@dataclass(frozen=True)
class EnrollmentRecord:
    """One enrollment of a device."""

    id: UUID
    practice_id: UUID
    device_id: UUID | None
    member_id: UUID | None
    label: str
    kind: str
    ownership: str
    shared: bool
    access_rights: int
    state: str
    udid: str
    topic: str
    management_fingerprint: str
    made_at: datetime
    expires_at: datetime
    profile_fetched_at: datetime | None
    authenticated_at: datetime | None
    enrolled_at: datetime | None
    token_dead_at: datetime | None
    # The loss case whose phone this one replaces, or "".
    for_case: str


@dataclass(frozen=True)
class CommandRecord:
    """A command and the rungs it has reached: (proof, when, detail), oldest first."""

    id: UUID
    device_id: UUID
    enrollment_id: UUID
    request_type: str
    purpose: str
    state: str
    case_ref: str
    ordered_by: str
    ordered_at: datetime
    not_before: datetime | None
    expires_at: datetime
    finished_at: datetime | None
    error: str
    rungs: tuple[tuple[str, datetime, str], ...]


@dataclass(frozen=True)
class WireCommand:
    """What is handed to the phone."""

    id: UUID
    request_type: str
    params: dict[str, Any]


@dataclass(frozen=True)
class EraseIntentRecord:
    """How far an erase, or a removal of work data, is proven."""

    device_id: UUID
    kind: str
    state: str
    case_ref: str
    command_id: UUID
    acknowledged_at: datetime | None
    contradicted_at: datetime | None
    proven_at: datetime | None
    proven_by: str
    made_at: datetime
