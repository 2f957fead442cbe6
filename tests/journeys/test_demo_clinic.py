"""The clinic that `make run` shows: twelve devices, one needs a fix, one was last heard from two days ago."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import Clinic, wait_for

ANA, BEN, SILENT = "Ana's iPhone", "Ben's iPhone", "Exam 4 iPad"
JOIN_SECONDS = 150


class Hasty(Clinic):
    """A clinic whose printed link is opened the moment it stands there, by a reader in a hurry."""

    def _first_line(self) -> str:
        line = super()._first_line()
        self.at_once = httpx.get(line, timeout=30)
        assert self.process.stdout is not None
        self.printed = [line, *(self.process.stdout.readline().strip() for _ in range(2))]
        return line


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hasty]:
    """The demo as it comes, from nothing at all, no device left out."""
    running = Hasty(tmp_path_factory.mktemp("demo") / "home", migrated=False)
    try:
        yield running
    finally:
        running.stop()


def owners_home(demo: Clinic) -> tuple[httpx.Client, str]:
    """The owner's browser, in by the printed link, and the address of Home."""
    browser = httpx.Client(follow_redirects=True, timeout=30)
    page = browser.get(demo.link)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found, page.text[:800]
    page = browser.post(
        demo.link, data={"csrfmiddlewaretoken": found[1]}, headers={"origin": demo.world["people_url"]}
    )
    assert page.status_code == 200, page.text[:800]
    return browser, str(page.url)


def words(page: httpx.Response) -> str:
    """What the page says below its heading, without marks."""
    text = page.text[page.text.index("<h1") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_twelve_devices_join_and_home_says_which_one_needs_a_fix_and_which_one_is_silent(
    demo: Clinic,
) -> None:
    browser, home = owners_home(demo)

    def settled() -> Any:
        said = words(browser.get(home))
        return said if said.startswith("10 of 12 phones are protected.") else None

    said = wait_for(settled, "ten of twelve to be protected", JOIN_SECONDS)
    assert "10 protected 1 needs a fix 1 not heard from" in said, said
    assert f"{ANA} needs a fix This phone has no passcode." in said, said
    assert f"{SILENT} has been silent for 2 days" in said or f"{SILENT} has been silent for 48 hr" in said, (
        said
    )
    browser.close()
    assert len(demo.world["phones"]) == 12
    assert all(demo.phone(item["name"])["enrolled"] for item in demo.world["phones"])
    assert demo.phone(SILENT)["offline"]


def test_the_link_is_the_first_line_alone_and_opens_the_moment_it_is_printed(demo: Hasty) -> None:
    assert demo.at_once.status_code == 200
    assert "a pretend clinic" in demo.at_once.text
    assert demo.printed[0] == demo.link
    assert demo.link.startswith(f"{demo.world['people_url']}/demo/")
    assert demo.printed[1].startswith("The lab, with the phones: http://localhost:")
    assert demo.printed[2].startswith("Stop with Ctrl-C.")


def ask_now(browser: httpx.Client, home: str, label: str) -> None:
    """Press "Ask it now" on the phone's page."""
    listed = browser.get(f"{home}phones/", params={"q": label})
    found = re.search(r"/p/[^/\"]+/phones/dev_[0-9a-z]+/", listed.text)
    assert found, listed.text[:1500]
    address = str(httpx.URL(home).join(found[0]))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address).text)
    assert token
    answer = browser.post(
        f"{address}check/", data={"csrfmiddlewaretoken": token[1]},
        headers={"origin": str(httpx.URL(home).join("/")).rstrip("/")},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text[:500]


def test_stopped_and_started_the_clinic_and_its_phones_are_the_same(demo: Hasty) -> None:
    assert demo.command("demo", "clock", "600").returncode == 0
    demo.stop()
    again = Clinic(demo.home, migrated=False)
    try:
        browser, home = owners_home(again)
        answered = wait_for(lambda: asked_once(again), "the phones to go on", JOIN_SECONDS)
        ask_now(browser, home, BEN)
        wait_for(lambda: len(again.phone(BEN)["answered"]) >= answered + 3, "the answers to Ask it now")
        said = words(browser.get(home))
        assert said.startswith("10 of 12 phones are protected."), said
        assert "10 protected 1 needs a fix 1 not heard from" in said, said
        browser.close()
        assert again.events("fleet.device_message_refused") == []
        assert (demo.home / "clock-offset").read_text(encoding="ascii").strip() == "600"
        # The printed link is used up; its page names the command that prints another, which opens.
        spent = httpx.get(again.link, timeout=30)
        assert (spent.status_code, "pocketward owner-link" in spent.text) == (410, True)
        assert "a pretend clinic" in httpx.get(again.owner_link(), timeout=30).text
        # A demo's terminal shows its links, and what goes wrong.
        assert b'"level": "info"' not in again.log.read_bytes()
    finally:
        again.stop()


def asked_once(clinic: Clinic) -> int:
    """Once every phone that is on has spoken and has no trouble: how much Ben's has answered; 0 before."""
    phones = clinic.lab("/phones")
    assert len(phones) == 12
    assert all(item["enrolled"] for item in phones)
    assert clinic.phone(SILENT)["offline"]
    spoke = {row["phone"] for row in clinic.lab("/wire")}
    assert SILENT not in spoke
    has_trouble = any(item["last_error"] for item in phones)
    return len(clinic.phone(BEN)["answered"]) if len(spoke) == 11 and not has_trouble else 0
