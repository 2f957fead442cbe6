"""What only a proxy may say is refused from anybody else, before any page or endpoint sees it.

On the way to the pages the proxies of `deploy/` prove themselves and say where a request came from, no more:
a certificate, or a secret that is not ours, comes there only from somebody who tries it on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import UUID

from django.conf import settings

from pocketward.access import api as access_api
from pocketward.gate.headers import CERTIFICATE, Headers, fault_in, names_ours
from pocketward.kernel.ids import parse_public_id
from pocketward.spine.api import run_in_pool

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY = b"This request carries headers that only our own proxy may set.\n"
# The phones' own messages are judged, and their refusals recorded, by the endpoints that read them.
_JUDGED_THERE = ("checkin", "connect")


def guarded(app: App) -> App:
    """The app, which no request with identity headers reaches unless a proxy has proven itself."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        code = _fault(scope) if scope["type"] == "http" else ""
        if not code:
            await app(scope, receive, send)
            return
        await run_in_pool(_note, code, scope)
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(BODY)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": BODY})

    return guard


def _fault(scope: Scope) -> str:
    headers, parts = scope["headers"], scope["path"].split("/")
    if not names_ours(headers):
        return ""
    if parts[1:2] == ["device"] and parts[3:4] and parts[3] in _JUDGED_THERE:
        return ""
    if parts[1:2] in (["device"], [".pocketward"]):
        return fault_in(headers, settings.POCKETWARD.proxy_secret.encode())
    return "header_public" if _shows_certificate(headers) else _untried(headers)


def _shows_certificate(headers: Headers) -> bool:
    return any(name.lower().replace(b"_", b"-") == CERTIFICATE for name, _ in headers)


def _untried(headers: Headers) -> str:
    """A proxy's own secret passes to the pages; anything else is somebody trying."""
    return "header_public" if fault_in(headers, settings.POCKETWARD.proxy_secret.encode()) else ""


def _note(code: str, scope: Scope) -> None:
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    address = str((scope.get("client") or ("",))[0])
    access_api.note_header_alarm(practice_id=_practice(scope["path"]), code=code, host=host, address=address)


def _practice(path: str) -> UUID | None:
    parts = path.split("/")
    try:
        return parse_public_id("prac", parts[2]) if parts[1] == "device" else None
    except (IndexError, ValueError):
        return None
