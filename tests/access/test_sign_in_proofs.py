"""Where somebody signs in from is judged by a proxy's proof, and no failed try goes unrecorded."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextvars import Context
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from pocketward.access import api as access
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies, practice_scope
from tests.access.browsing import (
    QUICK,
    behind_proxy,
    browser,
    code_of,
    foreign_signature,
    give_password,
    join,
    sign_in,
    with_password,
)
from tests.access.test_first_run import FORM

ONE, OTHER = "203.0.113.1", "198.51.100.9"


@pytest.fixture(autouse=True)
def _proxy(settings: Settings) -> Iterator[None]:
    """A proxy's secret that tests may name, room for a code's half minute to end, and no earlier tries."""
    settings.POCKETWARD = replace(settings.POCKETWARD, proxy_secret="the-proxys-secret")
    settings.MFA_TOTP_TOLERANCE = 1
    settings.PASSWORD_HASHERS = QUICK
    cache.clear()
    yield
    cache.clear()


def failures(practice: PracticeRecord) -> list[dict[str, Any]]:
    """What a practice's record says of failed sign-ins."""

    def look() -> list[dict[str, Any]]:
        with practice_scope(practice.id):
            return list(event_bodies(practice_id=practice.id, kinds=("access.sign_in_failed",)))

    return Context().run(look)


def elsewhere(name: str) -> PracticeRecord:
    """Another practice on this server."""
    return Context().run(practice_api.create_practice, name=name, by="system:test")


def same_person_at(practice: PracticeRecord, person: Member) -> None:
    """The person's account works in this practice too."""

    def add() -> None:
        with practice_scope(practice.id):
            there = practice_api.add_member(
                practice_id=practice.id, full_name=person.full_name, email=person.email, by="system:test"
            )
            practice_api.open_account(member_id=there.id, email=person.email, by="system:test")

    Context().run(add)


def networks_of(practice: PracticeRecord) -> list[str]:
    return [body["network"] for body in failures(practice)]


def test_two_networks_behind_a_proxy_are_two_and_a_made_up_header_is_the_peers(
    practice: PracticeRecord, owner: Member
) -> None:
    for at in (behind_proxy(ONE), behind_proxy(OTHER), behind_proxy(ONE)):
        assert with_password(at, owner, "000000").status_code == 400
    first, second, again = networks_of(practice)
    assert first == again != second
    for pretended in (ONE, OTHER):
        with_password(browser(HTTP_X_FORWARDED_FOR=pretended), owner, "000000")
    assert len(set(networks_of(practice)[3:])) == 1
    assert networks_of(practice)[3] not in (first, second)


def test_a_stranger_behind_the_same_proxy_stops_nobody_elses_password(
    practice: PracticeRecord, owner: Member
) -> None:
    secret = give_password(owner)
    stranger = behind_proxy(ONE)
    for number in range(10):
        stranger.post("/sign-in/", {"email": f"nobody{number}@example.org", "password": "x", "code": "0"})
    assert b"Too many tries" in with_password(stranger, owner, code_of(secret)).content
    assert with_password(behind_proxy(OTHER), owner, code_of(secret)).status_code == 302


