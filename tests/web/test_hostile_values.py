"""No value that a stranger puts into an address or a form makes a page fail."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern

from pocketward.kernel.ids import public_id
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import run_due
from pocketward.web.urls import urlpatterns
from tests.web.clinic import Clinic
from tests.web.test_every_address import address

DIGITS = "9" * 5000
NESTED = "[" * 12_000
HOSTILE = {
    "digits": DIGITS,
    "nul": "a\x00b",
    "nested": NESTED,
    "early": "0001-01-01T00:00+14:00",
}
ASKED = (
    "page", "before", "q", "kind", "view", "status", "owner", "sort", "lang", "next", "phone", "app",
    "decision", "outcome", "version", "from", "code",
)  # fmt: skip
SENT = (
    "at", "reason", "name", "label", "credential", "email", "password", "code", "session", "next", "act",
    "purpose", "finding", "decision", "app", "text", "based_on", "do", "zone", "level", "on_call", "role",
    "may", "pick", "frozen", "full_name", "account", "hosts", "session_hours", "member", "kind", "said",
    "ownership", "language", "cidr", "ends", "hours", "callback", "when_seen", "mode", "door", "url",
)  # fmt: skip


@pytest.fixture
def things(practice: PracticeRecord, clinician: Member) -> dict[str, str]:
    """What stands in the gaps of an address: a phone that joined, and the case of its loss."""
    clinic = Clinic(practice)
    device = clinic.phone("Ben’s iPhone 16", member=clinician)
    clinic.report(device)
    case = clinic.lose("Ben Sample")
    while run_due():
        pass
    return {"<str:device_id>": public_id("dev", device), "<str:case_ref>": case}


def filled(pattern: URLPattern, slug: str, things: dict[str, str]) -> str:
    """The pattern's address, of things that are there where there are some."""
    text = str(pattern.pattern)
    for gap, value in things.items():
        text = text.replace(gap, value)
    probe = URLPattern(type(pattern.pattern)(text), pattern.callback)
    return address(probe, slug)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_no_address_fails_on_a_hostile_value(
    practice: PracticeRecord, owners_browser: Client, things: dict[str, str], value: str
) -> None:
    owners_browser.raise_request_exception = False
    # Written once for all addresses: a long value takes longer to write than most pages.
    asking = urlencode({name: value[:8000] for name in ASKED})
    sending = encode_multipart(BOUNDARY, dict.fromkeys(SENT, value[:12_000]))
    failed = []
    for pattern in urlpatterns:
        if pattern.name in ("sign-out", "demo"):
            continue
        place = filled(pattern, practice.slug, things)
        asked = owners_browser.get(place, QUERY_STRING=asking)
        sent = owners_browser.generic("POST", place, sending, MULTIPART_CONTENT)
        failed += [
            (method, place)
            for method, answer in (("GET", asked), ("POST", sent))
            if answer.status_code >= 500 or ("\x00" in value and answer.status_code not in (400, 405))
        ]
    assert failed == []
