"""A phone whose erase is proven looks so everywhere, until it joins again."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet import erase_ladder, joining
from pocketward.fleet.apple import rounds
from pocketward.kernel.ids import public_id
from pocketward.ledger import api as ledger_api
from pocketward.overview import api as overview_api
from pocketward.overview.models import CaseRow, DeviceRow
from pocketward.overview.rows import values_of
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response.errors import RestoreRefused
from pocketward.spine.api import unit_of_work
from tests.factories.officers import signed_in_officer
from tests.response.conftest import answer, bodies, command, confirm, drain, later
from tests.web.clinic import Clinic
from tests.web.conftest import Browser

NAME = "Ben’s iPhone 16"


@pytest.fixture
def second(practice: PracticeRecord, owner: Member) -> Member:
    """A second officer, from before the first phone."""
    return signed_in_officer(practice.id, "Grace Placeholder", "grace@example.org")


@pytest.fixture
def clinic(practice: PracticeRecord, second: Member) -> Clinic:
    return Clinic(practice)


@pytest.fixture
def phone(clinic: Clinic, clinician: Member) -> UUID:
    made = clinic.phone(NAME, member=clinician)
    clinic.report(made)
    return made


@pytest.fixture
def join_again(clinic: Clinic, clinician: Member) -> Callable[[], UUID]:
    """Enroll the same phone once more, with the serial number it had."""

    def join() -> UUID:
        clinic.made -= 1
        return clinic.phone(NAME, member=clinician)

    return join


@pytest.fixture
def case(clinic: Clinic, phone: UUID, owner: Member, second: Member) -> str:
    """Lost, erased, and Apple says that the phone is gone."""
    case_ref = clinic.lose("Ben Sample")
    confirm(case_ref, owner)
    made = response_api.order_erase(
        case_ref=case_ref, device_id=phone, by_member_id=owner.id, strength="passkey"
    )
    response_api.approve_erase(case_ref=case_ref, command_id=made, by_member_id=second.id, strength="passkey")
    with later(minutes=2):
        answer(phone, "EraseDevice")
        erase_ladder.on_acknowledged(command_id=made, fingerprint="f" * 64)
        joining.push_token_died(enrollment_id=command(phone, "EraseDevice").enrollment_id)
        drain()
    ledger_api.seal_pending()
    return case_ref


def read(browser: Client, practice: PracticeRecord, where: str = "") -> str:
    return browser.get(f"/p/{practice.slug}/{where}").content.decode()


def test_nothing_more_is_queued_for_it_until_its_old_identity_speaks(phone: UUID, case: str) -> None:
    enrollment_id = fleet_api.get_device(device_id=phone).enrollment_id
    assert enrollment_id is not None

    def round_of(number: int) -> list[str]:
        unit_of_work(rounds._refresh)(enrollment_id, number)
        rounds.spread_policy(enrollment_id=enrollment_id)
        told = fleet_api.commands(device_id=phone)
        return [item.request_type for item in told if item.state in ("queued", "pushed", "delivered")]

    assert round_of(1) == []
    with later(hours=73):
        assert erase_ladder.on_identity_spoke(device_id=phone, fingerprint="f" * 64)
        assert "DeviceInformation" in round_of(2)


def test_its_page_ticks_nothing_and_offers_nothing_that_needs_the_phone(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, case: str
) -> None:
    place = f"phones/{public_id('dev', phone)}/"
    shown = read(owners_browser, practice, place)
    assert f"{NAME} is erased, proven " in shown
    assert "What it told us before counts no more." in shown
    for gone in ("It answers when it is asked", "Ask it now", "Certificate", "Records stay closed until"):
        assert gone not in shown
    acts = read(owners_browser, practice, f"{place}acts/")
    assert f"{NAME} is erased, proven " in acts
    assert "Take it off the list" in acts
    for gone in ('value="lock"', 'value="erase"', 'value="restart"', 'value="close_records"'):
        assert gone not in acts
    for act in ("lock", "erase"):
        refused = owners_browser.post(f"/p/{practice.slug}/{place}acts/", {"act": act, "name": NAME})
        assert refused.status_code == 400
        assert "It is erased, and that is proven." in refused.content.decode()


@pytest.mark.parametrize(
    ("language", "title", "counts_no_more"),
    [
        ("en", "Your phone is erased.", "What it told us before counts no more."),
        ("es", "Su teléfono está borrado.", "Lo que nos dijo antes ya no cuenta."),
    ],
)
def test_whoever_carried_it_reads_the_same_and_asks_it_nothing(
    practice: PracticeRecord, browser_of: Browser, clinician: Member, phone: UUID, case: str,
    language: str, title: str, counts_no_more: str,
) -> None:  # fmt: skip
    browser, place = browser_of(clinician), f"me/phone/?lang={language}"
    shown = read(browser, practice, place)
    assert title in shown
    assert counts_no_more in shown
    assert "/me/phone/check/" not in shown
    assert not re.search(r'data-s="(ok|fix)"', shown)
    asked = len(fleet_api.commands(device_id=phone))
    answer = browser.post(f"/p/{practice.slug}/me/phone/check/?phone={public_id('dev', phone)}")
    assert answer.status_code == 302
    assert "Asked. It answers" not in read(browser, practice, "me/phone/?lang=en")
    assert len(fleet_api.commands(device_id=phone)) == asked
    fix = browser.get(f"/p/{practice.slug}/me/fix/passcode_set/?phone={public_id('dev', phone)}")
    assert fix.status_code == 302


def test_a_phone_in_its_place_is_what_my_phone_shows(
    practice: PracticeRecord, clinic: Clinic, browser_of: Browser, clinician: Member, phone: UUID, case: str
) -> None:
    clinic.report(clinic.phone("Ben’s new iPhone", member=clinician))
    shown = read(browser_of(clinician), practice, "me/phone/?lang=en")
    assert "Your phone is erased." not in shown
    assert "/me/phone/check/" in shown


def test_the_page_of_its_person_says_that_it_is_erased(
    practice: PracticeRecord, owners_browser: Client, clinician: Member, phone: UUID, case: str
) -> None:
    shown = read(owners_browser, practice, f"people/{public_id('mem', clinician.id)}/")
    assert f"{NAME} is erased, proven " in shown
    assert "is not protected" not in shown


def test_taking_it_off_the_list_promises_no_erase_and_asks_for_nothing_on_it(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, case: str
) -> None:
    place = f"phones/{public_id('dev', phone)}/acts/"
    shown = read(owners_browser, practice, place)
    assert "It is erased already: nothing more is sent to it. Its case stays open." in shown
    for untrue in ("still sent or offered", "Take the management off the phone", "Nothing is erased"):
        assert untrue not in shown
    owners_browser.post(f"/p/{practice.slug}/{place}", {"act": "remove_lost", "name": NAME})
    back = read(owners_browser, practice, place)
    assert "It opens nothing until it joins again with a new code." in back
    assert "has answered and passes" not in back


def test_home_and_its_case_say_that_it_is_erased_and_nobody_is_asked_whether_it_was_found(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, case: str
) -> None:
    home = read(owners_browser, practice)
    assert f"{NAME} is erased, proven " in home
    assert "Nothing is erased by itself" not in home
    shown = read(owners_browser, practice, f"incidents/{case}/")
    assert f"{NAME} was lost and is erased." in shown
    assert "It was found" not in shown
    moved = [
        event for event in bodies(practice, case, "response.step_advanced") if event["state"] == "skipped"
    ]
    assert [(event["step"], event["actor"]) for event in moved] == [("locate", "system:response")]


def test_when_it_joins_again_it_is_a_phone_like_any_other(
    practice: PracticeRecord, owners_browser: Client, join_again: Callable[[], UUID], phone: UUID, case: str
) -> None:
    assert join_again() == phone
    assert fleet_api.erased_at(device_id=phone) is None
    place = f"phones/{public_id('dev', phone)}/"
    assert "is erased, proven" not in read(owners_browser, practice, place)
    assert "Lock it" in read(owners_browser, practice, f"{place}acts/")
    # Its hold is lifted as for every phone that was found.
    assert "It was found" in read(owners_browser, practice, f"incidents/{case}/")
    assert owners_browser.post(f"/p/{practice.slug}/incidents/{case}/reverse/").status_code == 302
    assert access_api.held_devices(practice_id=practice.id) == {}


def test_while_it_is_erased_its_report_cannot_be_reversed_by_anybody(
    practice: PracticeRecord, owners_browser: Client, clinician: Member, phone: UUID, case: str
) -> None:
    refused = owners_browser.post(f"/p/{practice.slug}/incidents/{case}/reverse/")
    assert refused.status_code == 400
    assert "there is nothing to open again" in refused.content.decode()
    with pytest.raises(RestoreRefused) as raised:
        response_api.restore_by_person(
            case_ref=case, by_member_id=clinician.id,
            proof=response_api.PersonalProof(None, False, None, "e" * 64),
        )  # fmt: skip
    assert raised.value.why == "erased"
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}
    assert response_api.get_report(case_ref=case).restored_at is None
    assert bodies(practice, case, "response.restore_denied") == []


def test_when_its_old_identity_speaks_again_nothing_calls_it_erased(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, case: str
) -> None:
    overview_api.catch_up(practice_id=practice.id)
    assert "Its erase is proven." in read(owners_browser, practice, f"incidents/{case}/")
    with later(hours=73):
        assert erase_ladder.on_identity_spoke(device_id=phone, fingerprint="f" * 64)
        drain()
        ledger_api.seal_pending()
        shown = read(owners_browser, practice, f"incidents/{case}/")
        assert f"{NAME} is lost." in shown
        assert "It said that it was erased, and then spoke again: it is not." in shown
        assert "Its erase is proven." not in shown
        assert command(phone, "EraseDevice").state == "acknowledged"
        # An officer can decide without proof again: there is none.
        assert response_api.may_decide_without(case_ref=case)
        overview_api.catch_up(practice_id=practice.id)
        assert f"{NAME} is lost" in read(owners_browser, practice, "incidents/")
        assert "Erased, and that is proven" not in read(owners_browser, practice, "phones/")


def test_lists_say_so_until_it_joins_again(
    practice: PracticeRecord, owners_browser: Client, join_again: Callable[[], UUID], phone: UUID, case: str
) -> None:
    overview_api.catch_up(practice_id=practice.id)
    phones = read(owners_browser, practice, "phones/")
    assert "Erased, and that is proven" in phones
    assert "Reported lost" not in phones
    assert f"{NAME} was lost and is erased" in read(owners_browser, practice, "incidents/")
    follow = read(owners_browser, practice, f"phones/{public_id('dev', phone)}/")
    assert "Reported lost today" in follow
    before = overview_rows()
    overview_api.rebuild(practice_id=practice.id)
    assert overview_rows() == before
    join_again()
    overview_api.catch_up(practice_id=practice.id)
    assert "Erased, and that is proven" not in read(owners_browser, practice, "phones/")
    assert f"{NAME} is lost" in read(owners_browser, practice, "incidents/")
    before = overview_rows()
    overview_api.rebuild(practice_id=practice.id)
    assert overview_rows() == before


def overview_rows() -> list[dict[str, object]]:
    """What the lists hold of phones and cases, in a fixed order."""
    return [values_of(row) for model in (DeviceRow, CaseRow) for row in model.objects.order_by("pk")]
