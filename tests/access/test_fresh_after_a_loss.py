"""After a report of a lost phone: a passkey once more, and a password with a code for nobody who has one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from pocketward.access import api as access
from pocketward.practice.api import Member, PracticeRecord
from tests.access.browsing import QUICK, browser, code_of, give_password, join, sign_in, with_password


@pytest.fixture(autouse=True)
def _codes(settings: Settings) -> Iterator[None]:
    """Room for a code's half minute to end, and no earlier tries."""
    settings.MFA_TOTP_TOLERANCE = 1
    settings.PASSWORD_HASHERS = QUICK
    cache.clear()
    yield
    cache.clear()


def is_in(at: Client) -> bool:
    """Whether this browser's session still counts."""
    return at.get("/account/").status_code == 200


def test_an_open_session_goes_on_with_a_passkey_and_not_with_a_password_and_a_code(
    practice: PracticeRecord, clinician: Member
) -> None:
    passkey, computer = join(clinician, browser()), browser()
    secret = give_password(clinician)
    assert sign_in(computer, passkey) == 302
    assert is_in(computer)
    access.require_fresh_passkey(member_id=clinician.id)
    assert not is_in(computer)
    refused = with_password(computer, clinician, code_of(secret))
    assert refused.status_code == 400
    assert b"needs a passkey" in refused.content
    assert not is_in(computer)
    assert sign_in(computer, passkey) == 302
    assert is_in(computer)


def test_a_password_given_between_the_report_and_the_passkey_stays_shut_and_a_later_one_opens(
    practice: PracticeRecord, owner: Member, clinician: Member
) -> None:
    secret = give_password(clinician)
    thief = browser()
    access.require_fresh_passkey(member_id=clinician.id)
    assert with_password(thief, clinician, code_of(secret)).status_code == 302
    assert is_in(thief), "nobody could tell them from somebody without a passkey yet"
    again = access.invite(member_id=clinician.id, new_sign_in=True, by=f"member:{owner.id}")
    join(clinician, browser(), secret=again)
    assert not is_in(thief)
    desk = browser()
    assert with_password(desk, clinician, code_of(secret, step=2)).status_code == 302
    assert is_in(desk)
    access.require_fresh_passkey(member_id=clinician.id)
    assert not is_in(desk)


def test_whoever_has_no_passkey_gives_password_and_code_anew(
    practice: PracticeRecord, clinician: Member
) -> None:
    secret = give_password(clinician)
    computer = browser()
    assert with_password(computer, clinician, code_of(secret)).status_code == 302
    access.require_fresh_passkey(member_id=clinician.id)
    assert not is_in(computer)
    assert with_password(computer, clinician, code_of(secret)).status_code == 400, "that code is used up"
    assert with_password(computer, clinician, code_of(secret, step=2)).status_code == 302
    assert is_in(computer)


def test_an_officers_new_sign_in_lets_somebody_back_whose_only_passkey_is_gone(
    practice: PracticeRecord, owner: Member, clinician: Member
) -> None:
    join(clinician, browser())
    access.require_fresh_passkey(member_id=clinician.id)
    computer = browser()
    secret = access.invite(member_id=clinician.id, new_sign_in=True, by=f"member:{owner.id}")
    join(clinician, computer, secret=secret)
    assert is_in(computer)
