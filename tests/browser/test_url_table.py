"""Every page of the URL table in two states without an axe finding.

tests/browser/page_states.py names the states. What answers a GET with a page is walked, whether or not
anybody thought of it there, and a state that is not the one that is named is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from pocketward.web.urls import urlpatterns
from tests.browser.conftest import Links
from tests.browser.page_states import EMPTY, FULL, OTHER, SENT, STATES
from tests.browser.test_axe import collect_complaints, faults_of
from tests.browser.test_live_pages import signed_in

# Things that are nowhere, in the form that each gap of an address wants.
NOWHERE = {
    "number": "99999", "check": "no-such-check", "case_ref": "case_nowhere", "code": "zzz",
    "decision_id": "dec_nowhere", "device_id": "dev_nowhere", "enrollment_id": "enr_nowhere",
    "member_id": "mem_nowhere", "name": "lost_device", "practice_id": "prac_nowhere", "secret": "never-was",
    "app_id": "019a0000-0000-7000-8000-000000000001", "grant_id": "019a0000-0000-7000-8000-000000000001",
    "command_id": "019a0000-0000-7000-8000-000000000001",
}  # fmt: skip
# Sends the form that wants something, without it; where no form wants anything, the only one there is.
SEND_EMPTY = """() => {
  const ask = "main form[method=post]";
  const form = document.querySelector(`${ask}:has([required])`) || document.querySelector(ask);
  form.noValidate = true;
  for (const one of form.querySelectorAll(":is(input:not([type=radio]), textarea)[required]")) one.value = "";
  form.requestSubmit();
}"""
# Pages that are met with a question in their address, by walk.
ASKED = {
    FULL: {"fix": "?phone={device_id}", "search": "?q=iphone"},
    OTHER: {"my-phone": "?phone={healthy}", "fix": "?phone={spare}"},
    EMPTY: {"lost": "?code=zzz", "ledger": "?q=no-such-thing"},
}
# Sizes of the same notice: axe need not read it thirty times.
MOST_NOTICES = 3
# Each walk through pages: width in CSS pixels, color scheme.
LOOKS = {FULL: (1280, "light"), OTHER: (390, "dark"), EMPTY: (390, "dark")}


def addresses(gaps: dict[str, str], walk: str) -> Iterator[tuple[str, str]]:
    """(name, address) of everything in the table that can be addressed with these gaps, as this walk does."""
    for pattern in urlpatterns:
        name = str(pattern.name)
        found = {gap: _value(gaps, walk, name, gap) for gap in pattern.pattern.converters}
        if all(found.values()):
            yield name, _filled(str(pattern.pattern), found) + ASKED[walk].get(name, "").format(**gaps)


def _value(gaps: dict[str, str], walk: str, page: str, gap: str) -> str:
    """What fills a gap: what this walk meets on this page, or what stands on this page, or anywhere."""
    return next((gaps[key] for key in (f"{walk}.{page}.{gap}", f"{page}.{gap}", gap) if key in gaps), "")


def _filled(text: str, values: dict[str, str]) -> str:
    for value in values.values():
        text = text[: text.index("<")] + value + text[text.index(">") + 1 :]
    return f"/{text}"


def says(page: Page, name: str, walk: str) -> list[str]:
    """Faults when the open page is not in the state of this walk: without its words, or with another's."""
    text = page.locator("main").inner_text()
    own = STATES[name][walk]
    others = {words for words in STATES[name].values() if words and words not in own and walk != SENT}
    faults = [] if own in text else [f"{name}, {walk}: no {own!r} in {text[:600]!r}"]
    return faults + [f"{name}, {walk}: {words!r} is there" for words in others if words in text]


def take(page: Page, origin: str, places: Iterator[tuple[str, str]], walk: str) -> list[str]:
    """Go through the places; what is wrong with any, and what of this walk was not seen."""
    faults, notices, left = list[str](), 0, {name for name, states in STATES.items() if walk in states}
    collect_complaints(page, faults)
    page.on(
        "request",
        lambda sent: (
            faults.append(sent.url) if urlsplit(sent.url).netloc != urlsplit(origin).netloc else None
        ),
    )
    for name, address in places:
        asked = page.request.get(origin + address, max_redirects=0)
        if asked.status >= 500:
            faults.append(f"{name}: {asked.status}")
        if asked.status in (405, 301, 302, 303) or "text/html" not in asked.headers.get("content-type", ""):
            continue
        if "<html" not in asked.text():
            continue  # a part of another page, for it to swap in
        if asked.headers.get("referrer-policy") == "no-referrer" and "csrfmiddlewaretoken" in asked.text():
            faults.append(f"{name}: its form comes from nowhere, and the form guard refuses it")
        is_named = walk in STATES.get(name, ())
        if not is_named and asked.status == 404:
            notices += 1
            if notices > MOST_NOTICES:
                continue
        elif not is_named:
            faults.append(f"{name} is a page, and this state of it is not named")
        page.goto(origin + address)
        faults += faults_of(page, f"{name} {address}", LOOKS[walk][0])
        if is_named:
            faults += says(page, name, walk)
        left.discard(name)
    return faults + [f"{name}, {walk}: not seen" for name in sorted(left)]


