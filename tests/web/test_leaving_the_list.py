"""A phone's record leaves the list from its page and comes back; a held phone is given up from its case."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from pocketward.fleet import api as fleet_api
from pocketward.kernel.ids import public_id
from pocketward.overview import api as overview_api
from pocketward.pki import api as pki_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies, run_due
from tests.fleet.apple.identities import issue
from tests.web.clinic import Clinic
from tests.web.conftest import Browser

NAME = "Ben’s iPhone 16"


@pytest.fixture
def phone(practice: PracticeRecord, owner: Member, clinician: Member) -> UUID:
    clinic = Clinic(practice)
    made = clinic.phone(NAME, member=clinician)
    clinic.report(made)
    return made


@pytest.fixture
def case(practice: PracticeRecord, phone: UUID) -> str:
    """Ben's phone, with its management certificate, reported lost."""
    enrollment_id = fleet_api.get_device(device_id=phone).enrollment_id
    assert enrollment_id is not None
    issue(practice.id, enrollment_id)
    pki_api.bind_device(enrollment_id=enrollment_id, device_id=phone)
    case_ref = Clinic(practice).lose("Ben Sample")
    while run_due():
        pass
    return case_ref


def acts(practice: PracticeRecord, phone: UUID) -> str:
    return f"/p/{practice.slug}/phones/{public_id('dev', phone)}/acts/"


def removed(phone: UUID) -> bool:
    return fleet_api.get_device(device_id=phone).removed_at is not None


def test_a_phone_leaves_the_list_by_its_name_and_comes_back(
    practice: PracticeRecord, owners_browser: Client, phone: UUID
) -> None:
    place = acts(practice, phone)
    nothing = owners_browser.get(f"/p/{practice.slug}/phones/removed/").content.decode()
    assert "No phone is off the list." in nothing
    assert "None of them opens records" not in nothing
    shown = owners_browser.get(place).content.decode()
    assert "It opens no records any more and is no longer counted." in shown
    assert "Take the management off the phone as well." in shown
    wrong = owners_browser.post(place, {"act": "remove", "name": "Another"})
    assert wrong.status_code == 400
    assert not removed(phone)
    assert owners_browser.post(place, {"act": "remove", "name": NAME}).status_code == 302
    assert removed(phone)
    overview_api.catch_up(practice_id=practice.id)
    assert NAME not in owners_browser.get(f"/p/{practice.slug}/phones/").content.decode()
    overview = owners_browser.get(place.removesuffix("acts/")).content.decode()
    assert "Taken off the list. It opens no records." in overview
    assert "Put it back on the list" in owners_browser.get(place).content.decode()
    listed = owners_browser.get(f"/p/{practice.slug}/phones/removed/").content.decode()
    assert "1 phone is off the list." in listed
    assert f'href="{place.removesuffix("acts/")}"' in listed
    assert owners_browser.post(place, {"act": "put_back"}).status_code == 302
    overview_api.catch_up(practice_id=practice.id)
    assert NAME in owners_browser.get(f"/p/{practice.slug}/phones/").content.decode()
    assert NAME not in owners_browser.get(f"/p/{practice.slug}/phones/removed/").content.decode()
    kinds = [body["kind"] for body in event_bodies(practice_id=practice.id, limit=500)]
    assert kinds.count("fleet.device_removed") == kinds.count("fleet.device_restored") == 1


def test_a_lost_phone_does_not_leave_the_list_without_its_case_being_said(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, case: str
) -> None:
    place = acts(practice, phone)
    assert "It is reported lost: its case stays open" in owners_browser.get(place).content.decode()
    # The page was opened before the report came in.
    stale = owners_browser.post(place, {"act": "remove", "name": NAME})
    assert stale.status_code == 400
    assert "reported lost" in stale.content.decode()
    assert not removed(phone)
    assert owners_browser.post(place, {"act": "remove_lost", "name": NAME}).status_code == 302
    assert removed(phone)


def test_only_officers_remove_a_phone(
    practice: PracticeRecord, phone: UUID, clinician: Member, browser_of: Browser
) -> None:
    answer = browser_of(clinician).post(acts(practice, phone), {"act": "remove", "name": NAME})
    assert answer.status_code in (302, 403)
    assert not removed(phone)


def test_a_held_phone_is_given_up_from_its_case_in_two_steps(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, case: str
) -> None:
    place = f"/p/{practice.slug}/incidents/{case}/"
    shown = owners_browser.get(place).content.decode()
    assert shown.count("After this the phone can no longer be locked or erased.") == 2
    wrong = owners_browser.post(f"{place}management/", {"name": "Another"})
    assert wrong.status_code == 400
    assert fleet_api.can_be_told(device_id=phone)
    assert owners_browser.post(f"{place}management/", {"name": NAME}).status_code == 302
    assert not fleet_api.can_be_told(device_id=phone)
    assert "Go on to revoke it" not in owners_browser.get(place).content.decode()


def test_nobody_but_an_officer_gives_a_phone_up(
    practice: PracticeRecord, phone: UUID, case: str, clinician: Member, browser_of: Browser
) -> None:
    place = f"/p/{practice.slug}/incidents/{case}/management/"
    assert browser_of(clinician).post(place, {"name": NAME}).status_code in (302, 403)
    assert fleet_api.can_be_told(device_id=phone)
