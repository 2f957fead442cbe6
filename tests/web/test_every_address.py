"""Every address of a practice is closed to strangers, to other practices, and to roles without the right."""

from __future__ import annotations

from contextvars import Context
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern

from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.web.urls import urlpatterns
from tests.web.conftest import Browser

SOME_ID = UUID("019a0000-0000-7000-8000-000000000001")
OF_A_PRACTICE = [pattern for pattern in urlpatterns if str(pattern.pattern).startswith("p/")]
STAFF = (
    "me",
    "my-phone",
    "my-phone-check",
    "my-phone-restore",
    "my-phone-confirm",
    "my-phone-lost",
    "my-phone-reported",
    "fix",
    "held",
    "vouch",
    "emergency",
)
READABLE_BY_POST = ("ledger-verify",)


def address(pattern: URLPattern, slug: str) -> str:
    """The pattern's address with something in every gap."""
    text = str(pattern.pattern).replace("<slug:slug>", slug)
    for gap, value in (
        ("<uuid:", str(SOME_ID)), ("<int:", "1"), ("<slug:check>", "passcode_set"),
        ("<slug:name>", "lost_device"), ("<str:", "x"),
    ):  # fmt: skip
        while gap in text:
            start = text.index(gap)
            text = text[:start] + value + text[text.index(">", start) + 1 :]
    return f"/{text}"


@pytest.fixture
def elsewhere() -> str:
    """The slug of a practice where nobody of these tests works."""
    made = Context().run(practice_api.create_practice, name="Lakeview Counseling", by="system:test")
    return made.slug


@pytest.mark.parametrize("pattern", OF_A_PRACTICE, ids=lambda pattern: pattern.name)
def test_without_a_sign_in_nothing_answers(practice: PracticeRecord, pattern: URLPattern) -> None:
    stranger = Client(HTTP_HOST="localhost")
    for answer in (
        stranger.get(address(pattern, practice.slug)),
        stranger.post(address(pattern, practice.slug)),
    ):
        assert answer.status_code == 405 or answer["Location"].startswith("/sign-in/")


def test_another_practice_is_not_there_at_any_address(
    owner: Member, browser_of: Browser, elsewhere: str
) -> None:
    browser = browser_of(owner)
    for pattern in OF_A_PRACTICE:
        for method in (browser.get, browser.post):
            answer = method(address(pattern, elsewhere))
            assert answer.status_code in (404, 405), pattern.name


def test_an_auditor_reads_and_changes_nothing(
    practice: PracticeRecord, owner: Member, browser_of: Browser
) -> None:
    auditor = practice_api.add_member(
        practice_id=practice.id, full_name="Ada Auditor", email="ada@example.org", role_names=("auditor",),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(auditor)
    for pattern in OF_A_PRACTICE:
        if pattern.name in (*STAFF, *READABLE_BY_POST):
            continue
        answer = browser.post(address(pattern, practice.slug))
        assert answer.status_code in (403, 405), pattern.name
    assert browser.get(f"/p/{practice.slug}/").status_code == 200


def test_a_scheduler_sees_only_their_own_pages(
    practice: PracticeRecord, owner: Member, browser_of: Browser
) -> None:
    scheduler = practice_api.add_member(
        practice_id=practice.id, full_name="Sid Scheduler", email="sid@example.org",
        role_names=("scheduler",), by="system:test",
    )  # fmt: skip
    browser = browser_of(scheduler)
    for pattern in OF_A_PRACTICE:
        answer = browser.get(address(pattern, practice.slug))
        if pattern.name not in STAFF:
            assert answer.status_code == 405 or answer["Location"].endswith("/me/"), pattern.name
        else:
            assert answer.status_code in (200, 302, 404, 405), pattern.name
