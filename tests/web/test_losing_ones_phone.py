"""Somebody signed in reports their own phone, or a shared tablet, and reads what became of it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import run_due
from tests.response.conftest import reverse
from tests.web.clinic import Clinic
from tests.web.conftest import Browser


@pytest.fixture
def clinic(practice: PracticeRecord, owner: Member) -> Clinic:
    return Clinic(practice)


@pytest.fixture
def phone(clinic: Clinic, clinician: Member) -> UUID:
    made = clinic.phone("Ben’s iPhone 16", member=clinician)
    clinic.report(made)
    return made


@pytest.fixture
def tablet(clinic: Clinic) -> UUID:
    return clinic.phone("Rounds iPad 1", kind="ipad")


@pytest.fixture
def browser(browser_of: Browser, clinician: Member) -> Client:
    return browser_of(clinician)


@pytest.fixture
def place(practice: PracticeRecord) -> str:
    return f"/p/{practice.slug}/me/lost/"


def which(device_id: UUID) -> str:
    return public_id("dev", device_id)


def locks(device_id: UUID) -> set[str]:
    sent = {item.request_type for item in fleet_api.commands(device_id=device_id)}
    return sent & {"DeviceLock", "EnableLostMode"}


def held(practice: PracticeRecord) -> set[UUID]:
    return set(access_api.held_devices(practice_id=practice.id))


def test_ones_own_phone_is_closed_locked_and_told_back(
    practice: PracticeRecord, browser: Client, owner: Member, clinician: Member, browser_of: Browser,
    phone: UUID, place: str,
) -> None:  # fmt: skip
    assert f'href="{place}"' in browser.get(place.removesuffix("lost/")).content.decode()
    asked = browser.get(place).content.decode()
    assert "Ben’s iPhone 16" in asked
    assert "<textarea" not in asked
    done = browser.post(place, {"which": which(phone), "when": "now", "callback": "555-0155 <x>"})
    assert done.status_code == 200
    shown = done.content.decode()
    assert "Records are closed on Ben’s iPhone 16." in shown
    assert "The lock is on its way." in shown
    assert "Officers are called. Nobody has answered yet." in shown
    # The very session that reported needs a fresh passkey from now on, like all of this person.
    assert browser.get(place)["Location"].startswith("/sign-in/")
    assert locks(phone) == {"EnableLostMode"}
    case_ref = fleet_api.get_device(device_id=phone).lost_case_ref
    assert response_api.get_report(case_ref=case_ref).callback == "555-0155 x"
    response_api.answer_alert(practice_id=practice.id, case_ref=case_ref, by_member_id=owner.id)
    again, told = browser_of(clinician), f"{place}{case_ref}/"
    assert "An officer has taken it and calls you." in again.get(told).content.decode()
    reverse(case_ref, owner)
    assert "is settled." in again.get(told).content.decode()


def test_in_spanish_it_is_spanish_throughout(
    practice: PracticeRecord, browser: Client, phone: UUID, place: str
) -> None:
    asked = browser.get(f"{place}?lang=es").content.decode()
    assert "Perdí mi teléfono" in asked
    done = browser.post(f"{place}?lang=es", {"which": which(phone), "when": "today"})
    shown = done.content.decode()
    assert "Los expedientes están cerrados en Ben’s iPhone 16." in shown
    assert "El bloqueo está en camino." in shown


def test_doors_that_are_not_ours_are_not_called_closed(
    practice: PracticeRecord, browser: Client, phone: UUID, place: str
) -> None:
    access_api.register_app(practice_id=practice.id, name="Mail", door="suite", by="system:test")
    done = browser.post(place, {"which": which(phone), "when": "today"})
    shown = done.content.decode()
    assert "Every door we control is closed on Ben’s iPhone 16." in shown
    assert "Records are closed" not in shown


def test_from_the_phone_itself_it_closes_and_says_that_an_officer_locks(
    practice: PracticeRecord, browser: Client, phone: UUID, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_api, "devices_of_sign_in", lambda **_: frozenset({phone}))
    assert "You are using it now." in browser.get(place).content.decode()
    done = browser.post(place, {"which": which(phone), "when": "today"})
    shown = done.content.decode()
    assert "It is not locked before an officer has confirmed the loss." in shown
    assert held(practice) == {phone}
    assert locks(phone) == set()


def test_a_shared_tablet_is_chosen_by_its_label(
    practice: PracticeRecord, browser: Client, phone: UUID, tablet: UUID, place: str
) -> None:
    assert "Rounds iPad 1" in browser.get(place).content.decode()
    browser.post(place, {"which": "tablet", "tablet": which(tablet), "when": "earlier"})
    assert held(practice) == {tablet}


def test_what_was_not_offered_closes_nothing(
    practice: PracticeRecord, browser: Client, clinic: Clinic, phone: UUID, tablet: UUID, owner: Member,
    place: str,
) -> None:  # fmt: skip
    theirs = clinic.phone("Dana’s iPhone", member=owner)
    for form in (
        {}, {"which": which(theirs)}, {"which": which(tablet)}, {"which": "tablet"}, {"which": "dev_x"},
        {"which": "tablet", "tablet": which(theirs)},
    ):  # fmt: skip
        answer = browser.post(place, {"when": "now", **form})
        assert answer.status_code == 400
        assert "Choose the phone or the tablet." in answer.content.decode()
    assert held(practice) == set()


def test_an_auditor_is_offered_no_tablet(
    practice: PracticeRecord, tablet: UUID, browser_of: Browser, place: str
) -> None:
    auditor = practice_api.add_member(
        practice_id=practice.id, full_name="Ada Auditor", email="ada@example.org", role_names=("auditor",),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(auditor)
    assert "Rounds iPad 1" not in browser.get(place).content.decode()
    assert browser.post(place, {"which": "tablet", "tablet": which(tablet)}).status_code == 400
    assert held(practice) == set()


def test_nobody_reads_the_report_of_somebody_else(
    practice: PracticeRecord, browser: Client, clinic: Clinic, phone: UUID, owners_browser: Client, place: str
) -> None:
    assert browser.get(f"{place}case_x/").status_code == 404
    browser.post(place, {"which": which(phone), "when": "now"})
    case_ref = fleet_api.get_device(device_id=phone).lost_case_ref
    assert owners_browser.get(f"{place}{case_ref}/").status_code == 404


def test_whoever_has_no_phone_here_is_shown_the_open_page(
    practice: PracticeRecord, browser: Client, place: str
) -> None:
    shown = browser.get(place).content.decode()
    assert "No phone of yours has joined, and there is no shared tablet." in shown
    assert f"/l/{practice.lost_code}" in shown


def test_what_is_held_about_somebody_has_their_phones_cases_and_no_others(
    clinic: Clinic, phone: UUID, owner: Member, clinician: Member, browser_of: Browser,
    practice: PracticeRecord,
) -> None:  # fmt: skip
    browser = browser_of(clinician)
    clinic.phone("Dana’s iPhone", member=owner)
    held = f"/p/{practice.slug}/me/held/"
    before = browser.get(held).content.decode()
    assert "Cases about your phones" in before and "Case 20" not in before
    for said in ("Dana Example", "Ben Sample"):
        clinic.lose(said)
    while run_due():
        pass
    (mine,) = [case for case in incidents_api.cases(practice_id=practice.id) if phone in case.device_ids]
    # The report asks everybody whom it is about for a fresh passkey.
    browser = browser_of(clinician)
    page = browser.get(held).content.decode()
    assert re.findall(r"<dt>Case ([0-9-]+)</dt><dd>open<", page) == [mine.number]
    assert f"Caso {mine.number}" in browser.get(f"{held}?lang=es").content.decode()
    # It stays with the person whom it is about, and does not go with the phone.
    fleet_api.assign_device(device_id=phone, member_id=owner.id, by="system:test")
    assert f"Case {mine.number}" in browser.get(held).content.decode()
    assert f"Case {mine.number}" not in browser_of(owner).get(held).content.decode()
