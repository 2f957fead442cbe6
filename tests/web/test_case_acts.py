"""Further acts in a case, and the staff pages beside it: each does what it says, for whom it may."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet import state
from pocketward.incidents import api as incidents_api
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.kernel.networks import network_digest
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import event_bodies, run_due
from tests.factories.officers import signed_in_officer
from tests.response.conftest import answer, confirm
from tests.response.test_locating import tell_place
from tests.web.clinic import Clinic
from tests.web.conftest import Browser


@pytest.fixture
def phone(practice: PracticeRecord, owner: Member, clinician: Member) -> UUID:
    clinic = Clinic(practice)
    made = clinic.phone("Ben’s iPhone 16", member=clinician)
    clinic.report(made)
    return made


@pytest.fixture
def case(practice: PracticeRecord, phone: UUID) -> str:
    case_ref = Clinic(practice).lose("Ben Sample")
    while run_due():
        pass
    return case_ref


def place(practice: PracticeRecord, case_ref: str, act: str = "") -> str:
    return f"/p/{practice.slug}/incidents/{case_ref}/{act}"


def test_an_officer_sets_another_moment_of_discovery(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    assert "When it was known" in owners_browser.get(place(practice, case)).content.decode()
    refused = owners_browser.post(
        place(practice, case, "discovery/"), {"at": "soon", "reason": "The desk knew."}
    )
    assert refused.status_code == 400
    known = (clock.now() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    owners_browser.post(place(practice, case, "discovery/"), {"at": known, "reason": "The desk knew."})
    assert incidents_api.get_case(case_ref=case).discovered_why == "The desk knew."
    html = owners_browser.get(place(practice, case)).content.decode()
    assert "The desk knew." in html
    assert "the report" in html


def test_a_place_is_shown_once_for_a_purpose_and_no_browser_keeps_it(
    practice: PracticeRecord, owners_browser: Client, case: str, phone: UUID, owner: Member
) -> None:
    html = owners_browser.get(place(practice, case)).content.decode()
    assert "Only a practice-owned, supervised phone" in html
    owners_browser.post(place(practice, case, "locate/"), {"reason": "to fetch it now"})
    asked = response_api.locations(practice_id=practice.id, case_ref=case)[0]
    tell_place(practice, case, phone, asked.command_id)
    while run_due():
        pass
    page = owners_browser.get(place(practice, case)).content.decode()
    assert "43.66" not in page
    shown = re.search(r'action="([^"]+/place/[^"]+)"', page)
    assert shown
    without = owners_browser.post(shown[1], {"purpose": ""})
    assert without.status_code == 400
    seen = owners_browser.post(shown[1], {"purpose": "fetching it"})
    assert "43.66147" in seen.content.decode()
    assert seen["Cache-Control"] == "no-store"
    assert owners_browser.get(shown[1]).status_code == 405


def test_an_auditor_never_sees_a_place(
    practice: PracticeRecord, owners_browser: Client, browser_of: Browser, case: str, phone: UUID
) -> None:
    owners_browser.post(place(practice, case, "locate/"), {"reason": "to fetch it now"})
    asked = response_api.locations(practice_id=practice.id, case_ref=case)[0]
    tell_place(practice, case, phone, asked.command_id)
    while run_due():
        pass
    auditor = practice_api.add_member(
        practice_id=practice.id, full_name="Ada Auditor", email="ada@example.org", role_names=("auditor",),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(auditor)
    html = browser.get(place(practice, case)).content.decode()
    assert "to fetch it now" in html
    assert "/place/" not in html
    url = place(practice, case, f"place/{asked.id}/")
    assert browser.post(url, {"purpose": "looking at it"}).status_code == 403


def test_a_reversal_asks_for_the_end_of_lost_mode_in_the_same_tap(
    practice: PracticeRecord, owners_browser: Client, browser_of: Browser, case: str, phone: UUID
) -> None:
    second = signed_in_officer(practice.id, "Erin Placeholder", "erin@example.org")
    confirm(case, second)
    answer(phone, "EnableLostMode")
    with clock.frozen(clock.now() + timedelta(hours=25)):
        owners_browser.post(place(practice, case, "reverse/"))
        ending = next(
            item for item in fleet_api.commands(device_id=phone) if item.request_type == "DisableLostMode"
        )
        assert ending.state == "requested"
        html = browser_of(second).get(place(practice, case)).content.decode()
        assert "The phone may still be in lost mode." in html
        browser_of(second).post(place(practice, case, f"approve/{ending.id}/"))
        assert fleet_api.get_command(command_id=ending.id).state == "queued"


def test_the_written_steps_are_a_page_and_a_document(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    html = owners_browser.get(f"/p/{practice.slug}/incidents/steps/lost_device/").content.decode()
    for step in response_api.playbook("lost_device").steps:
        assert step.title in html
    assert "Erasing takes two officers, or the only one and a wait of 15 minutes" in html
    taken = owners_browser.get(f"/p/{practice.slug}/incidents/steps/lost_device.pdf")
    assert taken.content.startswith(b"%PDF")
    assert owners_browser.get(f"/p/{practice.slug}/incidents/steps/nothing/").status_code == 404
    kinds = [event["kind"] for event in event_bodies(practice_id=practice.id, limit=500)]
    assert kinds.count("response.playbook_taken") == 1


def test_the_steps_that_a_person_ends_can_be_ended(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    owners_browser.post(place(practice, case, "step/replace/"))
    early = owners_browser.post(place(practice, case, "step/without/"), {"reason": "It burned with the car."})
    assert early.status_code == 400
    assert "Order the erase first" in early.content.decode()
    done = {item.step: item.state for item in response_api.steps(practice_id=practice.id, case_ref=case)}
    assert (done["replace"], done["prove_erase"]) == ("done", "waiting")


def test_deciding_without_proof_is_offered_only_72_hours_after_the_erase(
    practice: PracticeRecord, owner: Member, owners_browser: Client, case: str, phone: UUID
) -> None:
    second = signed_in_officer(practice.id, "Erin Placeholder", "erin@example.org")
    address, offer = place(practice, case), "Decide without proof"
    with clock.frozen(clock.now() + timedelta(hours=25)):
        made = response_api.order_erase(
            case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey"
        )
        response_api.approve_erase(case_ref=case, command_id=made, by_member_id=second.id, strength="passkey")
        run_all()
        assert offer not in owners_browser.get(address).content.decode()
    with clock.frozen(clock.now() + timedelta(hours=25 + 73)):
        run_all()
        assert offer in owners_browser.get(address).content.decode()
        owners_browser.post(f"{address}step/without/", {"reason": "It burned with the car."})
        done = {item.step: item.state for item in response_api.steps(practice_id=practice.id, case_ref=case)}
        assert done["prove_erase"] == "done"
        assert offer not in owners_browser.get(address).content.decode()


def run_all() -> None:
    while run_due():
        pass


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_colleague_makes_a_code_that_is_shown_once(
    practice: PracticeRecord, clinician: Member, browser_of: Browser, language: str
) -> None:
    browser = browser_of(clinician)
    address = f"/p/{practice.slug}/me/vouch/?lang={language}"
    assert not re.search(r"\d{4} \d{4}", browser.get(address).content.decode())
    made = browser.post(address)
    assert re.search(r">\d{4} \d{4}<", made.content.decode())
    assert made["Cache-Control"] == "no-store"
    assert not re.search(r">\d{4} \d{4}<", browser.get(address).content.decode())


def test_recovery_codes_are_shown_once_and_each_is_good_once(
    practice: PracticeRecord, clinician: Member, browser_of: Browser
) -> None:
    browser = browser_of(clinician)
    html = browser.post("/account/recovery/").content.decode()
    codes = re.findall(r"<code>(\d+)</code>", html)
    assert len(codes) == 10
    assert codes[0] not in browser.get("/account/recovery/").content.decode()
    account = practice_api.get_member(member_id=clinician.id).account_id
    assert account is not None
    assert access_api.spend_recovery_code(account_id=account, code=codes[0])
    assert not access_api.spend_recovery_code(account_id=account, code=codes[0])
    assert not access_api.spend_recovery_code(account_id=account, code="")
    assert access_api.recovery_codes_left(account_id=account) == 9
    browser.post("/account/recovery/")
    assert not access_api.spend_recovery_code(account_id=account, code=codes[1])


def test_a_restore_without_a_passkey_says_what_is_missing(
    practice: PracticeRecord, clinician: Member, browser_of: Browser, case: str, phone: UUID
) -> None:
    browser, address = browser_of(clinician), f"/p/{practice.slug}/me/phone/"
    browser.post(f"{address}restore/?phone={public_id('dev', phone)}", {"code": "12345678"})
    html = browser.get(f"{address}?phone={public_id('dev', phone)}").content.decode()
    assert "This passkey alone cannot do it." in html
    assert phone in access_api.held_devices(practice_id=practice.id)


def test_an_officer_is_told_on_the_page_that_another_opens_their_own_phone(
    practice: PracticeRecord, owner: Member, browser_of: Browser
) -> None:
    clinic = Clinic(practice)
    other = signed_in_officer(practice.id, "Grace Placeholder", "grace@example.org")
    own = clinic.phone("Dana’s iPhone 16", member=owner)
    clinic.report(own)
    case_ref = clinic.lose("Dana Example")
    browser, theirs = browser_of(owner), browser_of(other)
    shown = browser.get(place(practice, case_ref)).content.decode()
    assert "another officer opens its records again" in shown
    assert place(practice, case_ref, "reverse/") not in shown
    refused = browser.post(place(practice, case_ref, "reverse/"))
    assert refused.status_code == 400
    assert "Ask another officer." in refused.content.decode()
    assert set(access_api.held_devices(practice_id=practice.id)) == {own}
    assert place(practice, case_ref, "reverse/") in theirs.get(place(practice, case_ref)).content.decode()
    theirs.post(place(practice, case_ref, "reverse/"))
    assert not access_api.held_devices(practice_id=practice.id)


def test_an_officer_opens_nothing_from_the_network_of_the_reported_phone_and_is_told_what_does(
    practice: PracticeRecord, owners_browser: Client, case: str, phone: UUID
) -> None:
    told = network_digest("203.0.113.7", django_settings.POCKETWARD.secret_key)[:16]
    state.note_heard(device_id=phone, network=told)
    there = owners_browser.post(place(practice, case, "reverse/"), REMOTE_ADDR="203.0.113.7")
    assert there.status_code == 400
    assert "such as mobile data" in there.content.decode()
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}
    owners_browser.post(place(practice, case, "reverse/"), REMOTE_ADDR="203.0.113.8")
    assert not access_api.held_devices(practice_id=practice.id)


def test_the_only_officer_is_told_that_the_erase_leaves_by_itself_and_until_when_it_stops(
    practice: PracticeRecord, owners_browser: Client, case: str, phone: UUID, settings: Settings
) -> None:
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host="127.0.0.1"))
    asked = owners_browser.post(place(practice, case, "erase/"), {"name": "Ben’s iPhone 16"}, follow=True)
    shown = asked.content.decode()
    assert "You are the only officer: it leaves in 15 minutes." in shown
    assert "Nothing leaves before a second officer" not in shown
    found = next(s for s in response_api.steps(practice_id=practice.id, case_ref=case) if s.step == "erase")
    assert (
        found.receipt == "Requested by the only officer; leaves by itself in 15 minutes unless it is stopped."
    )
    card = shown.split("counting")[1].split("</form>")[0]
    assert "The erase leaves in 1" in card
    order = next(c for c in fleet_api.commands(device_id=phone) if c.request_type == "EraseDevice")
    assert order.not_before is not None
    local = order.not_before.astimezone(ZoneInfo(practice.zone))
    assert card.count(f"{local:%-I:%M:%S}") == 1


def test_each_erase_that_counts_down_in_a_case_names_its_phone_and_has_its_own_stop(
    practice: PracticeRecord, clinician: Member, owners_browser: Client, browser_of: Browser
) -> None:
    clinic, labels = Clinic(practice), ("Ben’s iPhone 16", "Ben’s iPad 9")
    second = signed_in_officer(practice.id, "Erin Placeholder", "erin@example.org")
    phones = {label: clinic.phone(label, member=clinician) for label in labels}
    for made in phones.values():
        clinic.report(made)
    case_ref = clinic.lose("Ben Sample")
    run_all()
    for label in labels:
        owners_browser.post(place(practice, case_ref, "erase/"), {"name": label})
    orders = {label: next(c.id for c in fleet_api.commands(device_id=phones[label])
                          if c.request_type == "EraseDevice") for label in labels}  # fmt: skip
    other = browser_of(second)
    for order in orders.values():
        other.post(place(practice, case_ref, f"approve/{order}/"))
    cards = owners_browser.get(place(practice, case_ref)).content.decode().split(" counting")[1:]
    assert len(cards) == 2
    for label, order in orders.items():
        (card,) = [one for one in cards if f"stop/{order}/" in one.split("</form>")[0]]
        assert f"<b>{label}</b>" in card.split("</form>")[0]
    owners_browser.post(place(practice, case_ref, f"stop/{orders[labels[1]]}/"))
    left = owners_browser.get(place(practice, case_ref)).content.decode()
    assert f"stop/{orders[labels[0]]}/" in left and f"stop/{orders[labels[1]]}/" not in left


def test_the_only_officer_reads_on_the_phones_page_that_an_erase_waits_and_asks_for_no_second(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, settings: Settings
) -> None:
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host="127.0.0.1"))
    acts = f"/p/{practice.slug}/phones/{public_id('dev', phone)}/acts/"
    shown = owners_browser.get(acts).content.decode()
    assert "it waits 15 minutes, and can be stopped until then" in shown
    assert "second officer" not in shown
    asked = owners_browser.post(acts, {"act": "erase", "name": "Ben’s iPhone 16"}, follow=True)
    assert "You are the only officer: it leaves in 15 minutes." in asked.content.decode()


def test_where_nobody_can_be_called_back_the_step_still_speaks_in_a_whole_sentence(
    practice: PracticeRecord, owners_browser: Client, phone: UUID
) -> None:
    case_ref = response_api.report_loss(
        practice_id=practice.id, said="Ben Sample", when_seen="today", callback="", network="n" * 64
    )
    run_all()
    assert "<p>When you say that it is lost, the phone is locked" in (
        owners_browser.get(place(practice, case_ref)).content.decode()
    )


def test_the_list_calls_no_phone_contained_that_has_answered_nothing(
    practice: PracticeRecord, owners_browser: Client, case: str
) -> None:
    listed = owners_browser.get(f"/p/{practice.slug}/incidents/").content.decode()
    assert "Our doors are closed" in listed
    assert "Contained" not in listed