def test_nobody_gets_more_tries_by_making_addresses_up(practice: PracticeRecord, owner: Member) -> None:
    for number in range(10):
        at = browser(HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
        at.post("/sign-in/", {"email": f"nobody{number}@example.org", "password": "x", "code": "0"})
    at = browser(HTTP_X_FORWARDED_FOR=ONE)
    assert b"Too many tries" in with_password(at, owner, "000000").content


def test_the_list_of_sessions_shows_where_the_person_is(practice: PracticeRecord, owner: Member) -> None:
    at = behind_proxy("2001:db8:7::5")
    join(owner, at)
    account = practice_api.account_of_email(email=owner.email)
    assert account is not None
    assert [item.ip for item in access.sessions(account_id=account.id)] == ["2001:db8:7::5"]
    assert b"2001:db8:7::5" in at.get("/account/").content


def test_the_page_of_networks_names_the_persons_own_address(practice: PracticeRecord, owner: Member) -> None:
    at = behind_proxy(ONE)
    join(owner, at)
    page = at.get(f"/p/{practice.slug}/setup/networks/")
    assert ONE.encode() in page.content
    assert b"127.0.0.1" not in page.content


@pytest.mark.parametrize(
    ("address", "scheme", "status"),
    [(ONE, "http", 400), (ONE, "", 400), (ONE, "https", 302), ("127.0.0.1", "http", 302)],
)
def test_a_proven_proxys_word_decides_whether_the_setup_link_travelled_openly(
    installation: None, address: str, scheme: str, status: int
) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    at = behind_proxy(address, scheme=scheme)
    assert Context().run(at.post, f"/start/{secret}", FORM).status_code == status
    assert len(practice_api.practices()) == (status == 302)


@pytest.mark.parametrize(
    "header",
    [{"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"HTTP_X_FORWARDED_PROTO": "https"}, {"HTTP_VIA": "1.1 x"}],
)
def test_a_proxy_without_proof_carries_no_setup_link(installation: None, header: dict[str, str]) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    assert browser(**header).post(f"/start/{secret}", FORM).status_code == 400
    assert browser(**header, REMOTE_ADDR=ONE).post(f"/start/{secret}", FORM).status_code == 400
    assert practice_api.practices() == ()


def test_a_failed_passkey_is_recorded_in_every_practice_of_its_person_and_in_no_other(
    practice: PracticeRecord, owner: Member
) -> None:
    passkey = join(owner, browser())
    second, stranger = elsewhere("Lakeview Counseling"), elsewhere("Elm Street Dental")
    same_person_at(second, owner)
    assert sign_in(browser(), passkey, **foreign_signature()) == 400
    assert [body["subject"] for body in failures(practice)] == [f"member:{owner.id}"]
    assert [body["method"] for body in failures(second)] == ["passkey"]
    assert failures(stranger) == []
    assert sign_in(browser(), passkey) == 302
    assert len(failures(practice)) == 1


def test_a_flood_of_failed_passkeys_is_limited_by_sender_and_stops_nobodys_right_one(
    practice: PracticeRecord, owner: Member
) -> None:
    passkey, stranger = join(owner, browser()), behind_proxy(ONE)
    for _ in range(13):
        assert sign_in(stranger, passkey, **foreign_signature()) == 400
    methods = [body["method"] for body in failures(practice)]
    assert methods == ["passkey"] * 10 + ["passkey, too many tries"]
    assert b"Too many tries" in stranger.post("/sign-in/", {"credential": "{}"}).content
    assert b"Too many tries" not in behind_proxy(OTHER).post("/sign-in/", {"credential": "{}"}).content
    assert sign_in(behind_proxy(OTHER), passkey) == 302
    assert sign_in(stranger, passkey) == 302


def test_passwords_past_the_limit_are_recorded_once_a_minute(practice: PracticeRecord, owner: Member) -> None:
    at = behind_proxy(ONE)
    for _ in range(8):
        assert with_password(at, owner, "000000").status_code == 400
    methods = [body["method"] for body in failures(practice)]
    assert methods == ["password"] * 5 + ["password, too many tries"]


def test_a_failure_that_is_no_practices_alone_is_in_the_servers_log_without_a_name(
    practice: PracticeRecord, owner: Member, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere("Lakeview Counseling")
    with caplog.at_level(logging.WARNING, logger="pocketward.access.sign_in.audit"):
        at: Client = browser()
        at.get("/sign-in/")
        assert at.post("/sign-in/", {"credential": "{}"}).status_code == 400
        at.post("/sign-in/", {"email": "who@example.org", "password": "hunter2hunter2", "code": "123456"})
    assert failures(practice) == []
    passkey, password = (text for text in caplog.messages if text.startswith("failed sign-in"))
    assert "method=passkey" in passkey
    assert "practices=0" in passkey
    assert "method=password" in password
    for secret in ("who@", "example.org", "hunter2", "123456", "127.0.0.1"):
        assert secret not in caplog.text
