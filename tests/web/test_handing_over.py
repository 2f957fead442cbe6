"""An officer gives a phone of the practice's to somebody else on its page."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from pocketward.fleet import api as fleet_api
from pocketward.fleet.errors import HandoverRefused, RemovalRefused
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from tests.web.clinic import Clinic
from tests.web.conftest import Browser


@pytest.fixture
def nora(practice: PracticeRecord) -> Member:
    return practice_api.add_member(
        practice_id=practice.id, full_name="Nora Next", role_names=("clinician",), by="system:test"
    )


@pytest.fixture
def clinic(practice: PracticeRecord) -> Clinic:
    return Clinic(practice)


@pytest.fixture
def phone(clinic: Clinic, clinician: Member) -> UUID:
    return clinic.phone("Ward iPhone 3", member=clinician)


def acts(practice: PracticeRecord, phone: UUID) -> str:
    return f"/p/{practice.slug}/phones/{public_id('dev', phone)}/acts/"


def holder(phone: UUID) -> UUID | None:
    return fleet_api.get_device(device_id=phone).member_id


def test_it_goes_to_whoever_is_chosen_and_only_to_people_of_the_list(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, clinician: Member, nora: Member
) -> None:
    place = acts(practice, phone)
    shown = owners_browser.get(place).content.decode()
    dialog = shown.split('id="do-give"')[1].split("</dialog>")[0]
    assert f'value="{public_id("mem", nora.id)}">Nora Next' in dialog
    assert clinician.full_name not in dialog, "who has it already"
    for wrong in ("", "nobody", public_id("mem", phone)):
        answer = owners_browser.post(place, {"act": "give", "person": wrong})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
    assert holder(phone) == clinician.id
    answer = owners_browser.post(place, {"act": "give", "person": public_id("mem", nora.id)})
    assert answer.status_code == 302
    assert holder(phone) == nora.id
    assert "Nora Next carries it now." in owners_browser.get(place).content.decode()


def test_staff_cannot_give_it(
    practice: PracticeRecord, browser_of: Browser, phone: UUID, clinician: Member, nora: Member
) -> None:
    fields = {"act": "give", "person": public_id("mem", nora.id)}
    assert browser_of(clinician).post(acts(practice, phone), fields).status_code in (403, 404)
    with pytest.raises(RemovalRefused, match="Only an officer"):
        fleet_api.give_device(device_id=phone, member_id=nora.id, by_member_id=clinician.id)
    assert holder(phone) == clinician.id


def test_a_personal_a_lost_or_a_shared_one_and_a_leaver_are_refused(
    clinic: Clinic, owner: Member, phone: UUID, clinician: Member, nora: Member
) -> None:
    def give(device: UUID) -> None:
        fleet_api.give_device(device_id=device, member_id=nora.id, by_member_id=owner.id)

    with pytest.raises(HandoverRefused, match="of the practice"):
        give(clinic.phone("Ben’s own", member=clinician, ownership="personal"))
    fleet_api.mark_lost(device_ids=(phone,), case_ref="case_x", by="system:test")
    with pytest.raises(HandoverRefused, match="reported lost"):
        give(phone)
    fleet_api.clear_lost(case_ref="case_x", by="system:test")
    practice_api.mark_left(member_id=nora.id, by="system:test")
    with pytest.raises(HandoverRefused, match="works here"):
        give(phone)
