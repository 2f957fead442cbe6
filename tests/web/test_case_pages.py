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
from tests.factories.officers import signed_in_officer
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


@pytest.mark.parametrize("when", ["", "unknown", "today"])
def test_a_case_says_when_it_was_last_had_only_if_somebody_told_it(
    practice: PracticeRecord, owners_browser: Client, clinician: Member, when: str
) -> None:
    clinic = Clinic(practice)
    clinic.report(clinic.phone("Ben’s iPhone 16", member=clinician))
    owners_browser.post(f"/l/{practice.lost_code}", {"who": "Ben Sample", "when": when, "callback": ""})
    run_due()
    (found,) = incidents_api.cases(practice_id=practice.id)
    page = owners_browser.get(place(practice, found.case_ref)).content.decode()
    sheet = owners_browser.get(place(practice, found.case_ref, "exposure/")).content.decode()
    told = when == "today"
    assert ("Last had it earlier that day." in page) == told
    assert ("When it was last had was not told." in page) != told
    assert ("not told" in sheet) != told


def test_a_report_that_waits_says_closed_of_a_phone_that_is_closed_already(
    practice: PracticeRecord, clinician: Member, owners_browser: Client, case: str
) -> None:
    """Past the limit of a network a report closes nothing; what an earlier one closed stays closed."""
    clinic = Clinic(practice)
    *before, later = [clinic.lose("Ben Sample") for _ in range(3)]
    run_due()
    assert response_api.get_report(case_ref=later).outcome == "needs_confirmation"
    page = owners_browser.get(place(practice, later)).content.decode()
    assert "is reported lost once more. Its records are closed already." in page
    assert "still open" not in owners_browser.get(f"/p/{practice.slug}/").content.decode()
    for case_ref in (case, *before):
        access_api.lift_hold(practice_id=practice.id, case_ref=case_ref, by="system:test")
    assert "Its records are still open." in owners_browser.get(place(practice, later)).content.decode()


