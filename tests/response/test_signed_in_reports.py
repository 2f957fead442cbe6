"""Somebody signed in reports a device: it locks; from that very device it closes and waits."""

from __future__ import annotations

from uuid import UUID

import pytest

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response.errors import NoSuchReport, NotAllowed
from tests.response.conftest import bodies, drain, later, person_with, reverse, step
from tests.web.clinic import Clinic


def report(device_id: UUID, person: Member, *, here: bool = False) -> str:
    return response_api.report_device(
        device_id=device_id, when_seen="today", callback="555-0155", network="a" * 64,
        by_member_id=person.id, session_device_ids=frozenset({device_id} if here else ()),
    )  # fmt: skip


def strangers_report(practice: PracticeRecord, clinic: Clinic, many: int) -> None:
    """So many people's phones are reported without sign-in: what the practice's limits count."""
    for number in range(many):
        name = f"Pat {number}"
        person = practice_api.add_member(practice_id=practice.id, full_name=name, by="system:test")
        clinic.phone(f"{name} iPhone", member=person)
        clinic.lose(name)


def locks(device_id: UUID) -> list[str]:
    found = fleet_api.commands(device_id=device_id)
    return [item.request_type for item in found if item.request_type in ("DeviceLock", "EnableLostMode")]


def test_a_report_from_another_device_closes_confirms_and_locks(
    practice: PracticeRecord, phone: UUID, clinician: Member
) -> None:
    case_ref = report(phone, clinician)
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}
    drain()
    assert locks(phone) == ["EnableLostMode"]
    (told,) = bodies(practice, case_ref, "response.loss_reported")
    assert (told["signed_in"], told["actor"]) == (True, f"member:{clinician.id}")
    assert response_api.get_report(case_ref=case_ref).confirmed_at is not None
    assert step(practice, case_ref, "confirm").state == "done"


def test_a_report_from_the_phone_itself_closes_and_waits_for_an_officer_to_lock(
    practice: PracticeRecord, phone: UUID, clinician: Member, owner: Member
) -> None:
    case_ref = report(phone, clinician, here=True)
    with later(hours=1):
        assert set(access_api.held_devices(practice_id=practice.id)) == {phone}
        assert locks(phone) == []
    found = response_api.get_report(case_ref=case_ref)
    assert (found.confirmed_at, found.reported_by) == (None, f"member:{clinician.id}")
    response_api.confirm_loss(case_ref=case_ref, by_member_id=owner.id)
    drain()
    assert locks(phone) == ["EnableLostMode"]


def test_a_phone_that_strangers_reported_is_confirmed_and_gets_no_second_case(
    practice: PracticeRecord, case: str, phone: UUID, clinician: Member
) -> None:
    assert locks(phone) == []
    assert report(phone, clinician, here=True) == case
    assert response_api.get_report(case_ref=case).confirmed_at is None
    assert report(phone, clinician) == case
    drain()
    assert locks(phone) == ["EnableLostMode"]
    assert report(phone, clinician) == case
    assert len(bodies(practice, case, "response.loss_confirmed")) == 1


def test_a_phone_of_a_closed_case_that_is_reported_again_gets_a_case_of_its_own(
    practice: PracticeRecord, case: str, phone: UUID, clinician: Member, owner: Member
) -> None:
    close(case, owner)
    with later(days=20) as moment:
        again = report(phone, clinician)
        assert again != case
        drain()
        device = fleet_api.get_device(device_id=phone)
        assert (device.lost_case_ref, device.lost_case_closed_at, device.lost_at) == (again, None, moment)
        assert report(phone, owner) == again
        assert len(bodies(practice, again, "incidents.case_opened")) == 1
        assert [item.case_ref for item in fleet_api.commands(device_id=phone) if item.case_ref] == [again]
        assert {item.case_ref for item in response_api.unanswered(practice_id=practice.id)} >= {again}
        # Reversing the newer report lifts the newer hold alone: what the first one closed stays.
        reverse(again, owner)
        device = fleet_api.get_device(device_id=phone)
        assert (device.lost_case_ref, device.stands_reported) == (case, False)
        assert access_api.held_devices(practice_id=practice.id) == {phone: case}
        reverse(case, owner)
        assert access_api.held_devices(practice_id=practice.id) == {}
        assert fleet_api.get_device(device_id=phone).lost_at is None


def test_a_report_whose_case_is_over_is_confirmed_by_nobody_and_marks_no_phone(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, clinician: Member, owner: Member
) -> None:
    strangers_report(practice, clinic, 2)
    waiting = clinic.lose("Ben Sample")
    drain()
    assert response_api.get_report(case_ref=waiting).outcome == "needs_confirmation"
    close(waiting, owner)
    for person in (owner, clinician):
        with pytest.raises(NoSuchReport, match="Report the phone anew"):
            response_api.confirm_loss(case_ref=waiting, by_member_id=person.id)
    # Else the phone would stand in an open case that is none, and an erase would cool off for a minute only.
    assert fleet_api.get_device(device_id=phone).lost_case_ref == ""
    assert phone not in access_api.held_devices(practice_id=practice.id)


def test_reversing_a_report_beside_an_older_one_keeps_when_the_phone_was_lost(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member
) -> None:
    first = response_api.get_report(case_ref=case).reported_at
    close(case, owner)
    with later(days=3):
        again = report(phone, owner)
        drain()
        reverse(again, owner)
        device = fleet_api.get_device(device_id=phone)
        assert (device.lost_case_ref, device.lost_at) == (case, first)


def close(case_ref: str, officer: Member) -> None:
    """The privacy officer decides, and the case is over; the phone is not back."""
    incidents_api.decide_breach(
        case_ref=case_ref, verdict="breach", reason="Nobody knows who has had it since.",
        by_member_id=officer.id,
    )  # fmt: skip
    incidents_api.close_case(case_ref=case_ref, by_member_id=officer.id)


def test_only_that_phone_of_a_person_with_two_closes(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, clinician: Member
) -> None:
    clinic.phone("Ben’s iPhone 12", member=clinician)
    report(phone, clinician)
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}


@pytest.mark.parametrize("role", [*practice_api.ROLES, ""])
def test_who_may_report_a_colleagues_phone_and_a_shared_tablet(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, owner: Member, role: str
) -> None:
    tablet = clinic.phone("Rounds iPad 1", kind="ipad")
    person = person_with(practice, owner, role)
    outside = role in ("auditor", "service_technician")
    for device_id, may in ((phone, role in practice_api.OFFICERS), (tablet, not outside)):
        if may:
            report(device_id, person)
            continue
        with pytest.raises(NotAllowed):
            report(device_id, person)
        assert device_id not in access_api.held_devices(practice_id=practice.id)


def test_whoever_left_reports_nothing(phone: UUID, clinician: Member, second: Member) -> None:
    for person in (clinician, second):
        practice_api.mark_left(member_id=person.id, by="system:test")
        with pytest.raises(NotAllowed):
            report(phone, person)


def test_past_the_limits_a_report_of_somebody_signed_in_still_closes(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, clinician: Member
) -> None:
    strangers_report(practice, clinic, 3)
    assert response_api.get_report(case_ref=report(phone, clinician)).outcome == "closed"
