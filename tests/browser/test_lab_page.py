"""The lab's page in a browser: a phone is lost and contained before our eyes, and a day passes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.test_axe import faults_of
from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person

BEN, ANA = "Ben's iPhone", "Ana's iPhone"
APP = ("org.example.harbor-records", "Managed")
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A demo clinic with two phones."""
    running = Clinic(tmp_path_factory.mktemp("lab-page") / "home", "--phones", f"{BEN},{ANA}")
    try:
        for label in (BEN, ANA):
            wait_for(
                lambda label=label: "Managed" in running.phone(label)["managed_apps"].values(), label, 60
            )
        yield running
    finally:
        running.stop()


@pytest.fixture
def opened(chromium: Browser, world: Clinic, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page; a script's fault or a broken content policy fails the test."""
    width, scheme = getattr(request, "param", (1280, "light"))
    context: BrowserContext = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)[:200]))
    page.on("console", lambda said: faults.append(said.text[:200]) if "policy" in said.text else None)
    page.goto(f"http://localhost:{world.world['page_port']}/")
    expect(page.locator(".card")).to_have_count(2)
    yield page
    context.close()
    assert faults == []


@pytest.mark.parametrize("opened", [(1280, "light"), (390, "dark")], indirect=True)
def test_the_page_has_no_axe_finding_with_everything_unfolded(opened: Page) -> None:
    width = opened.viewport_size["width"] if opened.viewport_size else 0
    assert faults_of(opened, "as it opens", width) == []
    opened.locator(".card").first.get_by_text("More", exact=False).first.click()
    opened.locator("#pane-wire details").first.locator("summary").click()
    expect(opened.locator("#pane-wire pre").first).to_be_visible()
    assert faults_of(opened, "unfolded", width) == []
    opened.get_by_role("button", name="Lose a phone").click()
    assert faults_of(opened, "the dialog", width) == []


def test_what_the_phone_reads_says_why_what_to_do_and_how_long_and_leads_to_its_page(
    opened: Page, world: Clinic
) -> None:
    card = opened.get_by_role("article", name=ANA)
    card.get_by_role("button", name="Open the records").click()
    reading = card.locator(".reading")
    expect(reading).to_contain_text("no passcode", timeout=PATIENCE_MS)
    expect(reading.locator("li").first).to_contain_text("Turn Passcode On")
    expect(reading).to_contain_text(re.compile(r"About \d+ minutes?\."))
    page = reading.get_by_role("link", name="Open that page").get_attribute("href") or ""
    assert page.startswith(f"{world.world['people_url']}/refused/prac_")
    shown = card.locator(".clip")
    expect(shown).to_have_text("This phone has no passcode. Anyone who finds it can open patient records.")
    # Not cut: a browser would put an ellipsis behind the full stop.
    assert shown.evaluate("node => node.scrollHeight <= node.clientHeight")


def test_a_passcode_opens_the_records_and_the_wire_shows_how(opened: Page) -> None:
    card = opened.get_by_role("article", name=ANA)
    card.get_by_role("button", name="Open the records").click()
    expect(card.get_by_text("Ana Model reads:")).to_contain_text("no passcode", timeout=PATIENCE_MS)
    card.get_by_role("button", name="Set a passcode").click()
    expect(card.get_by_role("button", name="Remove the passcode")).to_be_visible()
    card.get_by_role("button", name="Check this phone now").click()
    expect(card.get_by_text("Notes open for Ana Model")).to_be_visible(timeout=PATIENCE_MS)
    opened.locator("#which").select_option(ANA)
    expect(opened.locator("#pane-wire .row b", has_text=BEN)).to_have_count(0)
    row = opened.locator("#pane-wire details", has_text="Acknowledged SecurityInfo").first
    row.locator("summary").click()
    expect(row.locator("pre").first).to_contain_text("PasscodePresent")


