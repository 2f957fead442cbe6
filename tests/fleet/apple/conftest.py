"""Phones that are enrolled through the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from pocketward.fleet import api as fleet
from pocketward.practice.records import Member, PracticeRecord
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import WirePhone


@dataclass(frozen=True)
class Enrolled:
    """A phone at the wire and what the server calls it."""

    wire: WirePhone
    device_id: UUID
    enrollment_id: UUID


Enroll = Callable[..., Enrolled]


@pytest.fixture
def enroll(practice: PracticeRecord, owner: Member, clinician: Member) -> Enroll:
    """Enrolls phones: `enroll(serial=…, ownership=…)`."""

    def make(*, serial: str = "F2LSERIAL1", ownership: str = "practice") -> Enrolled:
        ticket = fleet.create_enrollment_ticket(
            practice_id=practice.id,
            member_id=clinician.id,
            ownership=ownership,
            kind="iphone",
            label="Ben's phone",
            by="system:test",
        )
        wire = WirePhone(practice.id, issue(practice.id, ticket.enrollment_id), serial)
        assert wire.authenticate().status == 200
        assert wire.update_token().status == 200
        (device,) = [item for item in fleet.devices(practice_id=practice.id) if item.serial == serial]
        return Enrolled(wire, device.id, ticket.enrollment_id)

    return make


@pytest.fixture
def phone(enroll: Enroll) -> Enrolled:
    """A practice-owned phone, just enrolled."""
    return enroll()
