"""The demo's pretend staff: on a phone they open the records, are asked who they are, and sign in."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from devicelab.passkey import Passkey
from devicelab.whole_file import put_whole
from devicelab.world import World
from pocketward.kernel import clock

# phone, path, cookie -> {status, location, cookie, text}
OpenPage = Callable[[str, str, str], Awaitable[dict[str, Any]]]
PASSKEYS = "staff-passkeys.json"
MOST_RELOADS = 4


class StaffFailed(Exception):
    """A person could not do it; the text says why."""


@dataclass(frozen=True)
class Seen:
    """What a person saw: `state` is "open", "refused" or "asked"; `say` and `lead` are the page's words."""

    state: str
    say: str
    lead: str
    person: str
    path: str
    at: str = ""
    steps: tuple[str, ...] = ()
    # Where "Check this phone now" leads; empty when the page does not offer it.
    check: str = ""
    how_long: str = ""
    # The page itself; empty for what no page of the practice said.
    url: str = ""


@dataclass
class _Browser:
    http: httpx.AsyncClient
    cookie: str = ""
    refusal: httpx.Response | None = None


def _now() -> str:
    return clock.now().isoformat(timespec="seconds")


def _text(pattern: str, page: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[1])).split()) if found else ""


def _options(page: httpx.Response) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]*)"', page.text)
    if found is None:
        raise StaffFailed(_text(r"<h1[^>]*>(.*?)</h1>", page.text) or "the page asks for no passkey")
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


