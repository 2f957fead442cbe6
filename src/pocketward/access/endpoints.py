"""`/.pocketward/` on an app's own host: a one-time code becomes a host-only cookie, leaving takes all away.

A browser forgets what a host has put into it only when that host says so. So `leave` answers on the host of
the record system itself: nothing of the person stays, not the record system's own cookie either.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from cryptography.hazmat.primitives import serialization
from django.conf import settings

from pocketward.access.errors import CodeSpent, NotOnTheWay
from pocketward.access.leaving import follows_somebody, leave
from pocketward.access.sessions import redeem_code
from pocketward.gate.identity import read_certificate
from pocketward.kernel import crypto
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import parse_public_id
from pocketward.spine.api import practice_scope, run_in_pool

COOKIE = "pocketward_gate"
SESSION_PATH, LEAVE_PATH = "/.pocketward/session", "/.pocketward/leave"
EVERYTHING = b'"cache", "cookies", "storage"'
# "cookies" reaches every host of the same registered domain, and so our own pages' where they share it.
BUT_COOKIES = b'"cache", "storage"'
_COOKIE_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}", re.ASCII)
MOST_COOKIES = 50
Headers = list[tuple[bytes, bytes]]
Query = dict[str, list[str]]


@dataclass(frozen=True)
class Visit:
    """What a request says of itself, as far as it may: by the trusted proxy, or by the listener."""

    host: str
    is_secure: bool
    certificate: str
    cookies: dict[str, str]


async def app(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """The ASGI callable."""
    headers: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    work = {SESSION_PATH: start, LEAVE_PATH: go}.get(scope["path"])
    if work is None or scope["method"] != "GET":
        status: int = 404
        extra: Headers = []
    else:
        query = _query(scope.get("query_string", b""))
        status, extra = await run_in_pool(work, headers, query, scope.get("scheme", "http"))
    plain = [(b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": [*plain, *extra]})
    await send({"type": "http.response.body", "body": b""})


def _query(data: bytes) -> Query:
    """The fields of the address; none when there are more than anybody of ours sends."""
    try:
        return parse_qs(data.decode("latin-1"), max_num_fields=4)
    except ValueError:
        return {}


def _only(headers: dict[bytes, list[bytes]], name: bytes) -> str:
    """The header's value when it came exactly once, else nothing."""
    values = headers.get(name, [])
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _visit(headers: dict[bytes, list[bytes]], scheme: str) -> Visit:
    trusted = crypto.same(_only(headers, b"pocketward-proxy-secret"), settings.POCKETWARD.proxy_secret)
    host = _only(headers, b"x-forwarded-host" if trusted else b"host").partition(":")[0].lower()
    secure = (_only(headers, b"x-forwarded-proto") if trusted else scheme) == "https"
    certificate = _only(headers, b"pocketward-client-certificate") if trusted else ""
    return Visit(host, secure, certificate, _cookies(headers.get(b"cookie", [])))


def _cookies(values: list[bytes]) -> dict[str, str]:
    """The cookies that can be read, the first of each name."""
    found: dict[str, str] = {}
    for part in b";".join(values).decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if _COOKIE_NAME.fullmatch(name) and len(found) < MOST_COOKIES:
            found.setdefault(name, value)
    return found


def start(headers: dict[bytes, list[bytes]], query: Query, scheme: str) -> tuple[int, Headers]:
    """Redeem the code for the host that the trusted proxy names; a redirect to the app with its cookie.

    On a shared tablet that another person had before, the browser is first made to forget, and comes back.
    """
    visit = _visit(headers, scheme)
    given, cleaned = (query.get("code") or [""])[0], (query.get("cleaned") or [""])[0]
    practice_text, _, code = given.partition(".")
    fingerprint = fingerprint_of(visit.certificate)
    try:
        practice_id = parse_public_id("prac", practice_text)
        with practice_scope(practice_id):
            proof = follows_somebody(code=code, host=visit.host, fingerprint=fingerprint, cleaned=cleaned)
            if proof:
                back = f"{SESSION_PATH}?code={quote(given)}&cleaned={quote(proof)}"
                return 303, [(b"location", back.encode()), *_forgetting(visit)]
            session = redeem_code(code=code, host=visit.host, fingerprint=fingerprint)
    except (ValueError, CodeSpent):
        return 410, []
    except PocketwardError:
        return 400, []
    cookie = f"{COOKIE}={session.token}; Path=/; HttpOnly; SameSite=Lax" + _secure(visit)
    return 303, [
        (b"location", quote(session.first_page, safe="/?=&%:@+,;~").encode()),
        (b"set-cookie", cookie.encode()),
    ]


def go(headers: dict[bytes, list[bytes]], query: Query, scheme: str) -> tuple[int, Headers]:
    """One stop of the way out: end the session, have the browser forget, lead it on."""
    visit = _visit(headers, scheme)
    try:
        left = leave(way=(query.get("way") or [""])[0], host=visit.host, token=visit.cookies.get(COOKIE, ""))
    except NotOnTheWay:
        return 410, []
    onward = [(b"location", left.onward.encode())]
    if not left.clears:
        return 303, onward
    return 303, [*onward, (b"clear-site-data", EVERYTHING), _gone(COOKIE, visit)]


def _forgetting(visit: Visit) -> Headers:
    """Make the browser drop what this host put into it, and leave our own pages' sign-in alone."""
    ours = urlsplit(settings.POCKETWARD.people_url).hostname or ""
    if ours.split(".")[-2:] != visit.host.split(".")[-2:]:
        return [(b"clear-site-data", EVERYTHING)]
    return [(b"clear-site-data", BUT_COOKIES), *(_gone(name, visit) for name in visit.cookies)]


def _gone(name: str, visit: Visit) -> tuple[bytes, bytes]:
    return b"set-cookie", f"{name}=; Path=/; Max-Age=0".encode() + _secure(visit).encode()


def _secure(visit: Visit) -> str:
    return "; Secure" if visit.is_secure else ""


def fingerprint_of(header: str) -> str:
    """SHA-256 of the certificate in the header, in any form a proxy uses, or nothing."""
    certificate = read_certificate(header.encode("latin-1"))
    if certificate is None:
        return ""
    return crypto.sha256_hex(certificate.public_bytes(serialization.Encoding.DER))