def test_an_erased_phone_offers_nothing_that_is_gone_and_the_headline_knows_it(opened: Page) -> None:
    def erased(route: Route) -> None:
        answer = route.fetch()
        if answer.status != 200:
            route.fulfill(response=answer)
            return
        told = answer.json()
        for phone in told["lab"]["phones"]:
            if phone["name"] == BEN:
                phone |= {"enrolled": False, "erased_times": 1, "holder": "a stranger", "passcode": False}
        route.fulfill(response=answer, json=told)

    opened.route("**/state?seen=*", erased)
    opened.reload()
    expect(opened.locator("#say")).to_have_text("Ben's iPhone is erased: a stranger has an empty phone.")
    card = opened.get_by_role("article", name=BEN)
    expect(card.get_by_role("img")).to_contain_text("Hello")
    for label in ("Set a passcode", "Remove the passcode", "Open the records", "Check in now"):
        expect(card.get_by_role("button", name=label)).to_have_count(0)
    expect(card.locator(".facts")).to_contain_text("PasscodeNoneScreenAs newRecordsNothing on it")


def test_no_secret_is_in_any_message_of_the_wire(opened: Page) -> None:
    opened.locator("#which").select_option(BEN)
    joined = opened.locator("#pane-wire details", has_text="TokenUpdate").first
    joined.locator("summary").click()
    expect(joined.locator("pre").first).to_contain_text("[kept secret]")
    expect(joined.locator("pre").first).not_to_contain_text("<data>")


def test_the_keyboard_moves_between_the_logs(opened: Page) -> None:
    opened.locator("#tab-wire").focus()
    opened.keyboard.press("ArrowRight")
    expect(opened.locator("#tab-push")).to_be_focused()
    expect(opened.locator("#pane-push")).to_contain_text("woke the phone")
    opened.keyboard.press("End")
    expect(opened.locator("#pane-mail")).to_be_visible()
    expect(opened.locator("#pane-wire")).to_be_hidden()


def test_a_phone_is_lost_reported_by_a_stranger_and_contained_and_a_day_passes(
    opened: Page, world: Clinic
) -> None:
    opened.get_by_role("button", name="Lose a phone").click()
    dialog = opened.get_by_role("dialog")
    dialog.get_by_label(BEN).check()
    dialog.get_by_role("button", name="Leave it somewhere").click()
    expect(dialog.locator("#loss-who")).to_have_text("Ben Sample")
    expect(opened.locator("#say")).to_have_text("Ben's iPhone is in a stranger’s hands.")
    with opened.expect_popup() as popup:
        dialog.get_by_role("link", name="Open the report page").click()
    report = popup.value
    report.locator("#who").fill("Ben Sample")
    form = report.locator("form", has=report.locator("#who"))
    form.locator("[name=when]").first.check()
    form.locator("[name=callback]").fill("555-0100")
    form.locator("button").first.click()
    expect(report.locator("main")).to_contain_text("Nothing is erased", timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Close").click()
    dana = Person(world, "Dana Example")
    dana.join()
    ((case_ref,),) = world.read("SELECT case_ref FROM response_lossreport")
    case = f"/p/{dana.slug}/incidents/{case_ref}/"
    wait_for(lambda: dana.browser.get(case).status_code == 200, "the case")
    assert not world.phone(BEN)["lost_mode"]
    dana.post(dana.browser.get(case), f"{case}confirm/")
    dana.browser.close()
    screen = opened.get_by_role("article", name=BEN).get_by_role("img")
    expect(screen).to_contain_text("Lost iPhone", timeout=PATIENCE_MS)
    expect(screen).to_contain_text("555-0142")
    opened.get_by_role("button", name="Let a day pass").click()
    expect(opened.locator("#ahead")).to_have_text("(1 day ahead of this machine)")
    opened.locator("#tab-mail").click()
    expect(opened.locator("#pane-mail")).to_contain_text("Pocketward needs you", timeout=PATIENCE_MS)
