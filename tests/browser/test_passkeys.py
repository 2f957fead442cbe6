"""An invited person makes a passkey in a real browser and signs in with it; nothing else lets them in."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Links
from tests.browser.record_host import RecordHost


def sealed(clinic: Links, kind: str) -> list[dict[str, Any]]:
    """The facts of one kind that are in the ledger; waits a moment for the first."""
    query = (
        "SELECT e.body FROM spine_event e JOIN ledger_sealedentry s ON s.event_id = e.event_id "
        "WHERE e.kind = ? ORDER BY e.seq"
    )
    for _ in range(100):
        with closing(sqlite3.connect(f"file:{clinic['database']}?mode=ro", uri=True, timeout=20)) as stored:
            found = [json.loads(bytes(body)) for (body,) in stored.execute(query, (kind,))]
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"no {kind} was sealed")


def with_authenticator(page: Page) -> str:
    """Give the page's browser a virtual authenticator that says yes; its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added: str = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return added


@pytest.mark.acceptance("S26", part="sign-in")
def test_an_invitation_leads_to_a_passkey_and_the_passkey_signs_in(
    chromium: Browser, clinic: Links, records: RecordHost
) -> None:
    page = chromium.new_context(locale="en-US", ignore_https_errors=True).new_page()
    with_authenticator(page)
    page.goto(f"{clinic['origin']}/join/{clinic['invitation']}")
    expect(page.locator("h1")).to_contain_text("Carla, join Harbor Street Clinic.")
    page.get_by_role("button", name="Go on").click()
    # Passkeys first: joining makes one, and offers no password, no code app and no text message.
    expect(page.locator("h1")).to_contain_text("Make your passkey.")
    expect(page.get_by_text("There is no password to forget or to steal.")).to_be_visible()
    assert page.locator('input[type="password"], input[name="code"]').count() == 0
    assert not re.search(r"SMS|text message|one-time code", page.locator("main").inner_text(), re.I)
    page.get_by_label("Name of this device").fill("Carla’s laptop")
    page.get_by_role("button", name="Make my passkey").click()
    expect(page.locator("h1")).to_contain_text("Hello, Carla.")

    page.goto(f"{clinic['origin']}/account/")
    expect(page.get_by_text("Carla’s laptop")).to_be_visible()
    page.get_by_role("button", name="Sign out here").click()
    expect(page).to_have_url(f"{clinic['origin']}/sign-in/")
    page.goto(f"{clinic['origin']}/p/{clinic['slug']}/me/")
    expect(page.locator("h1")).to_contain_text("Sign in")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.locator("h1")).to_contain_text("Hello, Carla.")
    methods = [item["method"] for item in sealed(clinic, "access.signed_in_to_console")]
    assert methods[-1].startswith("passkey"), methods
    assert not any("password" in method or "sms" in method for method in methods)

    # Sent from a record system to sign in, they come to its own host: no form of ours may lead there itself.
    page.goto(f"{clinic['origin']}/account/")
    page.get_by_role("button", name="Sign out here").click()
    expect(page).to_have_url(f"{clinic['origin']}/sign-in/")
    page.goto(f"{clinic['origin']}/open/{clinic['gap.app_id']}")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.locator("h1")).to_have_text("Records")
    assert re.fullmatch(
        r"https://ehr\.example\.org/\.pocketward/session\?code=prac_\w+\.\w+", records.asked[0]
    )


def test_a_used_invitation_is_used_up(chromium: Browser, clinic: Links) -> None:
    page = chromium.new_context(locale="es").new_page()
    answer = page.goto(f"{clinic['origin']}/join/never-was")
    assert answer is not None
    assert answer.status == 410
    expect(page.locator("h1")).to_contain_text("Este enlace ya no sirve.")


def test_a_refused_passkey_says_so_and_stays(chromium: Browser, clinic: Links) -> None:
    page = chromium.new_context(locale="en-US").new_page()
    with_authenticator(page)
    page.goto(f"{clinic['origin']}/sign-in/")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.locator("[data-trouble]")).to_be_visible(timeout=10_000)
