"""The web process's ASGI app: devices and long answers as raw ASGI, people through Django."""

from __future__ import annotations

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


def _device_app() -> App:
    """Everything below /device/: the certificate authority first, then the phones' own protocol."""
    from pocketward.fleet.apple import endpoints as apple
    from pocketward.pki import endpoints as pki

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        parts = scope["path"].split("/", 4)
        owner = pki.app if len(parts) > 3 and parts[3] in ("scep", "crl.crl") else apple.app
        await owner(scope, receive, send)

    return app


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
    devices = _device_app()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await (devices if scope["path"].startswith("/device/") else not_found)(scope, receive, send)

    return app


def application() -> App:
    """What the people's listener serves: pages, and the device endpoints for a proxy in front."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pocketward.config.django_settings")
    from django.core.wsgi import get_wsgi_application

    # The two libraries name the same WSGI and ASGI shapes with types of their own.
    pages: App = cast("App", WSGIMiddleware(cast("Any", get_wsgi_application()), workers=PAGE_THREADS))
    devices = _device_app()
    from pocketward.access import endpoints as access

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

    return app
