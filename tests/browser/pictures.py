"""`make pictures`: the README's pictures, taken of a demo clinic in which a phone has been lost.

Everything in them really happened: the phones enrolled over their sockets, one was reported, and locked.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import ROOT, Clinic, wait_for
from tests.journeys.people import Person

FOLDER = ROOT / "docs" / "pictures"
WIDE, NARROW = (1280, 860), (390, 760)
BEN, ANA = "Ben's iPhone", "Ana's iPhone"
JOIN_SECONDS = 180


def settled(clinic: Clinic) -> bool:
    """Whether ten of the twelve phones are protected, as the README says."""
    rows = clinic.read("SELECT count(*) FROM posture_deviceposture WHERE posture = 'compliant'")
    return bool(rows[0][0] == 10)


def page_of(browser: Browser, size: tuple[int, int], scheme: Literal["light", "dark"]) -> Page:
    """A page of a browser of its own."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, device_scale_factor=1
    )
    return context.new_page()


def sign_in(page: Page, clinic: Clinic) -> str:
    """Come in by the printed link; the practice's address."""
    page.goto(clinic.link)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/p/**")
    return page.url


def take(page: Page, name: str) -> None:
    """Keep what is on the screen."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


def report(browser: Browser, clinic: Clinic) -> None:
    """A stranger reports Ben's phone on a narrow screen."""
    page = page_of(browser, NARROW, "light")
    page.goto(f"{clinic.world['people_url']}/l/{clinic.world['lost_code']}")
    page.locator("#who").fill("Ben Sample")
    form = page.locator("form", has=page.locator("#who"))
    form.locator("[name=when]").first.check()
    form.locator("[name=callback]").fill("555-0100")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    take(page, "lost")
    form.locator("button").first.click()
    page.wait_for_load_state()


def has_case(console: Page, base: str) -> bool:
    """Whether the list of cases has one: it follows the report by a job."""
    console.goto(f"{base}incidents/")
    return console.locator("td.c-name a").count() > 0


def tell(browser: Browser, clinic: Clinic) -> None:
    """Take every picture in the order of the story."""
    console = page_of(browser, WIDE, "light")
    base = sign_in(console, clinic)
    take(console, "home")
    ben, ana = Person(clinic, "Ben Sample"), Person(clinic, "Ana Model")
    ben.join()
    ana.join()
    ben.sign_in_to_records(BEN)
    refused = clinic.act(ANA, "open", path="/notes")
    phone = page_of(browser, NARROW, "light")
    wait_for(lambda: ana.browser.get(refused["location"]).status_code == 200, "the refusal's page")
    phone.goto(refused["location"])
    take(phone, "refused")
    report(browser, clinic)
    wait_for(lambda: has_case(console, base), "the case on the list")
    console.locator("td.c-name a").first.click()
    console.wait_for_url(re.compile(r"/incidents/case_"))
    console.get_by_role("button", name="It is really lost").click()
    wait_for(lambda: clinic.phone(BEN)["lost_mode"], "Ben's phone to be in lost mode")
    console.reload()
    take(console, "case")
    lab = page_of(browser, (1280, 900), "light")
    lab.goto(f"http://localhost:{clinic.world['page_port']}/")
    lab.locator(".card").first.wait_for()
    take(lab, "lab")


def main() -> None:
    """Make the clinic, wait until it is settled, take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        clinic = Clinic(Path(folder) / "home")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            wait_for(lambda: settled(clinic), "the clinic to settle", JOIN_SECONDS)
            tell(browser, clinic)
        finally:
            browser.close()
            clinic.stop()


if __name__ == "__main__":
    main()