def test_ticking_a_door_is_noted_with_a_name(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    html = owners_browser.get(place(practice, case)).content.decode()
    tick = re.findall(r'action="([^"]+/door/[^"]+)"', html)[0]
    owners_browser.post(tick)
    shut = response_api.doors(practice_id=practice.id, case_ref=case)
    assert all(door.is_closed for door in shut)
    (by_hand,) = [door for door in shut if door.milliseconds is None]
    assert re.fullmatch(r"Shut by hand: Dana Example, \w{3} \d+, \d+:\d\d [AP]M\.", by_hand.sentence)
    # What a person shut has no part in how fast ours closed.
    after = owners_browser.get(place(practice, case)).content.decode()
    assert re.search(r"Every door we control closed in [^.]+\. The others were shut by hand\.", after)
    assert "Not closed yet" not in after


def test_reversing_lifts_the_hold_in_one_action(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    answer = owners_browser.post(place(practice, case, "reverse/"))
    assert answer.status_code == 302
    assert access_api.held_devices(practice_id=practice.id) == {}
    page = owners_browser.get(place(practice, case)).content.decode()
    assert "The report was reversed." in page
    # Nothing is asked for any more, and what was never done is not ticked as done.
    assert "/door/" not in page and "Not closed yet" not in page
    steps = {one.step: one.state for one in response_api.steps(practice_id=practice.id, case_ref=case)}
    assert page.count("Not needed") == list(steps.values()).count("skipped") > 3
    cases = owners_browser.get(f"/p/{practice.slug}/incidents/").content.decode()
    assert "Ben’s iPhone 16 is back" in cases and "is lost" not in cases


def test_an_erase_needs_the_phones_name_and_then_a_second_officer(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    signed_in_officer(practice.id, "Erin Placeholder", "erin@example.org")
    refused = owners_browser.post(place(practice, case, "erase/"), {"name": "Another phone"})
    assert refused.status_code == 400
    dialog = re.search(
        r'<dialog class="pw-dialog" id="erase" data-open-now.*?</dialog>', refused.content.decode(), re.S
    )
    assert dialog
    assert 'value="Another phone" aria-invalid="true" aria-describedby="e-erase"' in dialog[0]
    assert re.search(r'class="field-error" id="e-erase">.*The name you typed is not this phone’s.', dialog[0])
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
    assert "Nobody here fits that name." in html
    assert "Nobody has said yet whose phone it is: there is none to look for." in html
    for untrue in ("more than one", "This one cannot"):
        assert untrue not in html
    assert practice_api.find_members(practice_id=practice.id, text="Nobody Here") == ()


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


@pytest.fixture
def nobody(practice: PracticeRecord, case: str) -> str:
    """A case of a report that fits nobody, beside Ben's."""
    clinic = Clinic(practice)
    clinic.made = 50  # Ben's phone has the first serial numbers
    case_ref = clinic.lose("Carla Pruba")
    carla = practice_api.add_member(practice_id=practice.id, full_name="Carla Prueba", by="system:test")
    clinic.phone("Carla’s iPhone 14", member=carla)
    clinic.lose("Carla, 2nd floor")
    run_due()
    ledger_api.seal_pending()
    return case_ref


def test_an_officer_sees_what_was_typed_and_picks_whose_phone_it_is(
    practice: PracticeRecord, owners_browser: Client, nobody: str
) -> None:
    html = owners_browser.get(place(practice, nobody)).content.decode()
    for text in ("Whose phone is it?", "“Carla Pruba”", "“Carla, 2nd floor”", "555-0155", "Carla’s iPhone"):
        assert text in html
    picked = re.search(r'action="([^"]+/whose/)".*?name="who" value="(mem_[^"]+)"', html)
    assert picked
    for _ in range(2):
        answer = owners_browser.post(picked[1], {"who": picked[2]}, follow=True)
        assert answer.status_code == 200
    after = answer.content.decode()
    assert "Carla’s iPhone 14 is lost." in after
    assert "Whose phone is it?" not in after
    device = fleet_api.devices_by_label(practice_id=practice.id, label="Carla’s iPhone 14")[0]
    assert device.id in access_api.held_devices(practice_id=practice.id)
    assert device.lost_case_ref == nobody


def test_a_person_nobody_thought_of_is_found_by_looking(
    practice: PracticeRecord, owners_browser: Client, nobody: str
) -> None:
    assert "Ben Sample" not in owners_browser.get(place(practice, nobody, "body/")).content.decode()
    html = owners_browser.get(place(practice, nobody), {"q": "ben"}).content.decode()
    assert "Found for “ben”" in html
    assert "Close records on it" in html
    none = owners_browser.get(place(practice, nobody), {"q": "Zoe Quartz"}).content.decode()
    assert "Nobody fits what you looked for." in none


@pytest.mark.parametrize("who", ["", "mem_", "dev_01m8g2m72df2a99r4y0d83d5hv", "Ben Sample", "case_1"])
def test_a_button_that_names_nobody_here_is_not_found(
    practice: PracticeRecord, owners_browser: Client, nobody: str, who: str
) -> None:
    assert owners_browser.post(place(practice, nobody, "whose/"), {"who": who}).status_code == 404
    assert response_api.get_report(case_ref=nobody).outcome == "paged_only"


def test_people_and_cases_of_another_practice_are_not_there(
    practice: PracticeRecord, owners_browser: Client, clinician: Member, nobody: str
) -> None:
    from pocketward.spine.api import practice_scope

    elsewhere = practice_api.create_practice(name="Elsewhere", zone="America/New_York", by="system:test")
    with practice_scope(elsewhere.id):
        stranger = practice_api.add_member(
            practice_id=elsewhere.id, full_name="Carla Pruba", by="system:test"
        )
        there = response_api.report_loss(
            practice_id=elsewhere.id, said="Nobody", when_seen="now", callback="", network="n" * 64
        )
    who = public_id("mem", stranger.id)
    assert owners_browser.post(place(practice, nobody, "whose/"), {"who": who}).status_code == 404
    who = public_id("mem", clinician.id)
    assert owners_browser.post(place(practice, there, "whose/"), {"who": who}).status_code == 404
    with practice_scope(elsewhere.id):
        assert response_api.get_report(case_ref=there).outcome == "paged_only"


def test_only_officers_say_whose_phone_it_is(
    practice: PracticeRecord, browser_of: Browser, clinician: Member, nobody: str
) -> None:
    auditor = practice_api.add_member(
        practice_id=practice.id, full_name="Ada Auditor", email="ada@example.org", role_names=("auditor",),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(auditor)
    html = browser.get(place(practice, nobody)).content.decode()
    assert "“Carla Pruba”" in html
    assert "/whose/" not in html
    who = public_id("mem", clinician.id)
    assert browser.post(place(practice, nobody, "whose/"), {"who": who}).status_code == 403


def test_a_case_without_mail_says_that_officers_are_told_on_one_channel(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    while run_due():
        pass
    ledger_api.seal_pending()
    html = owners_browser.get(place(practice, case)).content.decode()
    assert "Officers are told on one channel only." in html
    assert "No mail is set up" in html
    home = owners_browser.get(f"/p/{practice.slug}/").content.decode()
    assert "Officers are told on one channel only" in home
    assert "called Dana Example under Incidents only: no mail is set up" in html
    ledger_api.seal_pending()
    assert "opened the case after being called" in owners_browser.get(place(practice, case)).content.decode()
    owners_browser.post(place(practice, case, "take/"))
    assert "on one channel" not in owners_browser.get(place(practice, case)).content.decode()


def test_more_reports_after_it_was_taken_ask_the_same_person_again(
    practice: PracticeRecord, owners_browser: Client, owner: Member, nobody: str
) -> None:
    from datetime import timedelta

    from pocketward.kernel import clock

    owners_browser.post(place(practice, nobody, "take/"))
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        Clinic(practice).lose("Carla again")
        while run_due():
            pass
        html = owners_browser.get(place(practice, nobody)).content.decode()
        assert "More reports came to this case." in html
        owners_browser.post(place(practice, nobody, "take/"))
        assert "More reports came" not in owners_browser.get(place(practice, nobody)).content.decode()
    case = incidents_api.get_case(case_ref=nobody)
    assert case.lead == f"member:{owner.id}"


def test_a_leavers_phone_is_closed_on_its_page_and_says_why(
    practice: PracticeRecord, owners_browser: Client, owner: Member
) -> None:
    clinic = Clinic(practice)
    pat = practice_api.add_member(practice_id=practice.id, full_name="Pat One", by="system:test")
    phone = clinic.phone("Pat’s iPhone", member=pat)
    clinic.report(phone)
    page = f"/p/{practice.slug}/phones/{public_id('dev', phone)}/"
    assert "Its person has left." not in owners_browser.get(page).content.decode()
    practice_api.mark_left(member_id=pat.id, by="system:test")
    while run_due():
        pass
    html = owners_browser.get(page).content.decode()
    assert "Records are closed on Pat’s iPhone." in html
    assert "Its person has left." in html
    assert "Its person has left." in owners_browser.get(f"/p/{practice.slug}/phones/").content.decode()
