"""The case of a lost phone: what the page says is true, and each act does what it says."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.kernel.ids import public_id
from pocketward.ledger import api as ledger_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import run_due
from tests.web.clinic import Clinic, fill
from tests.web.conftest import Browser


@pytest.fixture
def case(practice: PracticeRecord, owner: Member, clinician: Member) -> str:
    """A case of Ben's phone, with one door of ours and one that is not."""
    clinic = Clinic(practice)
    access_api.prepare_practice(practice_id=practice.id, by="system:test")
    access_api.register_app(
        practice_id=practice.id, name="Chart app", door="proxied", hosts=("ehr.localhost",),
        paths=(("/", "notes"),), by="system:test",
    )  # fmt: skip
    access_api.register_app(practice_id=practice.id, name="Billing portal", door="account", by="system:test")
    clinic.report(clinic.phone("Ben’s iPhone 16", member=clinician))
    case_ref = clinic.lose("Ben Sample")
    run_due()
    ledger_api.seal_pending()
    return case_ref


def place(practice: PracticeRecord, case_ref: str, act: str = "") -> str:
    return f"/p/{practice.slug}/incidents/{case_ref}/{act}"


def test_the_case_names_the_doors_that_are_not_ours(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    html = owners_browser.get(place(practice, case)).content.decode()
    assert "Every door we control closed in" in html
    assert "Records are closed" not in html
    assert "Billing portal" in html
    assert "I shut it" in html
    assert "Nothing has been erased." in html


def test_ticking_a_door_is_noted_with_a_name(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    html = owners_browser.get(place(practice, case)).content.decode()
    tick = re.findall(r'action="([^"]+/door/[^"]+)"', html)[0]
    owners_browser.post(tick)
    assert all(door.is_closed for door in response_api.doors(practice_id=practice.id, case_ref=case))


def test_reversing_lifts_the_hold_in_one_action(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    answer = owners_browser.post(place(practice, case, "reverse/"))
    assert answer.status_code == 302
    assert access_api.held_devices(practice_id=practice.id) == {}
    assert "The report was reversed." in owners_browser.get(place(practice, case)).content.decode()


def test_an_erase_needs_the_phones_name_and_then_a_second_officer(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    practice_api.add_member(
        practice_id=practice.id, full_name="Erin Placeholder", email="erin@example.org",
        role_names=("it_lead",), by="system:test",
    )  # fmt: skip
    owners_browser.post(place(practice, case, "erase/"), {"name": "Another phone"})
    device = fleet_api.devices_by_label(practice_id=practice.id, label="Ben’s iPhone 16")[0]
    assert not [
        item for item in fleet_api.commands(device_id=device.id) if item.request_type == "EraseDevice"
    ]
    owners_browser.post(place(practice, case, "erase/"), {"name": "Ben’s iPhone 16"})
    erase = next(
        item for item in fleet_api.commands(device_id=device.id) if item.request_type == "EraseDevice"
    )
    assert erase.state in ("requested", "authorized", "queued")


def test_an_officer_who_takes_the_case_stops_the_calling(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    assert "I take this case" in owners_browser.get(place(practice, case)).content.decode()
    owners_browser.post(place(practice, case, "take/"))
    assert response_api.unanswered(practice_id=practice.id) == ()


def test_a_clinician_may_not_see_or_touch_a_case(
    practice: PracticeRecord, clinician: Member, browser_of: Browser, case: str
) -> None:
    browser = browser_of(clinician)
    assert browser.get(place(practice, case)).status_code == 302
    assert browser.post(place(practice, case, "reverse/")).status_code == 403
    assert access_api.held_devices(practice_id=practice.id)


def test_a_case_that_is_not_there_is_not_found(practice: PracticeRecord, owners_browser: Client) -> None:
    assert owners_browser.get(place(practice, "case_nothing")).status_code == 404


def test_home_and_the_list_lead_to_the_case(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    for page in (f"/p/{practice.slug}/", f"/p/{practice.slug}/incidents/"):
        assert place(practice, case) in owners_browser.get(page).content.decode()


def test_a_report_that_fits_nobody_says_so(practice: PracticeRecord, owners_browser: Client) -> None:
    fill(practice)
    case_ref = Clinic(practice).lose("Nobody Here")
    ledger_api.seal_pending()
    run_due()
    html = owners_browser.get(place(practice, case_ref)).content.decode()
    assert "Nobody, or more than one, fits that name." in html
    assert practice_api.find_members(practice_id=practice.id, text="Nobody Here") == ()


def test_the_worksheet_keeps_answers_and_the_privacy_officer_decides(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    sheet = place(practice, case, "exposure/")
    html = owners_browser.get(sheet).content.decode()
    assert "Presumed a breach until a named person decides otherwise" in html
    owners_browser.post(sheet, {"records_kept": "no", "note-records_kept": "The app keeps none."})
    opened = incidents_api.get_case(case_ref=case)
    kept = {row.question: row for row in incidents_api.worksheet(case_id=opened.id)}
    assert (kept["records_kept"].answer, kept["records_kept"].detail) == ("no", "The app keeps none.")
    short = owners_browser.post(place(practice, case, "decide/"), {"decision": "low", "reason": "no"})
    assert short.status_code == 400
    reason = "Encrypted behind a passcode, and nobody opened records after it was lost."
    owners_browser.post(place(practice, case, "decide/"), {"decision": "low", "reason": reason})
    assert incidents_api.get_case(case_ref=case).verdict == "low_probability"
    owners_browser.post(place(practice, case, "close/"))
    assert incidents_api.get_case(case_ref=case).state == "closed"


def test_the_case_can_be_taken_as_a_pdf_and_that_is_a_fact(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    answer = owners_browser.get(place(practice, case, "report.pdf"))
    assert answer.content.startswith(b"%PDF")
    ledger_api.seal_pending()
    kinds = [entry.kind for entry in ledger_api.entries(practice_id=practice.id, case_ref=case, limit=5)]
    assert "incidents.case_exported" in kinds


def test_a_person_without_a_sound_passkey_cannot_open_records_again(
    practice: PracticeRecord, clinician: Member, browser_of: Browser, case: str
) -> None:
    device = fleet_api.devices_by_label(practice_id=practice.id, label="Ben’s iPhone 16")[0]
    phone = public_id("dev", device.id)
    browser = browser_of(clinician)
    base = f"/p/{practice.slug}/me/phone/"
    assert "Is it with you, or really lost?" in browser.get(base).content.decode()
    browser.post(f"{base}restore/?phone={phone}")
    assert device.id in access_api.held_devices(practice_id=practice.id)
    browser.post(f"{base}confirm/?phone={phone}")
    assert response_api.get_report(case_ref=case).confirmed_at is not None


def test_nobody_answers_for_the_phone_of_somebody_else(
    practice: PracticeRecord, owner: Member, browser_of: Browser, case: str
) -> None:
    device = fleet_api.devices_by_label(practice_id=practice.id, label="Ben’s iPhone 16")[0]
    answer = browser_of(owner).post(
        f"/p/{practice.slug}/me/phone/confirm/?phone={public_id('dev', device.id)}"
    )
    assert answer.status_code == 404
