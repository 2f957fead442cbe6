"""What destroys is asked for and approved by somebody who signed in just now, through whichever door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client

from pocketward.fleet import api as fleet
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice.api import Member, PracticeRecord
from pocketward.web import proving
from tests.web.clinic import Clinic
from tests.web.conftest import Browser
from tests.web.test_erased_phone import NAME
from tests.web.test_erased_phone import clinic as clinic
from tests.web.test_erased_phone import phone as phone
from tests.web.test_erased_phone import second as second

UNDONE = "Nothing was done yet: sign in again, then do it once more."


@pytest.fixture
def acts(practice: PracticeRecord, phone: UUID) -> str:
    return f"/p/{practice.slug}/phones/{public_id('dev', phone)}/acts/"


@pytest.fixture
def case(practice: PracticeRecord, clinic: Clinic, phone: UUID) -> str:
    return f"/p/{practice.slug}/incidents/{clinic.lose('Ben Sample')}/"


@contextmanager
def eleven_minutes_later() -> Iterator[None]:
    """All sign-ins are 11 minutes old, and the demo's count no more than others'."""
    later = clock.true_now() + timedelta(minutes=11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proving, "DEMO", "none")
        patch.setattr(clock, "true_now", lambda: later)
        yield


def erases(phone: UUID) -> list[str]:
    found = fleet.commands(device_id=phone)
    return [item.state for item in found if item.request_type == "EraseDevice"]


def must_sign_in(browser: Client, address: str, sent: dict[str, str], back: str) -> None:
    """That nothing is taken at this address from an old sign-in, and where that leads."""
    with eleven_minutes_later():
        answer = browser.post(address, sent)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={quote(back, safe='')}")


def test_an_erase_is_asked_for_from_a_phones_page(
    owners_browser: Client, owner: Member, browser_of: Browser, phone: UUID, acts: str,
) -> None:  # fmt: skip
    must_sign_in(owners_browser, acts, {"act": "erase", "name": NAME}, acts)
    assert erases(phone) == []
    assert UNDONE in owners_browser.get(acts).content.decode()
    assert browser_of(owner).post(acts, {"act": "erase", "name": NAME}).status_code == 302
    assert erases(phone) == ["requested"]


def test_an_erase_is_asked_for_and_approved_in_a_case(
    owners_browser: Client, browser_of: Browser, owner: Member, second: Member, phone: UUID, case: str,
) -> None:  # fmt: skip
    other = browser_of(second)
    must_sign_in(owners_browser, f"{case}erase/", {"name": NAME}, case)
    assert erases(phone) == []
    browser_of(owner).post(f"{case}erase/", {"name": NAME})
    (order,) = [item.id for item in fleet.commands(device_id=phone) if item.request_type == "EraseDevice"]
    must_sign_in(other, f"{case}approve/{order}/", {}, case)
    assert erases(phone) == ["requested"]
    assert browser_of(second).post(f"{case}approve/{order}/").status_code == 302
    assert erases(phone) != ["requested"]


def test_an_erase_is_approved_from_a_phones_page_and_stopped_by_an_old_sign_in(
    owners_browser: Client, browser_of: Browser, second: Member, phone: UUID, acts: str,
) -> None:  # fmt: skip
    other = browser_of(second)
    owners_browser.post(acts, {"act": "erase", "name": NAME})
    (order,) = [item.id for item in fleet.commands(device_id=phone) if item.request_type == "EraseDevice"]
    must_sign_in(other, f"{acts}approve/{order}/", {}, acts)
    assert erases(phone) == ["requested"]
    with eleven_minutes_later():
        assert owners_browser.post(f"{acts}stop/{order}/").status_code == 302
    assert erases(phone) == ["cancelled"]


def test_what_protects_needs_no_new_sign_in(owners_browser: Client, phone: UUID, acts: str) -> None:
    with eleven_minutes_later():
        assert owners_browser.post(acts, {"act": "lock"})["Location"] == acts
    assert "DeviceLock" in {item.request_type for item in fleet.commands(device_id=phone)}


def test_a_new_sign_in_for_somebody_else_is_made_after_ones_own(
    practice: PracticeRecord, owners_browser: Client, second: Member
) -> None:
    person = f"/p/{practice.slug}/people/{public_id('mem', second.id)}/"
    must_sign_in(owners_browser, f"{person}invite/", {"new_sign_in": "1"}, person)
    assert UNDONE in owners_browser.get(person).content.decode()
    fresh = owners_browser.post(f"{person}invite/", {"new_sign_in": "1"})
    assert "/sign-in/" not in fresh.headers.get("Location", "")


def test_the_management_of_a_lost_phone_is_given_up_after_signing_in_again(
    owners_browser: Client, case: str
) -> None:
    must_sign_in(owners_browser, f"{case}management/", {"name": NAME}, case)
    assert UNDONE in owners_browser.get(case).content.decode()
    fresh = owners_browser.post(f"{case}management/", {"name": NAME})
    assert "/sign-in/" not in fresh.headers.get("Location", "")