def gaps_of(clinic: Links) -> dict[str, str]:
    """What fills the gaps in the full clinic."""
    found = {name.removeprefix("gap."): value for name, value in clinic.items() if name.startswith("gap.")}
    return found | {"slug": clinic["slug"]}


def test_every_page_of_a_full_clinic(chromium: Browser, clinic: Links) -> None:
    page = signed_in(chromium, clinic, "full", *LOOKS[FULL], "en-US")
    assert take(page, clinic["origin"], addresses(gaps_of(clinic), FULL), FULL) == []


def test_the_thing_beside_the_first_one_on_every_page_of_one_thing(chromium: Browser, clinic: Links) -> None:
    page = signed_in(chromium, clinic, "other", *LOOKS[OTHER], "en-US")
    places = addresses(gaps_of(clinic), OTHER)
    assert (
        take(page, clinic["origin"], (one for one in places if OTHER in STATES.get(one[0], ())), OTHER) == []
    )


# Where lists lead, and how many of each kind are opened.
LISTS = ("phones/", "phones/removed/", "people/", "incidents/", "decisions/", "proof/ledger/")
THING = re.compile(r"/(?:phones/dev|people/mem|incidents/case|decisions/dec)_[0-9a-z]+/$")
MOST_OF_A_KIND = 7


def test_the_other_phones_people_cases_and_decisions(chromium: Browser, clinic: Links) -> None:
    """Healthy and lost, here and gone, open and without a match, in the state that the gaps' one is not."""
    width, faults, places = 390, list[str](), list[str]()
    page = signed_in(chromium, clinic, "owner-others", width, "dark", "en-US")
    collect_complaints(page, faults)
    for name in LISTS:
        page.goto(f"{clinic['origin']}/p/{clinic['slug']}/{name}")
        found = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.pathname)")
        places += list(dict.fromkeys(path for path in found if THING.search(path)))[:MOST_OF_A_KIND]
    assert {re.search(r"(dev|mem|case|dec)_", path)[1] for path in places} >= {"dev", "mem", "case"}  # type: ignore[index]
    for path in places:
        page.goto(clinic["origin"] + path)
        faults += faults_of(page, path, width)
        if "/dev_" in path:
            page.goto(f"{clinic['origin']}{path}acts/")
            faults += faults_of(page, f"{path}acts/", width)
    assert faults == []


def test_every_page_where_nothing_has_happened_or_the_thing_is_not_there(
    chromium: Browser, clinic: Links
) -> None:
    page = signed_in(chromium, clinic, "empty", *LOOKS[EMPTY], "en-US")
    origin, gaps = clinic["origin"], NOWHERE | {"slug": clinic["empty-slug"]}
    assert take(page, origin, addresses(gaps, EMPTY), EMPTY) == []
    named = dict(addresses(gaps | {"code": clinic["code"]}, EMPTY))
    faults = []
    for name in (name for name, states in STATES.items() if SENT in states):
        page.goto(origin + named[name])
        with page.expect_navigation():
            page.evaluate(SEND_EMPTY)
        faults += faults_of(page, f"{name}, sent empty", LOOKS[EMPTY][0]) + says(page, name, SENT)
    assert faults == []


def test_the_stop_link_of_a_mail_stops_in_any_browser_without_sign_in(
    chromium: Browser, clinic: Links
) -> None:
    """Last of all: the walks before look at the order that waits."""
    page = chromium.new_context(locale="en-US").new_page()
    page.goto(f"{clinic['origin']}/stop/{clinic['gap.stop.secret']}")
    page.get_by_role("button", name="Stop it").click()
    expect(page.locator("h1")).to_have_text("Stopped.")
    page.goto(f"{clinic['origin']}/stop/{clinic['gap.stop.secret']}")
    expect(page.locator("h1")).to_have_text("There is nothing to stop here.")
