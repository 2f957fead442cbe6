"""A phone whose erase is proven looks so everywhere, until it joins again."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from pocketward.fleet import api as fleet_api
from pocketward.fleet import erase_ladder, joining
from pocketward.kernel.ids import public_id
from pocketward.ledger import api as ledger_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from tests.factories.officers import signed_in_officer
from tests.response.conftest import answer, bodies, command, confirm, drain, later
from tests.web.clinic import Clinic

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
    practice: PracticeRecord,
    owners_browser: Client,
    clinic: Clinic,
    clinician: Member,
    phone: UUID,
    case: str,
) -> None:
    clinic.made -= 1
    assert clinic.phone(NAME, member=clinician) == phone
    assert fleet_api.erased_at(device_id=phone) is None
    place = f"phones/{public_id('dev', phone)}/"
    assert "is erased, proven" not in read(owners_browser, practice, place)
    assert "Lock it" in read(owners_browser, practice, f"{place}acts/")
    # Its hold is lifted as for every phone that was found.
    assert "It was found" in read(owners_browser, practice, f"incidents/{case}/")
