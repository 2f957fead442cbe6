"""The gate on the wire: raw ASGI, one answer a request, no body to nginx, a page or a redirect to others.

`/auth-request` speaks nginx's contract: 204 allow, 401 sign in (again), 403 refuse. `/forward-auth` speaks
Caddy's and Traefik's: 204, or what the browser shall see. Every answer carries its decision id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from typing import Any
from uuid import UUID

from pocketward.gate.asking import Asking
from pocketward.gate.explain import LANGUAGES, explain
from pocketward.gate.freshness import Freshness, Poller, ProductClock
from pocketward.gate.recorder import Kept, Recorder
from pocketward.gate.records import Decision
from pocketward.gate.sink import SegmentSink
from pocketward.kernel.ids import public_id

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

END: Message = {"type": "http.response.body", "body": b""}
_STATUS = {"allow": 204, "reauthenticate": 401, "refuse": 403}
_PAGE = (
    '<!doctype html><html lang="{language}"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>'
    "<h1>{title}</h1><p>{cause}</p><p>{remedy}</p>"
    '<p><a href="{location}">{more}</a></p></html>'
)
_MORE = {"en": "What you can do", "es": "Qué puede hacer"}


class Gate:
    """The ASGI application, with its poller, recorder and sink."""

    def __init__(
        self,
        asking: Asking,
        recorder: Recorder,
        sink: SegmentSink,
        poller: Callable[[], Poller],
        freshness: Freshness,
        product_clock: ProductClock,
        *,
        people_url: str,
    ) -> None:
        self._asking, self._recorder, self._sink = asking, recorder, sink
        self._make_poller, self._freshness, self._clock = poller, freshness, product_clock
        self._people_url = people_url.rstrip("/")
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] == "http":
            path = scope["path"]
            if path == "/auth-request":
                kept = self._asking.answer(scope["headers"])
                await send(kept.prepared or self._prepare(kept))
                await send(END)
            elif path == "/forward-auth":
                await self._forward(scope, send)
            elif path == "/health":
                await self._health(send)
            else:
                await _plain(send, 404, b"no such page\n")
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def start(self) -> None:
        """Start writing decisions and reading the snapshot; returns after the first poll."""
        self._sink.start()
        poller = self._make_poller()
        await poller.poll_once()
        self._task = asyncio.create_task(poller.run(), name="snapshot-poller")

    async def stop(self) -> None:
        """Stop reading, write what is left, hand the last segment over."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._recorder.finish()
        await asyncio.to_thread(self._sink.stop)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _prepare(self, kept: Kept) -> Message:
        """The response's start, made once for an answer and its repetitions."""
        decision = kept.decision
        headers = [(b"pocketward-decision", decision.decision_id.encode())]
        if decision.outcome == "allow":
            headers += _allowed(kept)
        else:
            headers += [
                (b"cache-control", b"no-store"),
                (b"pocketward-location", self._location(kept).encode("ascii", "replace")),
                (b"content-length", b"0"),
            ]
        start: Message = {
            "type": "http.response.start",
            "status": _STATUS[decision.outcome],
            "headers": headers,
        }
        kept.prepared = start
        return start

    def _location(self, kept: Kept) -> str:
        decision, app = kept.decision, kept.parts[0]
        if decision.outcome == "reauthenticate" and app is not None:
            return f"{self._people_url}/open/{app.app_id}?decision={decision.decision_id}"
        if app is None:
            return f"{self._people_url}/refused/{decision.decision_id}"
        practice = public_id("prac", UUID(app.practice_id))
        return f"{self._people_url}/refused/{practice}/{decision.decision_id}"

    async def _forward(self, scope: Scope, send: Send) -> None:
        kept = self._asking.answer(scope["headers"])
        if kept.decision.outcome == "allow":
            await send(kept.prepared or self._prepare(kept))
            await send(END)
            return
        start = kept.prepared or self._prepare(kept)
        accept, languages = _preferences(scope)
        location = self._location(kept)
        headers = [item for item in start["headers"] if item[0] != b"content-length"]
        if b"text/html" not in accept:
            await send({**start, "headers": [*headers, (b"content-length", b"0")]})
            await send(END)
        elif kept.decision.outcome == "reauthenticate":
            headers += [(b"location", location.encode("ascii", "replace")), (b"content-length", b"0")]
            await send({**start, "status": 302, "headers": headers})
            await send(END)
        else:
            body = self._page(kept, location, languages)
            headers += [
                (b"content-type", b"text/html; charset=utf-8"),
                (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
                (b"content-length", str(len(body)).encode()),
            ]
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    def _page(self, kept: Kept, location: str, languages: bytes) -> bytes:
        language = next((name for name in LANGUAGES if languages.lower().startswith(name.encode())), "en")
        decision: Decision = kept.decision
        device = kept.parts[3]
        said = explain(
            decision,
            audience="person",
            at=self._clock.now_ms() // 1000,
            language=language,
            device_kind=device.kind if device is not None else "",
        )
        first = said.steps[0]
        page = _PAGE.format(
            language=language, title=escape(said.title), cause=escape(first.cause),
            remedy=escape(first.remedy), location=escape(location), more=_MORE[language],
        )  # fmt: skip
        return page.encode()

    async def _health(self, send: Send) -> None:
        fault = self._freshness.fault() or ("" if self._recorder.can_record() else "gate_cannot_record")
        await _plain(send, 503 if fault else 200, (fault or "fresh").encode() + b"\n")


def _allowed(kept: Kept) -> list[tuple[bytes, bytes]]:
    """Who it is for the app behind, and that their device was not checked when it was not."""
    session, device = kept.parts[2], kept.parts[3]
    found = [] if device is not None else [(b"pocketward-client", b"not-checked")]
    if session is not None:
        found.append((b"pocketward-member", session.member_id.encode()))
    return found


def _preferences(scope: Scope) -> tuple[bytes, bytes]:
    accept = languages = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept = value
        elif name == b"accept-language":
            languages = value
    return accept, languages


async def _plain(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
