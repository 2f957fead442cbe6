"""One tablet, two people: each opens records in their own name, and leaves nothing to the next."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person

TABLET = "Rounds iPad 1"
RECORDS = "https://ehr.localhost"
# What the record system itself puts into a browser.
OWN = {
    "cookies": ["harbor_session", "pocketward_gate"],
    "stored": {"harbor_last_page": "/notes"},
    "cached": ["/notes/print"],
}


class TabletBrowser(httpx.BaseTransport):
    """Requests go out from the tablet in the lab, with the cookies of its own browser and no others."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, as the tablet's browser makes it."""
        kept = {name: request.headers[name] for name in ("content-type", "origin") if name in request.headers}
        answer = self.clinic.act(
            TABLET, "browse", method=request.method, url=str(request.url), body=request.read().decode(),
            headers=kept,
        )  # fmt: skip
        headers = [(name, value) for name, value in answer["headers"] if name != "content-length"]
        return httpx.Response(answer["status"], headers=headers, text=answer["text"])


@pytest.fixture(scope="module")
def safari(clinic: Clinic) -> Iterator[httpx.Client]:
    """The tablet's one browser, which both people use."""
    wait_for(lambda: tablet_row(clinic)[0] == "compliant", "the tablet to be compliant")
    with httpx.Client(
        transport=TabletBrowser(clinic), base_url=clinic.world["people_url"], follow_redirects=True
    ) as browser:
        yield browser


def tablet_row(clinic: Clinic) -> tuple[str, str]:
    rows = clinic.read(
        "SELECT p.posture, d.id FROM fleet_device d LEFT JOIN posture_deviceposture p ON p.device_id = d.id "
        "WHERE d.label = ?",
        TABLET,
    )
    return (str(rows[0][0]), str(rows[0][1])) if rows else ("", "")


def joined(clinic: Clinic, name: str, safari: httpx.Client) -> Person:
    """Somebody who has a passkey that works on the tablet (a security key, or their phone beside it)."""
    person = Person(clinic, name)
    person.join()
    person.browser.close()
    person.browser = safari
    return person


def holds(clinic: Clinic, host: str) -> dict[str, Any]:
    """What the tablet's browser holds of a host; empty for nothing."""
    found: dict[str, Any] = clinic.phone(TABLET)["browser"].get(host, {})
    return found


def values(clinic: Clinic) -> dict[str, str]:
    """The cookies of our own pages in the tablet's browser: digests of their values, by name."""
    found: dict[str, str] = clinic.lab(f"/phones/{TABLET}/cookies")["localhost"]
    return found


def open_records(person: Person) -> httpx.Response:
    """Open the records in the tablet's browser, sign in where that is asked, and go on as the pages do."""
    page = person.browser.get(f"{RECORDS}/notes")
    if page.url.path == "/sign-in/":
        proof = person.passkey_proof(page)
        place = dict(page.url.params)["next"]
        page = onward(person, person.post(page, "/sign-in/", credential=proof, next=place))
    return page


