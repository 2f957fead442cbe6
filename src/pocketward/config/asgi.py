"""The web process's ASGI app: devices and long answers as raw ASGI, people through Django."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Lasting threads keep their database connections; more of them only wait for Python's lock.
PAGE_THREADS = 8
BODY_SECONDS = 30.0


def _device_app() -> App:
    """Everything below /device/: the certificate authority first, then the phones' own protocol."""
    from pocketward.fleet.apple import endpoints as apple
    from pocketward.pki import endpoints as pki

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        parts = scope["path"].split("/", 4)
        if len(parts) > 3 and parts[3] in ("scep", "crl.crl"):
            await pki.app(scope, in_time(receive), send)
        else:
            await apple.app(scope, receive, send)

    return app


def in_time(receive: Receive, seconds: float = BODY_SECONDS) -> Receive:
    """What arrives, for so long; then as if the client had gone: nobody may keep a request open for ever."""
    deadline = asyncio.get_running_loop().time() + seconds

    async def hurried() -> MutableMapping[str, Any]:
        try:
            async with asyncio.timeout_at(deadline):
                return await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}

    return hurried


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """404 with an empty body."""
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def device_application() -> App:
    """What the devices' own listener serves: nothing but device endpoints."""
    from pocketward.config.public_listeners import guarded

    devices = _device_app()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await (devices if scope["path"].startswith("/device/") else not_found)(scope, receive, send)

    return guarded(app)


def application() -> App:
    """What the people's listener serves: pages, and the device endpoints for a proxy in front."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pocketward.config.django_settings")
    from django.core.wsgi import get_wsgi_application

    # The two libraries name the same WSGI and ASGI shapes with types of their own.
    pages: App = cast("App", WSGIMiddleware(cast("Any", get_wsgi_application()), workers=PAGE_THREADS))
    devices = _device_app()
    from pocketward.access import endpoints as access
    from pocketward.config.even_answers import answers_evenly
    from pocketward.config.public_listeners import guarded
    from pocketward.response import api as response_api

    pages = answers_evenly(pages, response_api.ANSWER_SECONDS)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] != "http":
            return
        elif scope["path"].startswith("/device/"):
            await devices(scope, receive, send)
        elif scope["path"].startswith("/.pocketward/"):
            await access.app(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return guarded(app)
