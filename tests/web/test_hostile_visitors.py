"""Whoever asks, with whatever: never a fault of ours, never a trace, and what was typed is not lost."""

from __future__ import annotations

import json
from itertools import cycle, islice
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils.html import escape

from pocketward.incidents import api as incidents_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import ASSIGNABLE, Member, PracticeRecord
from pocketward.spine.api import run_due
from pocketward.web.urls import urlpatterns
from tests.web.clinic import Clinic
from tests.web.conftest import Browser
from tests.web.test_every_address import address
from tests.web.test_hostile_values import ASKED, SENT

SCRIPT = "\"'><script>alert(1)</script>"
VALUES = (
    SCRIPT, "x" * 3000, "\u202egnp.exe", "' OR 1=1; --", "9e999999", "-1", "0", "../../../etc/passwd",
    "%00%s%n", "\ud7ff\ufffe", "{{ 7*7 }}", "9999-12-31T23:59", "ÿ" * 300, "", " ", "2147483648", "[]", "\n",
    "²", "٣",
)  # fmt: skip
# Bytes that are no text at all, as a client may put them into an address: a surrogate, and half a letter.
NO_TEXT = "%ED%A0%80%C3"
NAMES = (quote(SCRIPT, safe=""), NO_TEXT, "..%2f..", "%E2%80%AE", "-1", "9" * 400, "dev_", "case_%27")
PLACES = tuple(pattern for pattern in urlpatterns if pattern.name not in ("sign-out", "demo"))


def rotated(names: tuple[str, ...], turn: int) -> dict[str, str]:
    """A value for every name, another one each turn."""
    return dict(zip(names, islice(cycle(VALUES), turn % len(VALUES), None)))


def fault_of(browser: Client, place: str, turn: int) -> str:
    """What is wrong with the answer of one place, asked or sent to by turns; empty when nothing is."""
    if turn % 2:
        asked = urlencode(rotated(ASKED, turn))
        answer = browser.get(f"{place}?{asked}&q={NO_TEXT}&page={NO_TEXT}&before={NO_TEXT}")
    else:
        answer = browser.post(place, rotated(SENT, turn))
    said = b"" if answer.streaming else answer.content
    if answer.status_code >= 500 or b"Traceback" in said or b"><script>alert" in said:
        return f"{answer.status_code} {answer.request['REQUEST_METHOD']} {place}"
    return ""


