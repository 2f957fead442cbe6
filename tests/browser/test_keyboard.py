"""The main walks with the keyboard alone: report, open a case, add a phone, change a role, order an erase and
stop it, approve one, read a fix.
"""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Links
from tests.browser.test_live_pages import signed_in

MOST_TABS = 120
FOCUSED = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return "";
  const label = here.labels && here.labels.length ? here.labels[0].innerText : "";
  const said = [here.getAttribute("aria-label"), label, here.innerText, here.id, here.name];
  return said.filter(Boolean).join(" | ");
}"""
# A radio button's drawn box is its label's.
IS_DRAWN = """() => {
  const here = document.activeElement, style = getComputedStyle(here);
  return style.outlineStyle !== "none" || style.boxShadow !== "none" || here.type === "radio";
}"""


def tab_to(page: Page, words: str) -> None:
    """Press Tab until something that says `words` has the focus, and see that the focus is drawn."""
    met = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        met.append(page.evaluate(FOCUSED))
        if re.search(words, met[-1]):
            drawn = page.evaluate(IS_DRAWN)
            assert drawn, f"the focus on {met[-1]!r} cannot be seen"
            return
    raise AssertionError(f"no {words!r} among {met}")


def test_a_loss_is_reported_without_a_pointer(chromium: Browser, clinic: Links) -> None:
    page = chromium.new_context(locale="en-US", java_script_enabled=True).new_page()
    page.goto(f"{clinic['origin']}/l/{clinic['code']}")
    tab_to(page, r"\bwho\b")
    page.keyboard.type("Rounds iPad 1")
    tab_to(page, r"\bwhen\b")
    page.keyboard.press("Space")
    tab_to(page, r"\bcallback\b")
    page.keyboard.type("555-0101")
    tab_to(page, "Close records now")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Nothing is erased")


def test_a_case_is_opened_taken_and_stays_under_the_fingers(chromium: Browser, clinic: Links) -> None:
    page = signed_in(chromium, clinic, "owner-hands", 1280, "light", "en-US")
    tab_to(page, "Incidents")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/")
    tab_to(page, "Grace")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/case_*/")
    tab_to(page, "I take this case")
    page.wait_for_timeout(4000)
    # The page renews itself each 3 seconds, and must not take the focus away meanwhile.
    assert "I take this case" in page.evaluate(FOCUSED)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.locator("#case")).not_to_contain_text("I take this case")

    tab_to(page, "Phones")
    page.keyboard.press("Enter")
    page.wait_for_url("**/phones/")
    tab_to(page, "Add a phone")
    page.keyboard.press("Enter")
    page.wait_for_url("**/phones/add/")
    tab_to(page, r"\blabel\b")
    page.keyboard.type("Rounds iPad 9")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Scan it, or type the address.")

    tab_to(page, "People")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/")
    tab_to(page, "Erin Testwell")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/mem_*/")
    tab_to(page, "Scheduler")
    page.keyboard.press("Space")
    tab_to(page, "Save roles")
    page.keyboard.press("Enter")
    expect(page.get_by_text("roles are saved", exact=False)).to_be_visible()


def test_an_erase_is_ordered_stopped_ordered_again_and_approved_without_a_pointer(
    chromium: Browser, clinic: Links
) -> None:
    place = f"{clinic['origin']}/p/{clinic['slug']}/phones/{clinic['gap.device_id']}/acts/"
    page = signed_in(chromium, clinic, "owner-erase", 1280, "light", "en-US")
    page.goto(place)
    for again in (False, True):
        tab_to(page, "^Erase it")
        page.keyboard.press("Enter")
        name = page.locator("dialog[open] input[name=name]")
        tab_to(page, "Type the phone’s name")
        page.keyboard.type(str(name.get_attribute("placeholder")))
        tab_to(page, "^Erase it")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("Ordered, and not gone yet")
        if not again:
            tab_to(page, "^Stop it")
            page.keyboard.press("Enter")
            expect(page.locator("main")).not_to_contain_text("Ordered, and not gone yet")
    other = signed_in(chromium, clinic, "second", 1280, "light", "en-US")
    other.goto(place)
    tab_to(other, "^Approve it")
    other.keyboard.press("Enter")
    expect(other.get_by_role("button", name="Approve it")).to_have_count(0)
    tab_to(other, "^Stop it")
    other.keyboard.press("Enter")
    expect(other.locator("main")).not_to_contain_text("Ordered, and not gone yet")


def test_a_fix_is_found_and_read_without_a_pointer(chromium: Browser, clinic: Links) -> None:
    page = signed_in(chromium, clinic, "staff-keys", 390, "light", "en-US")
    tab_to(page, "Mi teléfono|My phone")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "Muéstreme cómo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fix/**")
    expect(page.locator("main ol")).to_be_visible()
