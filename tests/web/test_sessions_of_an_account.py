"""Where one is signed in: the list tells the truth, and ending a session puts that browser out everywhere."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from pocketward.access import api as access
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from tests.access.clinic import HOST, Door, Phone, register_ehr
from tests.access.conftest import folder

__all__ = ("folder",)


@pytest.fixture
def nurse(practice: PracticeRecord, owner: Member) -> Member:
    """Somebody of the practice with an e-mail address."""
    return practice_api.add_member(
        practice_id=practice.id, full_name="Eve Example", email="eve@example.org", role_names=("clinician",),
        by="system:test",
    )  # fmt: skip


def browser_of(member: Member) -> Client:
    """A browser in which the person has just signed in."""
    browser = Client(HTTP_HOST="localhost")
    secret = access.invite(member_id=member.id, by="system:test")
    assert browser.post(f"/join/{secret}").status_code == 302
    return browser


def is_in(browser: Client) -> bool:
    return bool(browser.get("/account/").status_code == 200)


def listed(browser: Client) -> tuple[list[str], str]:
    """The numbers of the other sessions, and the page."""
    page = browser.get("/account/").content.decode()
    return re.findall(r'name="session" value="(\d+)"', page), page


@pytest.fixture
def ehr(practice: PracticeRecord) -> UUID:
    """A record system."""
    access.prepare_practice(practice_id=practice.id, by="system:test")
    return register_ehr(practice)


def open_app(browser: Client, member: Member, app_id: UUID) -> str:
    """The cookie of a session at the app that this browser session handed over."""
    code = access.issue_code(
        app_id=app_id, member_id=member.id, strength="passkey", auth_at=clock.true_now(),
        session_key=browser.session.session_key or "",
    )  # fmt: skip
    return access.redeem_code(code=code, host=HOST).token


def test_ending_another_session_puts_that_browser_out_and_only_that_one(nurse: Member) -> None:
    here, there, third = browser_of(nurse), browser_of(nurse), browser_of(nurse)
    others, _page = listed(here)
    assert len(others) == 2
    assert is_in(there)
    # The newest comes first: the third, then the second.
    here.post("/account/sessions/", {"session": others[1]})
    assert not is_in(there)
    assert is_in(here)
    assert is_in(third)
    assert listed(here)[0] == [others[0]]


def test_what_the_ended_session_had_opened_at_apps_is_closed_too(
    practice: PracticeRecord, nurse: Member, ehr: UUID, folder: Path
) -> None:
    phone = Phone(practice, nurse)
    phone.report()
    here, there = browser_of(nurse), browser_of(nurse)
    mine, theirs = open_app(here, nurse, ehr), open_app(there, nurse, ehr)
    door = Door(folder)
    assert [door.ask(phone, token).status for token in (mine, theirs)] == [204, 204]
    here.post("/account/sessions/", {"session": listed(here)[0][0]})
    assert door.ask(phone, mine).status == 204
    assert "/open/" in door.ask(phone, theirs).headers["pocketward-location"]
    (ended,) = event_bodies(practice_id=practice.id, kinds=("access.gate_session_ended",))
    assert ended["reason"] == "signed_out"


def test_a_session_of_somebody_else_is_not_ended(
    nurse: Member, owner: Member, practice: PracticeRecord
) -> None:
    mine = browser_of(nurse)
    other = practice_api.add_member(
        practice_id=practice.id, full_name="Mal Example", email="mal@example.org", role_names=("clinician",),
        by="system:test",
    )  # fmt: skip
    stranger = browser_of(other)
    number = listed(browser_of(nurse))[0][-1]
    stranger.post("/account/sessions/", {"session": number})
    assert is_in(mine)


def test_the_list_says_when_each_was_signed_in_and_claims_no_more(nurse: Member) -> None:
    here = browser_of(nurse)
    browser_of(nurse)
    assert listed(here)[1].count("signed in just now, from") == 2