@pytest.mark.parametrize("role", sorted(ASSIGNABLE))
def test_no_role_meets_a_fault_at_any_address(
    practice: PracticeRecord, owner: Member, browser_of: Browser, role: str
) -> None:
    person = practice_api.add_member(
        practice_id=practice.id, full_name="Rae Role", email="rae@example.org", role_names=(role,),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(person)
    browser.raise_request_exception = False
    start = sorted(ASSIGNABLE).index(role)
    found = [
        fault_of(browser, address(place, practice.slug), start + turn) for turn, place in enumerate(PLACES)
    ]
    assert [fault for fault in found if fault] == []


def test_no_name_in_an_address_is_a_fault(practice: PracticeRecord, owners_browser: Client) -> None:
    owners_browser.raise_request_exception = False
    wrong = []
    for pattern in (one for one in PLACES if "<str:" in str(one.pattern)):
        for value in NAMES:
            answer = owners_browser.get(in_gaps(pattern, practice.slug, value))
            if answer.status_code >= 500 or b"><script>alert" in answer.content:
                wrong.append(f"{answer.status_code} {pattern.name} {value}")
    assert wrong == []


def in_gaps(pattern: URLPattern, slug: str, value: str) -> str:
    """The pattern's address with `value` in each gap that takes any text."""
    text = str(pattern.pattern).replace("<slug:slug>", slug)
    for name, converter in pattern.pattern.converters.items():
        if type(converter).__name__ == "StringConverter":
            text = text.replace(f"<str:{name}>", value)
    return address(URLPattern(type(pattern.pattern)(text), pattern.callback), slug)


@pytest.mark.parametrize("mark", ["\x01", "\x7f", "\x1b[2J"])
def test_a_control_character_in_a_path_or_a_cookie_is_refused(
    practice: PracticeRecord, owners_browser: Client, mark: str
) -> None:
    owners_browser.raise_request_exception = False
    assert owners_browser.get(f"/p/{practice.slug}/phones/{quote(mark)}/").status_code == 400
    stranger = Client(HTTP_HOST="localhost", raise_request_exception=False)
    stranger.cookies["sessionid"] = "kept"
    answer = stranger.get("/sign-in/", headers={"cookie": f"sessionid=a{mark}b; csrftoken=x{mark}y"})
    assert answer.status_code in (200, 400)
    assert mark.encode() not in answer.content


CREDENTIALS = (
    "{", "null", "1", "[]", '"x"', "[" * 12_000, '{"id": null}', '{"id": "\\ud800", "response": 5}',
    json.dumps({"id": "AA", "rawId": "%%%", "type": "public-key", "response": {"clientDataJSON": "!"}}),
    json.dumps({"id": "A" * 9000, "rawId": "AA", "type": "public-key", "response": {
        "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}}),
    json.dumps({"id": [], "rawId": {}, "response": {"attestationObject": "oA", "clientDataJSON": "e30"}}),
    '{"id": 1e999}', "\ufeff{}", '{"__proto__": {}}', "NaN",
)  # fmt: skip


@pytest.mark.parametrize("credential", CREDENTIALS, ids=range(len(CREDENTIALS)))
def test_a_hostile_credential_signs_nobody_in_and_registers_nothing(
    practice: PracticeRecord, owners_browser: Client, credential: str
) -> None:
    stranger = Client(HTTP_HOST="localhost", raise_request_exception=False)
    stranger.get("/sign-in/")
    here = f"/p/{practice.slug}/phones/"
    answer = stranger.post(f"/sign-in/?next={here}", {"credential": credential, "email": "dana@example.org"})
    said = answer.content.decode()
    assert answer.status_code == 400
    assert "Traceback" not in said
    assert here in said
    assert stranger.get(here).status_code == 302
    owners_browser.raise_request_exception = False
    owners_browser.get("/account/passkey/")
    answer = owners_browser.post("/account/passkey/", {"credential": credential, "name": "Desk key"})
    assert answer.status_code in (302, 400)
    assert owners_browser.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("yesterday", "Seen in the morning"), ("2026-13-45T99:99", "Seen in the morning"),
        ("9999-12-31T23:59", "Seen in the morning"), ("0001-01-01T00:00", "Seen in the morning"),
        ("2026-01-02T10:00", ""), ("2026-01-02T10:00", "x"), ("", ""),
        ("2026-01-02T10:00+99:99", SCRIPT),
    ],
)  # fmt: skip
def test_a_bad_moment_of_discovery_changes_nothing_and_is_kept_to_be_mended(
    practice: PracticeRecord, owners_browser: Client, clinician: Member, at: str, reason: str
) -> None:
    clinic = Clinic(practice)
    clinic.phone("Ben’s iPhone 16", member=clinician)
    case_ref = clinic.lose("Ben Sample")
    while run_due():
        pass
    before = incidents_api.get_case(case_ref=case_ref).discovered_at
    place = f"/p/{practice.slug}/incidents/{case_ref}/discovery/"
    answer = owners_browser.post(place, {"at": at, "reason": reason})
    said = answer.content.decode()
    assert answer.status_code == 400
    assert incidents_api.get_case(case_ref=case_ref).discovered_at == before
    assert 'role="alert"' in said
    assert "<script>alert" not in said
    assert f'id="known-at" name="at" type="datetime-local" value="{at}"' in said
    assert f'value="{escape(reason)}"' in said