async def _settled(http: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """The page, once it has asked again by itself as often as it says, as a browser does."""
    for _ in range(MOST_RELOADS):
        again = re.search(r'<meta http-equiv="refresh" content="(\d+); url=([^"]+)"', page.text)
        if again is None:
            break
        await asyncio.sleep(int(again[1]))
        page = await http.get(html.unescape(again[2]))
    return page


@dataclass
class Staff:
    """Everybody's passkeys (kept in the lab's folder) and a browser a person and phone."""

    world: World
    open_page: OpenPage
    _passkeys: dict[str, Passkey] = field(default_factory=dict)
    _browsers: dict[tuple[str, str], _Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take up the passkeys of an earlier run."""
        file = self._file
        if file.exists():
            for name, stored in json.loads(file.read_text(encoding="ascii")).items():
                self._passkeys[name] = Passkey.from_stored(self.world.people_url, stored)

    @property
    def _file(self) -> Path:
        return Path(self.world.folder) / PASSKEYS

    async def look(self, phone: str, person: str, path: str) -> Seen:
        """Open a page of the records on the phone as this person; signs in where asked to."""
        browser = self._browsers.setdefault(
            (phone, person), _Browser(httpx.AsyncClient(base_url=self.world.people_url, timeout=20))
        )
        answer = await self.open_page(phone, path, browser.cookie)
        if answer["status"] == 302 and "/refused/" not in answer["location"]:
            answer = await self._sign_in_and_return(phone, person, path, browser, str(answer["location"]))
        if answer["status"] == 200:
            title = _text(r"<h1>(.*?)</h1>", str(answer["text"]))
            return Seen("open", title, "Records are open.", person, path, _now())
        if answer["status"] == 302:
            return await self._refusal(browser, person, path, str(answer["location"]))
        status = f"The door answered {answer['status']}."
        return Seen("refused", "Records are closed here.", status, person, path, _now())

    async def _sign_in_and_return(
        self, phone: str, person: str, path: str, browser: _Browser, start: str
    ) -> dict[str, Any]:
        back = await browser.http.get(start)
        if "/sign-in" in back.headers.get("location", "") or back.status_code == 200:
            await self._sign_in(browser.http, person)
            back = await browser.http.get(start)
        target = urlsplit(back.headers.get("location", ""))
        if back.status_code not in (302, 303) or not target.path:
            raise StaffFailed(_text(r"<h1[^>]*>(.*?)</h1>", back.text) or "the sign-in leads nowhere")
        if "/refused/" in target.path:
            return {"status": 302, "location": back.headers["location"]}
        handed = await self.open_page(phone, f"{target.path}?{target.query}", "")
        again = urlsplit(str(handed["location"]))
        if again.path == target.path:
            # A shared tablet that another person had before: it forgets first.
            handed = await self.open_page(phone, f"{again.path}?{again.query}", "")
        browser.cookie = str(handed["cookie"])
        return await self.open_page(phone, path, browser.cookie)

    async def _refusal(self, browser: _Browser, person: str, path: str, location: str) -> Seen:
        page = await browser.http.get(location)
        if page.status_code == 401:
            await self._sign_in(browser.http, person)
            page = await browser.http.get(location)
        page = await _settled(browser.http, page)
        block = re.search(r'<ol class="steps">(.*?)</ol>', page.text, re.DOTALL)
        steps = re.findall(r"<li>(.*?)</li>", block[1], re.DOTALL) if block else []
        form = re.search(r'<form class="btns" method="post" action="([^"]+)"', page.text)
        browser.refusal = page
        return Seen(
            "refused",
            _text(r'<h1 class="say">(.*?)</h1>', page.text) or "Records are closed here.",
            _text(r'<p class="lead">(.*?)</p>', page.text),
            person,
            path,
            _now(),
            tuple(html.unescape(step) for step in steps[:3]),
            html.unescape(form[1]) if form else "",
            _text(r'<p class="muted small(?: sec)?">(.*?)</p>', page.text),
            str(page.url),
        )

    async def check(self, phone: str, seen: Seen) -> None:
        """Tap "Check this phone now" on the refusal they read; StaffFailed when there is none."""
        browser = self._browsers.get((phone, seen.person))
        if browser is None or browser.refusal is None or not seen.check:
            raise StaffFailed("the page on this phone does not offer it")
        answer = await self._post(browser.http, browser.refusal, seen.check)
        if "/sign-in/" in answer.headers.get("location", ""):
            # They read it without having signed in: they do, and tap again.
            await self._sign_in(browser.http, seen.person)
            page = await browser.http.get(browser.refusal.request.url)
            answer = await self._post(browser.http, page, seen.check)
        if answer.status_code not in (200, 302, 303) or "/sign-in/" in answer.headers.get("location", ""):
            raise StaffFailed(f"the page answered {answer.status_code}")

    async def _sign_in(self, http: httpx.AsyncClient, person: str) -> None:
        """With their passkey; the first time, by their invitation."""
        passkey = self._passkeys.get(person)
        if passkey is None:
            await self._join(http, person)
            return
        page = await http.get("/sign-in/", params={"next": "/"})
        proof = passkey.prove(_options(page))
        self._keep()
        answer = await self._post(http, page, "/sign-in/", credential=proof, next="/")
        if answer.status_code not in (302, 303):
            raise StaffFailed(f"{person}'s passkey was not taken")

    async def _join(self, http: httpx.AsyncClient, person: str) -> None:
        url = next((one.join_url for one in self.world.people if one.name == person), "")
        if not url:
            raise StaffFailed(f"nobody here is called {person}")
        page = await http.get(url)
        if page.status_code != 200:
            raise StaffFailed(f"{person} has joined already, with a passkey of their own: use their browser")
        page = await self._post(http, page, url, follow=True)
        passkey = Passkey(self.world.people_url)
        made = passkey.register(_options(page))
        answer = await self._post(http, page, "/account/passkey/", credential=made, name="Lab passkey")
        if answer.status_code not in (200, 302, 303):
            raise StaffFailed(f"{person} could not make a passkey")
        self._passkeys[person] = passkey
        self._keep()

    async def _post(
        self, http: httpx.AsyncClient, page: httpx.Response, url: str, *, follow: bool = False, **fields: str
    ) -> httpx.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if token is None:
            raise StaffFailed("the page has no form")
        data = {"csrfmiddlewaretoken": token[1], **fields}
        headers = {"origin": self.world.people_url}
        return await http.post(url, data=data, headers=headers, follow_redirects=follow)

    def _keep(self) -> None:
        stored = {name: passkey.stored() for name, passkey in self._passkeys.items()}
        put_whole(self._file, json.dumps(stored).encode("ascii"))

    async def stop(self) -> None:
        """Close every browser."""
        for browser in self._browsers.values():
            await browser.http.aclose()
