"""An invited person makes a passkey in a real browser and signs in with it; nothing else lets them in."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Links


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


def test_an_invitation_leads_to_a_passkey_and_the_passkey_signs_in(chromium: Browser, clinic: Links) -> None:
    page = chromium.new_context(locale="en-US").new_page()
    with_authenticator(page)
    page.goto(f"{clinic['origin']}/join/{clinic['invitation']}")
    expect(page.locator("h1")).to_contain_text("Carla, join Harbor Street Clinic.")
    page.get_by_role("button", name="Go on").click()
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
