"""Staff pages in both languages, the keyboard's search, the list that filters: on a served clinic."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Links
from tests.browser.test_axe import AXE, collect_complaints, faults_of

STAFF = ("me/", "me/phone/", "me/held/", "me/fix/passcode_set/", "me/emergency/")
OPEN = ("/sign-in/", "/lost", "/l/{code}", "/l/{code}?lang=es", "/l/zzz", "/nothing-here/")


def signed_in(browser: Browser, clinic: Links, who: str, width: int, scheme: str, locale: str) -> Page:
    """A page of a browser that came through the demo's link."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=locale,
    )
    # Handed over with each page it takes a third of the time of a page.
    context.add_init_script(AXE)
    page = context.new_page()
    page.goto(f"{clinic['origin']}/demo/{clinic[who]}")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/p/**")
    return page


def walk(page: Page, addresses: list[str], width: int) -> list[str]:
    """Faults of each address: a server fault, a foreign request, a message of the browser, axe."""
    faults: list[str] = []
    host = urlsplit(addresses[0]).netloc
    collect_complaints(page, faults)
    page.on("request", lambda sent: faults.append(sent.url) if urlsplit(sent.url).netloc != host else None)
    for address in addresses:
        answer = page.goto(address)
        if answer is None or answer.status >= 500:
            faults.append(f"{address}: {answer and answer.status}")
        faults.extend(faults_of(page, address, width))
    return faults


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "en-US"), (390, "dark", "es")])
def test_staff_pages_pass_axe_in_every_size_and_language(
    chromium: Browser, clinic: Links, width: int, scheme: str, locale: str
) -> None:
    page = signed_in(chromium, clinic, f"staff-{width}", width, scheme, locale)
    origin, code = clinic["origin"], clinic["code"]
    base = f"{origin}/p/{clinic['slug']}/"
    places = [base + place for place in STAFF] + [origin + place.format(code=code) for place in OPEN]
    assert walk(page, places, width) == []


def test_a_name_that_is_one_long_word_stays_in_its_box(chromium: Browser, clinic: Links) -> None:
    page = signed_in(chromium, clinic, "owner-narrow", 390, "dark", "en-US")
    base = f"{clinic['origin']}/p/{clinic['slug']}/"
    long = f"{base}phones/{clinic['gap.long']}/"
    places = ["", "tasks/", "phones/", "phones/add/", "people/", "incidents/", "proof/ledger/"]
    assert walk(page, [long, *(base + place for place in places)], 390) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    assert walk(page, [long, *(base + place for place in places)], 1280) == []


def test_headings_stand_off_what_is_above_them_and_a_sign_stands_in_its_line(
    chromium: Browser, clinic: Links
) -> None:
    page = signed_in(chromium, clinic, "owner-gaps", 1280, "light", "en-US")
    base = f"{clinic['origin']}/p/{clinic['slug']}/"
    for place, above, heading in (
        ("card/", ".sheet-of-cards", "#ph"), ("people/import/", "form.pw-card", "#ro"),
    ):  # fmt: skip
        page.goto(base + place)
        upper, lower = page.locator(above).bounding_box(), page.locator(heading).bounding_box()
        assert upper is not None and lower is not None
        assert lower["y"] - (upper["y"] + upper["height"]) >= 16, place
    page.goto(f"{clinic['origin']}/account/")
    line = page.locator(".rows.sec li").first
    sign, words = line.locator(".i").first.bounding_box(), line.locator("a").bounding_box()
    assert sign is not None and words is not None
    assert abs(sign["y"] + sign["height"] / 2 - words["y"] - words["height"] / 2) <= 3


def test_a_number_to_call_stays_in_one_line(chromium: Browser, clinic: Links) -> None:
    page = chromium.new_context(viewport={"width": 390, "height": 900}, locale="en-US").new_page()
    page.goto(f"{clinic['origin']}/l/{clinic['code']}")
    page.locator("#who").fill("Nobody Here")
    page.locator('input[name="when"]').first.check()
    page.locator("main button[type=submit]").first.click()
    number = page.locator('.promise a[href^="tel:"]')
    expect(number).to_have_css("white-space", "nowrap")


def test_an_unchecked_circle_is_empty_in_the_dark(chromium: Browser, clinic: Links) -> None:
    page = signed_in(chromium, clinic, "staff-dark", 390, "dark", "en-US")
    page.goto(f"{clinic['origin']}/p/{clinic['slug']}/me/emergency/")
    look = "one => [getComputedStyle(one).backgroundColor, parseFloat(getComputedStyle(one).borderTopWidth)]"
    first = page.locator("input[type=radio]").first
    empty, thin = first.evaluate(look)
    assert empty == "rgba(0, 0, 0, 0)"
    first.check()
    assert first.evaluate(look)[1] > 3 * thin


def test_the_keyboard_alone_finds_a_phone_and_leaves_no_trap(chromium: Browser, clinic: Links) -> None:
    page = signed_in(chromium, clinic, "owner-keys", 1280, "light", "en-US")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "pw-skip"
    page.keyboard.press("Control+k")
    page.keyboard.type("carla iphone")
    expect(page.locator("#found a").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).not_to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.press("ControlOrMeta+a")
    with page.expect_response(lambda answer: answer.url.endswith("q=carla")):
        page.keyboard.type("carla")
    found = page.locator("#found a")
    # Until the answer stands there, the one thing found before does.
    expect(found.nth(1)).to_be_visible()
    # Down and up go through the results and back to the field; beyond the last there is nothing.
    page.keyboard.press("ArrowUp")
    expect(page.locator("#palette input[name=q]")).to_be_focused()
    for place in range(found.count()):
        page.keyboard.press("ArrowDown")
        expect(found.nth(place)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(found.last).to_be_focused()
    for _ in range(found.count()):
        page.keyboard.press("ArrowUp")
    expect(page.locator("#palette input[name=q]")).to_be_focused()
    page.keyboard.type(" iphone")
    expect(found).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Carla’s iPhone 14")


def test_the_list_filters_as_one_types_and_picks_by_name(chromium: Browser, clinic: Links) -> None:
    page = signed_in(chromium, clinic, "owner-list", 1280, "light", "en-US")
    page.goto(f"{clinic['origin']}/p/{clinic['slug']}/phones/")
    page.locator("#q").fill("ipad")
    expect(page.locator("tbody tr")).to_have_count(3)
    assert "q=ipad" in page.url
    page.locator("tbody input[name=pick]").first.check()
    expect(page.locator("[data-count]")).to_have_text("1")
    page.get_by_role("button", name="Ask to check in").click()
    expect(page.locator("h1")).to_contain_text("check in")


def test_home_renews_itself_and_waits_for_whoever_is_in_it_by_keyboard(
    chromium: Browser, clinic: Links
) -> None:
    page = signed_in(chromium, clinic, "owner-home", 1280, "light", "en-US")
    faults: list[str] = []
    collect_complaints(page, faults)
    said = page.locator("h1").inner_text()
    page.evaluate("document.querySelector('h1').textContent = 'What was true before.'")
    expect(page.locator("h1")).to_have_text(said, timeout=60_000)
    # The link that somebody has reached stays under their fingers.
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.closest('#home') !== null"):
        page.keyboard.press("Tab")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.wait_for_timeout(6_000)
    assert asked == [] and page.evaluate("document.activeElement.closest('#home') !== null")
    assert faults == []
