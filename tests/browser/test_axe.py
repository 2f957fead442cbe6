"""axe finds nothing on any page: wide and light, narrow and dark; staff pages in Spanish too."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import translation
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route

import pocketward.web
from pocketward.web.components.render import html_of
from tests.web.samples import SAMPLES
from tests.web.shells import TECHNICIAN, console_shell, staff_shell
from tests.web.staff_samples import STAFF_SAMPLES

STATIC = Path(pocketward.web.__file__).parent / "static"
AXE = (Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only what is wrong is told: what is right would be listed with every element it was found at.
RUN_AXE = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"]})
  .then((found) => found.violations)"""
# Words that stick out of the card, cell or page that holds them; what scrolls by itself may.
OUT_OF_BOX = """() => [...document.querySelectorAll("main :is(a, b, h1, h2, h3, p, span)")]
  .filter((one) => one.checkVisibility() && !one.closest(".vh, .skip, dialog") && one.textContent.trim())
  .filter((one) => {
    for (let box = one.parentElement; box; box = box.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(box).overflowX)) return false;
      if (box.matches("main, td, li, .pw-card, .card") &&
          one.getBoundingClientRect().right > box.getBoundingClientRect().right + 1) return true;
    }
    return false;
  })
  .map((one) => one.textContent.trim().slice(0, 60)).slice(0, 3)"""

# A camera reads dark modules on white, and nothing else.
DARK_CODES = """() => [...document.querySelectorAll("svg.segno")]
  .filter((one) => getComputedStyle(one.parentElement).backgroundColor !== "rgb(255, 255, 255)").length"""


def rendered(kind: str, name: str, language: str) -> str:
    if kind == "console":
        section, template, make = SAMPLES[name]
        shell = console_shell(section, provider=TECHNICIAN, kill_switch=True)
        return html_of(template, make(), shell=shell)
    template, make_staff = STAFF_SAMPLES[name]
    with translation.override(language):
        return html_of(template, make_staff(), shell=staff_shell(language))


def open_pages(browser: Browser, kind: str, language: str, width: int, scheme: str) -> list[str]:
    """Every fault on every page of a kind at one width and color scheme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    context.add_init_script(AXE)
    page = context.new_page()
    faults: list[str] = []
    names = SAMPLES if kind == "console" else STAFF_SAMPLES

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        file = STATIC / path.removeprefix("/static/")
        if path.startswith("/static/") and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
        else:
            route.fulfill(body=rendered(kind, path.strip("/"), language), content_type="text/html")

    page.route("**/*", serve)
    for name in names:
        page.goto(f"http://pages.test/{name}")
        faults.extend(faults_of(page, name, width))
    context.close()
    return faults


def collect_complaints(page: Page, faults: list[str]) -> None:
    """Note whatever the browser says against a page: refused by its policy, failed in a script, foreign.

    That an address answers 4xx or 5xx is no fault of the page that then stands there.
    """

    def on_console(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and "Failed to load resource" not in said.text:
            faults.append(f"{page.url}: {said.text[:160]}")

    def on_failure(sent: Request) -> None:
        # A page that is left meanwhile gives up what it had asked for.
        if sent.resource_type != "document" and sent.failure == "net::ERR_ABORTED":
            return
        faults.append(f"{page.url}: no {sent.url} ({sent.failure})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {str(error)[:160]}"))
    page.on("requestfailed", on_failure)


def faults_of(page: Page, name: str, width: int) -> list[str]:
    """What axe says of the open page, and whether it scrolls sideways."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(RUN_AXE, TAGS)
    faults = [f"{name}: {item['id']}: {item['nodes'][0]['html'][:120]}" for item in found]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        faults.append(f"{name}: scrolls sideways at {width} px")
    if page.evaluate(DARK_CODES):
        faults.append(f"{name}: a code that no camera can read")
    faults.extend(f"{name}: out of its box: {text}" for text in page.evaluate(OUT_OF_BOX))
    return faults


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_console_pages_have_no_axe_finding(chromium: Browser, width: int, scheme: str) -> None:
    assert open_pages(chromium, "console", "en", width, scheme) == []


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", 1280, "light"), ("en", 390, "dark"), ("es", 320, "light")]
)
def test_staff_pages_have_no_axe_finding(chromium: Browser, language: str, width: int, scheme: str) -> None:
    assert open_pages(chromium, "staff", language, width, scheme) == []
