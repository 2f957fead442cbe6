"""One tablet, two people: each opens records in their own name, and leaves nothing to the next."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person

TABLET = "Rounds iPad 1"


@pytest.fixture(scope="module")
def safari(clinic: Clinic) -> Iterator[httpx.Client]:
    """The tablet's one browser, which both people use."""
    wait_for(lambda: tablet_row(clinic)[0] == "compliant", "the tablet to be compliant")
    with httpx.Client(base_url=clinic.world["people_url"], follow_redirects=True, timeout=30) as browser:
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


@pytest.mark.acceptance("S28")
def test_two_people_share_a_tablet_and_the_ledger_names_both(clinic: Clinic, safari: httpx.Client) -> None:
    ben, omar = joined(clinic, "Ben Sample", safari), joined(clinic, "Omar Template", safari)
    ben.sign_in(f"/p/{ben.slug}/me/")
    ben.sign_in_to_records(TABLET)
    assert clinic.act(TABLET, "open", path="/notes", cookie=ben.cookie)["status"] == 200

    # Hand-over by the icon on the home screen: one page, one button.
    started = time.monotonic()
    page = safari.get("/sign-out/")
    assert "Hand this tablet over?" in page.text
    left = ben.post(page, "/sign-out/")
    assert '"storage"' in left.history[0].headers["clear-site-data"]
    shut = wait_for(
        lambda: (
            (got := clinic.act(TABLET, "open", path="/notes", cookie=ben.cookie))["status"] == 302 and got
        ),
        "Ben's session to be over",
        5,
    )
    assert "/open/" in shut["location"]
    assert urlsplit(str(safari.get(f"/p/{ben.slug}/me/").url)).path == "/sign-in/"
    omar.sign_in(f"/p/{omar.slug}/me/")
    omar.sign_in_to_records(TABLET)
    assert clinic.act(TABLET, "open", path="/notes", cookie=omar.cookie)["status"] == 200
    assert time.monotonic() - started < 10

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
    # Omar walked away. Ben signs in with a browser window of his own; Omar's is shut, here and there.
    ben = Person(clinic, "Erin Placeholder")
    ben.join()
    omar_cookie = clinic.read(
        "SELECT count(*) FROM access_gatesession WHERE ended_at IS NULL AND device_id_seen = ?",
        tablet_row(clinic)[1].replace("-", ""),
    )
    assert omar_cookie == [(1,)]
    ben.sign_in_to_records(TABLET)
    ended = wait_for(
        lambda: [i for i in clinic.sealed("access.gate_session_ended") if i["reason"] == "handed_over"],
        "the hand-over to be sealed",
    )
    assert len(ended) == 1
    assert urlsplit(str(safari.get(f"/p/{ben.slug}/me/").url)).path == "/sign-in/"
    ben.browser.close()


def test_the_tablet_carries_the_icon_to_leave_it(clinic: Clinic) -> None:
    icons = clinic.phone(TABLET)["icons"]
    assert icons == {"Hand over": f"{clinic.world['people_url']}/sign-out/"}
