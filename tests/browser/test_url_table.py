"""Every page of the URL table in two states without an axe finding.

Full, wide and light: a clinic in which much has happened. Other, narrow and dark: a practice in which
nothing has, and addresses of things that are not there. What answers a GET with a page is walked, whether
or not anybody thought of it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import URLPattern
from playwright.sync_api import Browser, Page

from pocketward.web.urls import urlpatterns
from tests.browser.conftest import Links
from tests.browser.test_axe import collect_complaints, faults_of
from tests.browser.test_live_pages import signed_in

# Things that are nowhere, in the form that each gap of an address wants.
NOWHERE = {
    "index": "99999", "check": "no-such-check", "case_ref": "case_nowhere", "code": "zzz",
    "decision_id": "dec_nowhere", "device_id": "dev_nowhere", "enrollment_id": "enr_nowhere",
    "member_id": "mem_nowhere", "practice_id": "prac_nowhere", "secret": "never-was",
    "app_id": "019a0000-0000-7000-8000-000000000001", "grant_id": "019a0000-0000-7000-8000-000000000001",
    "command_id": "019a0000-0000-7000-8000-000000000001",
}  # fmt: skip
# Leaving would end the walk.
NOT_WALKED = {"sign-out"}
# Pages whose form says what is wrong when it is sent empty.
FORMS = (
    "person-add", "people-import", "phone-add", "push-certificate", "lost-here", "record-add", "networks",
    "role-matrix", "practice",
)  # fmt: skip
# Sizes of the same notice: axe need not read it thirty times.
MOST_NOTICES = 3


def addresses(gaps: dict[str, str], slug: str) -> Iterator[tuple[str, str]]:
    """(name, address) of everything in the table that can be addressed with these gaps."""
    for pattern in urlpatterns:
        address = _filled(pattern, gaps | {"slug": slug})
        if address is not None and pattern.name not in NOT_WALKED:
            yield str(pattern.name), address


def _filled(pattern: URLPattern, gaps: dict[str, str]) -> str | None:
    text = str(pattern.pattern)
    for name in pattern.pattern.converters:
        if name not in gaps:
            return None
        start = text.index("<")
        text = text[:start] + gaps[name] + text[text.index(">") + 1 :]
    return f"/{text}"


def walk(
    page: Page, origin: str, places: Iterator[tuple[str, str]], width: int
) -> tuple[set[str], list[str]]:
    """(names of the pages that were seen, faults)."""
    seen, notices = set[str](), 0
    faults: list[str] = []
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
        notices += asked.status == 404
        if asked.status == 404 and notices > MOST_NOTICES:
            continue
        page.goto(origin + address)
        seen.add(name)
        faults.extend(faults_of(page, f"{name} {address}", width))
    return seen, faults


def test_every_page_of_a_full_clinic(chromium: Browser, clinic: Links) -> None:
    width = 1280
    page = signed_in(chromium, clinic, "full", width, "light", "en-US")
    gaps = {name.removeprefix("gap."): value for name, value in clinic.items() if name.startswith("gap.")}
    seen, faults = walk(page, clinic["origin"], addresses(gaps, clinic["slug"]), width)
    assert faults == []
    # A page that is not seen here is one that nobody has looked at.
    must = {"home", "tasks", "phones", "phone", "phone-acts", "phone-history", "phone-add", "phone-ticket",
            "people", "person", "person-add", "people-import", "incidents", "case", "case-exposure", "ledger",
            "ledger-entry", "decisions", "decision", "refused", "setup", "push-certificate", "card", "search",
            "me", "my-phone", "fix", "held", "emergency", "emergency-reviews", "emergency-review", "account",
            "lost", "lost-here", "sign-in", "start", "records", "record", "record-add", "networks", "rules",
            "rules-edit", "role-matrix", "practice", "guard"}  # fmt: skip
    assert must <= seen, must - seen


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
    width = 390
    page = signed_in(chromium, clinic, "empty", width, "dark", "en-US")
    origin, slug = clinic["origin"], clinic["empty-slug"]
    seen, faults = walk(page, origin, addresses(NOWHERE, slug), width)
    assert faults == []
    assert {"home", "phones", "people", "incidents", "ledger", "decisions", "search"} <= seen
    named = dict(addresses(NOWHERE | {"code": clinic["code"]}, slug))
    for name in FORMS:
        page.goto(origin + named[name])
        with page.expect_navigation():
            page.evaluate(
                "() => { const form = document.querySelector('form[method=post]:has([required])');"
                " form.noValidate = true; form.requestSubmit(); }"
            )
        assert faults_of(page, f"{name}, sent empty", width) == []
