"""Every address of a practice is closed to whoever has not signed in."""

from __future__ import annotations

from uuid import UUID

from django.test import Client
from django.urls import URLPattern

from pocketward.practice.api import PracticeRecord
from pocketward.web.urls import urlpatterns

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


def test_without_a_sign_in_nothing_answers(practice: PracticeRecord) -> None:
    stranger = Client(HTTP_HOST="localhost")
    for pattern in OF_A_PRACTICE:
        for ask in (stranger.get, stranger.post):
            answer = ask(address(pattern, practice.slug))
            assert answer.status_code == 405 or answer["Location"].startswith("/sign-in/"), pattern.name