def onward(person: Person, page: httpx.Response) -> httpx.Response:
    """A page that goes on by itself: where it leads."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert found, page.text[:1500]
    return person.browser.get(found[1].replace("&amp;", "&"))


@pytest.mark.acceptance("S28")
def test_two_people_share_a_tablet_and_the_ledger_names_both(clinic: Clinic, safari: httpx.Client) -> None:
    ben, omar = joined(clinic, "Ben Sample", safari), joined(clinic, "Omar Template", safari)
    assert "Pretend records" in open_records(ben).text
    assert safari.get(f"{RECORDS}/notes/print").status_code == 200
    assert holds(clinic, "ehr.localhost") == OWN
    bens = values(clinic)
    assert set(bens) == {"csrftoken", "sessionid"}

    # Hand-over by the icon on the home screen: one page, one button.
    started = time.monotonic()
    page = safari.get("/sign-out/")
    assert "Hand this tablet over?" in page.text
    left = ben.post(page, "/sign-out/")
    assert '"storage"' in left.headers["clear-site-data"]
    back = onward(ben, left)
    assert (back.url.host, back.url.path) == ("localhost", "/sign-in/")
    passed = [item for item in back.history if item.url.host == "ehr.localhost"]
    assert [item.headers["clear-site-data"] for item in passed] == ['"cache", "cookies", "storage"']
    # Nothing of Ben's is left on either host; the sign-in page has its own token.
    assert holds(clinic, "ehr.localhost") == {}
    # What our own pages had put there is gone; the sign-in page has begun a new, empty session.
    assert set(values(clinic)) <= {"csrftoken", "sessionid"}
    assert not set(values(clinic).values()) & set(bens.values())
    assert not {"stored", "cached"} & {key for key, value in holds(clinic, "localhost").items() if value}
    assert urlsplit(str(safari.get(f"/p/{ben.slug}/me/").url)).path == "/sign-in/"

    assert "Pretend records" in open_records(omar).text
    assert time.monotonic() - started < 20
    opened = wait_for(
        lambda: (got := [item for item in clinic.sealed("access.gate_session_started")])[1:] and got,
        "both sign-ins to be sealed",
    )
    device = re.sub("-", "", opened[0]["subject"].removeprefix("device:"))
    assert device == tablet_row(clinic)[1].replace("-", "")
    assert [item["actor_name"] for item in opened] == ["Ben Sample", "Omar Template"]
    (ended,) = wait_for(lambda: clinic.sealed("access.gate_session_ended"), "the end to be sealed")
    assert (ended["reason"], ended["member_id"]) == ("signed_out", ben.member_id)


@pytest.mark.acceptance("S28")
def test_whoever_forgets_to_leave_is_signed_out_by_the_next_person(
    clinic: Clinic, safari: httpx.Client
) -> None:
    # Omar walked away. Luis opens the records: Omar's sign-ins end, here and there, and his things go.
    assert safari.get(f"{RECORDS}/notes/print").status_code == 200
    omars = holds(clinic, "ehr.localhost")
    assert omars == OWN
    luis = Person(clinic, "Luis Muestra")
    luis.join()
    # By a window of his own: what he signs in with is not Omar's sign-in on our pages.
    luis.browser, window = safari, luis.browser
    first = window.get(f"/open/{app_of(clinic)}", follow_redirects=False)
    cleaned = safari.get(first.headers["location"], follow_redirects=False)
    assert (cleaned.status_code, cleaned.headers["clear-site-data"]) == (
        303, '"cache", "cookies", "storage"',
    )  # fmt: skip
    assert holds(clinic, "ehr.localhost") == {}
    page = safari.get(f"{RECORDS}{urlsplit(cleaned.headers['location']).path}?"
                      f"{urlsplit(cleaned.headers['location']).query}")  # fmt: skip
    assert "Pretend records" in page.text
    assert holds(clinic, "ehr.localhost")["cached"] == []
    ended = wait_for(
        lambda: [i for i in clinic.sealed("access.gate_session_ended") if i["reason"] == "handed_over"],
        "the hand-over to be sealed",
    )
    assert len(ended) == 1
    assert urlsplit(str(safari.get(f"/p/{luis.slug}/me/").url)).path == "/sign-in/"
    opened = wait_for(
        lambda: (got := clinic.sealed("access.gate_session_started"))[2:] and got,
        "Luis's sign-in to be sealed",
    )
    assert opened[-1]["actor_name"] == "Luis Muestra"
    made = wait_for(
        lambda: [
            item
            for item in clinic.sealed("access.decision_made")
            if (item["member_id"], item["outcome"]) == (luis.member_id, "allow")
        ],
        "Luis's opening to be sealed",
    )
    assert made
    window.close()


def app_of(clinic: Clinic) -> str:
    """The record system's id, as addresses have it."""
    (started, *_) = clinic.sealed("access.gate_session_started")
    return str(started["app_id"])


def test_the_tablet_carries_the_icon_to_leave_it(clinic: Clinic) -> None:
    icons = clinic.phone(TABLET)["icons"]
    assert icons == {"Hand over": f"{clinic.world['people_url']}/sign-out/"}


@pytest.mark.acceptance("S28")
def test_every_entry_of_the_ledger_is_a_persons_a_devices_or_a_named_services(clinic: Clinic) -> None:
    rows = clinic.read(
        "SELECT DISTINCT e.actor FROM spine_event e JOIN ledger_sealedentry s ON s.event_id = e.event_id"
    )
    actors = {str(actor).partition(":")[::2] for (actor,) in rows}
    known = {
        kind: {UUID(str(found)) for (found,) in clinic.read(f"SELECT id FROM {table}")}
        for kind, table in (
            ("member", "practice_workforcemember"), ("device", "fleet_device"),
            ("account", "practice_account"),
        )
    }  # fmt: skip
    for kind, which in actors:
        if kind in known:
            assert UUID(which) in known[kind], (kind, which)
        elif kind == "anonymous":
            assert re.fullmatch("[0-9a-f]{64}", which), which
        else:
            assert kind == "system" and re.fullmatch("[a-z-]+", which), (kind, which)
    assert {"member", "device", "system"} <= {kind for kind, _ in actors}
