"""An erase ordered outside a case: seen on Home and its phone's page, approved there, and stopped there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from pocketward.fleet import api as fleet
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.web.visitor import Visitor
from tests.factories.officers import signed_in_officer
from tests.web.clinic import Clinic
from tests.web.conftest import Browser


@pytest.fixture
def second(practice: PracticeRecord, owner: Member) -> Member:
    """A second officer."""
    return signed_in_officer(practice.id, "Grace Placeholder", "grace@example.org")


@pytest.fixture
def phone(practice: PracticeRecord, owner: Member, second: Member) -> UUID:
    clinic = Clinic(practice)
    made = clinic.phone("Ward phone 7", member=owner)
    clinic.report(made)
    return made


@pytest.fixture
def order(phone: UUID, place: str, owners_browser: Client) -> UUID:
    """The erase of a phone that nobody reported lost, ordered by the owner on its page."""
    owners_browser.post(place, {"act": "erase", "name": "Ward phone 7"})
    (found,) = [item for item in fleet.commands(device_id=phone) if item.request_type == "EraseDevice"]
    assert (found.case_ref, found.state) == ("", "requested")
    return found.id


@pytest.fixture
def place(practice: PracticeRecord, phone: UUID) -> str:
    return f"/p/{practice.slug}/phones/{public_id('dev', phone)}/acts/"


def state_of(order: UUID) -> str:
    return fleet.get_command(command_id=order).state


def test_it_is_a_task_on_home_and_listed_on_the_phones_page(
    practice: PracticeRecord, second: Member, order: UUID, place: str, browser_of: Browser
) -> None:
    browser = browser_of(second)
    home = browser.get(f"/p/{practice.slug}/").content.decode()
    assert "An erase of Ward phone 7 waits for approval" in home
    assert place in home
    page = browser.get(place).content.decode()
    assert "It leaves only after your yes" in page
    assert f"{place}approve/{order}/" in page
    assert f"{place}stop/{order}/" in page


def test_who_ordered_it_can_stop_it_and_not_approve_it(
    order: UUID, place: str, owners_browser: Client
) -> None:
    page = owners_browser.get(place).content.decode()
    assert f"{place}approve/{order}/" not in page
    assert owners_browser.post(f"{place}approve/{order}/").status_code == 400
    assert state_of(order) == "requested"
    assert owners_browser.post(f"{place}stop/{order}/").status_code == 302
    assert state_of(order) == "cancelled"


def test_a_second_officer_approves_it_and_either_stops_it_until_it_leaves(
    practice: PracticeRecord, second: Member, order: UUID, place: str, browser_of: Browser,
    owners_browser: Client,
) -> None:  # fmt: skip
    browser = browser_of(second)
    assert browser.post(f"{place}approve/{order}/").status_code == 302
    assert state_of(order) == "queued"
    page = owners_browser.get(place).content.decode()
    assert "unless it is stopped" in page
    assert "waits for approval" not in owners_browser.get(f"/p/{practice.slug}/").content.decode()
    assert owners_browser.post(f"{place}stop/{order}/").status_code == 302
    assert state_of(order) == "cancelled"
    assert (
        fleet.erase_intents(device_id=fleet.get_command(command_id=order).device_id)[0].state == "called_off"
    )


def test_a_yes_without_a_passkey_is_refused(
    second: Member, order: UUID, place: str, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pocketward.web.phones import one_views

    browser, real = browser_of(second), one_views.approve_order

    def weakly(visitor: Visitor, *rest: object) -> str:
        weak = replace(visitor, signed_in=replace(visitor.signed_in, strength="totp"))
        return real(weak, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(one_views, "approve_order", weakly)
    answer = browser.post(f"{place}approve/{order}/")
    assert answer.status_code == 400
    assert "Use your passkey" in answer.content.decode()
    assert state_of(order) == "requested"


def test_the_order_of_another_phone_is_not_there(
    practice: PracticeRecord, second: Member, order: UUID, place: str, browser_of: Browser
) -> None:
    clinic = Clinic(practice)
    clinic.made = 1
    other = public_id("dev", clinic.phone("Ward phone 8"))
    browser = browser_of(second)
    for act in ("approve", "stop"):
        there = f"/p/{practice.slug}/phones/{other}/acts/{act}/{order}/"
        assert browser.post(there).status_code == 404
        assert browser.post(f"{place}{act}/{uuid4()}/").status_code == 404
    assert state_of(order) == "requested"


def test_only_officers_approve_or_stop(
    practice: PracticeRecord, order: UUID, place: str, browser_of: Browser
) -> None:
    nobody = practice_api.add_member(
        practice_id=practice.id, full_name="Ada Auditor", email="ada@example.org", role_names=("auditor",),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(nobody)
    assert "An erase of" not in browser.get(f"/p/{practice.slug}/").content.decode()
    for act in ("approve", "stop"):
        assert browser.post(f"{place}{act}/{order}/").status_code == 403
    assert state_of(order) == "requested"


def test_a_wrong_name_is_refused_in_its_own_dialog_with_what_was_typed(
    phone: UUID, place: str, owners_browser: Client
) -> None:
    answer = owners_browser.post(place, {"act": "erase", "name": "Ward phone 8 <b>"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="do-erase" data-open-now' in page
    assert 'value="Ward phone 8 &lt;b&gt;"' in page
    assert page.count("The name you typed is not this phone’s. Nothing was ordered.") == 2
    assert [item for item in fleet.commands(device_id=phone) if item.request_type == "EraseDevice"] == []


def test_what_is_ordered_already_is_not_offered_twice(
    order: UUID, place: str, owners_browser: Client
) -> None:
    page = owners_browser.get(place).content.decode()
    assert "It is ordered already: see above." in page
    assert 'id="do-erase"' not in page


def test_an_order_that_nobody_is_left_to_approve_says_what_to_do(
    practice: PracticeRecord, second: Member, order: UUID, place: str, owners_browser: Client
) -> None:
    assert "another officer approves it" in owners_browser.get(place).content.decode()
    practice_api.mark_left(member_id=second.id, by="system:test")
    # Nobody is alone on the day on which another officer goes.
    assert "another officer approves it" in owners_browser.get(place).content.decode()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        page = owners_browser.get(place).content.decode()
        assert "Nobody here can approve it any more: stop it, and ask anew." in page
        assert "IT provider approves" not in page
        owners_browser.post(f"{place}stop/{order}/")
    assert state_of(order) == "cancelled"
