"""An officer closes records on one phone and opens them again; the phone answers first."""

from __future__ import annotations

from uuid import UUID

import pytest

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.pki import api as pki_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response.errors import NotAllowed, ReasonRefused
from pocketward.spine.api import event_bodies
from tests.response.conftest import drain, person_with, reverse
from tests.response.test_restoring import PATCHED
from tests.web.clinic import Clinic

WHY = "Handed in for repair."


def close(phone: UUID, person: Member, reason: str = WHY) -> bool:
    return response_api.close_records(device_id=phone, reason=reason, by_member_id=person.id)


def events(practice: PracticeRecord, kind: str) -> list[dict[str, object]]:
    return [dict(event) for event in event_bodies(practice_id=practice.id, kinds=(kind,), limit=100)]


def test_closing_is_a_hold_of_no_case_with_a_sealed_event_that_names_the_officer(
    practice: PracticeRecord, phone: UUID, owner: Member
) -> None:
    assert close(phone, owner)
    assert not close(phone, owner, "Again, for another reason.")
    (placed,) = events(practice, "access.hold_placed")
    assert (placed["actor"], placed["reason"], placed["case_ref"]) == (f"member:{owner.id}", WHY, "")
    hold = access_api.officer_hold(device_id=phone)
    assert hold is not None
    assert (hold.reason, hold.placed_by) == (WHY, f"member:{owner.id}")
    device = fleet_api.get_device(device_id=phone)
    assert (device.lost_at, device.lost_case_ref) == (None, "")
    assert events(practice, "response.loss_reported") == []
    drain()
    sent = {item.request_type for item in fleet_api.commands(device_id=phone)}
    assert not sent & {"DeviceLock", "EnableLostMode", "EraseDevice"}


def test_opening_lifts_the_officers_hold_only_and_the_phone_owes_a_report(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, owner: Member, second: Member
) -> None:
    close(phone, owner)
    case_ref = clinic.lose("Ben Sample")
    assert response_api.open_records(device_id=phone, by_member_id=second.id)
    assert not response_api.open_records(device_id=phone, by_member_id=second.id)
    assert access_api.held_devices(practice_id=practice.id) == {phone: case_ref}
    close(phone, owner)
    reverse(case_ref, owner)
    assert access_api.held_devices(practice_id=practice.id) == {phone: WHY}
    response_api.open_records(device_id=phone, by_member_id=second.id)
    assert access_api.held_devices(practice_id=practice.id) == {}
    assert fleet_api.get_device(device_id=phone).must_report_since is not None
    clinic.report(phone, **PATCHED)
    assert fleet_api.get_device(device_id=phone).must_report_since is None


@pytest.mark.parametrize("reason", ["", "    ", "why", "x" * 201, "bad\u0000reason"])
def test_a_reason_that_says_nothing_closes_nothing(
    practice: PracticeRecord, phone: UUID, owner: Member, reason: str
) -> None:
    with pytest.raises(ReasonRefused):
        close(phone, owner, reason)
    assert access_api.held_devices(practice_id=practice.id) == {}


@pytest.mark.parametrize("role", [*practice_api.ROLES, ""])
def test_only_officers_close_and_open(
    practice: PracticeRecord, phone: UUID, owner: Member, role: str
) -> None:
    person = person_with(practice, owner, role)
    if role in practice_api.OFFICERS:
        assert close(phone, person)
        assert response_api.open_records(device_id=phone, by_member_id=person.id)
        return
    with pytest.raises(NotAllowed):
        close(phone, person)
    close(phone, owner)
    with pytest.raises(NotAllowed):
        response_api.open_records(device_id=phone, by_member_id=person.id)
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}


def test_a_phone_that_has_left_management_is_opened_all_the_same(
    practice: PracticeRecord, phone: UUID, owner: Member
) -> None:
    from pocketward.fleet import joining

    close(phone, owner)
    enrollment_id = fleet_api.get_device(device_id=phone).enrollment_id
    assert enrollment_id is not None
    joining.check_out(enrollment_id=enrollment_id)
    assert response_api.open_records(device_id=phone, by_member_id=owner.id)
    assert pki_api.certificates_of(device_id=phone) == ()
