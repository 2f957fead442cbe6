"""The phone's browser: what each host has put into it, and what a host has it forget (Clear-Site-Data)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import Any

import httpx

# What the scripts of a page put into storage; this browser runs no others.
_STORES = re.compile(r'localStorage\.setItem\("([^"]+)", "([^"]*)"\)')


@dataclass
class Site:
    """What one host has put into the browser: cookies and storage by name, pages that it may show again."""

    cookies: dict[str, str] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    cached: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return not (self.cookies or self.stored or self.cached)

    def describe(self) -> dict[str, Any]:
        """The names of cookies, what is stored, which pages are cached."""
        return {
            "cookies": sorted(self.cookies),
            "stored": dict(self.stored),
            "cached": sorted(self.cached),
        }


def _domain(host: str) -> tuple[str, ...]:
    """The registered domain of a host name, as far as this lab needs it."""
    return tuple(host.split(".")[-2:])


@dataclass
class Safari:
    """One browser; ports make no difference to cookies, and here to nothing."""

    sites: dict[str, Site] = field(default_factory=dict)

    def cookie_header(self, host: str) -> str:
        """What it sends to this host."""
        return "; ".join(f"{name}={value}" for name, value in self._site(host).cookies.items())

    def _site(self, host: str) -> Site:
        return self.sites.setdefault(host, Site())

    def take(self, host: str, path: str, answer: httpx.Response) -> None:
        """Keep what the answer gives, then forget what it says must go."""
        site = self._site(host)
        for value in answer.headers.get_list("set-cookie"):
            _set_cookie(site, value)
        if "max-age" in answer.headers.get("cache-control", "") and answer.status_code == 200:
            site.cached.add(path)
        site.stored.update(_STORES.findall(answer.text))
        for kind in answer.headers.get("clear-site-data", "").split(","):
            self._forget(host, kind.strip().strip('"'))

    def _forget(self, host: str, kind: str) -> None:
        site = self._site(host)
        if kind in ("cache", "*"):
            site.cached.clear()
        if kind in ("storage", "*"):
            site.stored.clear()
        if kind in ("cookies", "*"):
            # Cookies go for the whole registered domain (W3C Clear Site Data, 3.1).
            for other in [found for name, found in self.sites.items() if _domain(name) == _domain(host)]:
                other.cookies.clear()

    def cookies(self) -> dict[str, dict[str, str]]:
        """By host and name: a digest of each cookie's value, to tell an old one from a new one."""
        return {
            host: {name: sha256(value.encode()).hexdigest() for name, value in site.cookies.items()}
            for host, site in self.sites.items()
        }

    def describe(self) -> dict[str, Any]:
        """By host, only where something is: the names of cookies, what is stored, which pages are cached."""
        return {host: site.describe() for host, site in self.sites.items() if not site.is_empty}


def _set_cookie(site: Site, text: str) -> None:
    try:
        morsels = SimpleCookie(text).values()
    except CookieError:
        return
    for morsel in morsels:
        if morsel["max-age"] == "0" or not morsel.value:
            site.cookies.pop(morsel.key, None)
        else:
            site.cookies[morsel.key] = morsel.value
