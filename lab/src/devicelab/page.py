"""The lab's own page: an ASGI callable on loopback. It shows everything and changes things only by POST.

Another site cannot press its buttons: Host must be ours (DNS rebinding), Origin must be ours, and the page's
own token must come in a header, which no foreign page can read or send without a preflight that we refuse.
"""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec

from devicelab.buttons import ButtonRefused, press, press_on
from devicelab.lab import Lab
from devicelab.snapshot import whole

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TOKEN_HEADER = b"lab-page-token"
LARGEST_BODY = 64 * 1024
STATIC = files("devicelab") / "static"
SERVED = ("tokens.css", "lab.css", "phones.css", "lab.js", "build.js", "phones.js", "logs.js", "icon.svg")
SECURITY = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True)
class Reply:
    """What goes back."""

    status: int
    kind: str = "application/json"
    body: bytes = b""


class PageRefused(Exception):
    """The request is not answered; the sentence says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def page_app(lab: Lab, port: int, token: str = "") -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """The ASGI callable for the page on this port; `token` is drawn when none is given."""
    page = _Page(lab, port, token or secrets.token_urlsafe(24))

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await _body(receive)
            reply = await page.answer(scope, body)
        except (PageRefused, ButtonRefused) as error:
            reply = Reply(error.status, body=msgspec.json.encode({"error": error.sentence}))
        except msgspec.MsgspecError:
            reply = Reply(400, body=msgspec.json.encode({"error": "The request is not JSON."}))
        headers = [(b"content-type", reply.kind.encode()), (b"content-length", b"%d" % len(reply.body))]
        await send({"type": "http.response.start", "status": reply.status, "headers": [*headers, *SECURITY]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})

    return app


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > LARGEST_BODY:
            raise PageRefused(413, "The request is too large.")
        if not message.get("more_body"):
            return body


class _Page:
    def __init__(self, lab: Lab, port: int, token: str) -> None:
        self._lab, self._token = lab, token
        self._hosts = {f"localhost:{port}", f"127.0.0.1:{port}"}
        source = (STATIC / "index.html").read_text(encoding="utf-8")
        self._index = source.replace("{{token}}", token).encode()

    async def answer(self, scope: Message, body: bytes) -> Reply:
        headers = {name.lower(): value for name, value in scope["headers"]}
        host = headers.get(b"host", b"").decode("latin-1")
        if host not in self._hosts:
            raise PageRefused(421, "This page is served on localhost only.")
        path = [unquote(part) for part in scope["raw_path"].decode("ascii").split("/") if part]
        if scope["method"] in ("GET", "HEAD"):
            return self._show(path, scope["query_string"], headers)
        if scope["method"] != "POST":
            raise PageRefused(405, "Only GET and POST are answered here.")
        self._require_own_page(host, headers)
        return await self._press(path, msgspec.json.decode(body, type=dict[str, Any]) if body else {})

    def _require_own_page(self, host: str, headers: dict[bytes, bytes]) -> None:
        if headers.get(b"origin", b"").decode("latin-1") != f"http://{host}":
            raise PageRefused(403, "Another page sent this. Only the lab's own page may press its buttons.")
        if not hmac.compare_digest(headers.get(TOKEN_HEADER, b""), self._token.encode()):
            raise PageRefused(403, "The page's token is missing or old. Load the page again.")

    async def _press(self, path: list[str], given: dict[str, Any]) -> Reply:
        if len(path) == 3 and path[0] == "phones":
            done = await press_on(self._lab, path[1], path[2], given)
        elif len(path) == 2 and path[0] == "lab":
            done = press(self._lab, path[1], given)
        else:
            raise PageRefused(404, "There is no such button.")
        return Reply(200, body=msgspec.json.encode({"done": done}))

    def _show(self, path: list[str], query: bytes, headers: dict[bytes, bytes]) -> Reply:
        if not path:
            return Reply(200, "text/html; charset=utf-8", self._index)
        if len(path) == 2 and path[0] == "static" and path[1] in SERVED:
            kind = mimetypes.guess_type(path[1])[0] or "application/octet-stream"
            return Reply(200, f"{kind}; charset=utf-8", (STATIC / path[1]).read_bytes())
        if headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none"):
            raise PageRefused(403, "Another page asked for this.")
        if path == ["state"]:
            return self._state(query)
        if len(path) == 2 and path[0] == "wire" and path[1].isascii() and path[1].isdigit():
            made = self._lab.wire.find(int(path[1]))
            if made is None:
                raise PageRefused(404, "This exchange is no longer kept.")
            return Reply(200, body=msgspec.json.encode(made))
        raise PageRefused(404, "There is no such page in the lab.")

    def _state(self, query: bytes) -> Reply:
        """Everything, or 204 when the reader has just this already."""
        content = msgspec.json.encode(whole(self._lab))
        version = hashlib.sha256(content).hexdigest()[:16]
        if parse_qs(query.decode("ascii", "replace")).get("seen") == [version]:
            return Reply(204)
        return Reply(200, body=b'{"version":"%s","lab":%s}' % (version.encode(), content))
