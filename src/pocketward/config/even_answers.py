"""The report page answers alike after the same time, whatever it found.

An answer waits for the next multiple of some seconds since its request came. The wait is the event loop's:
a flood of reports keeps no thread from the pages of everybody else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

REPORT_PATH = "/l/"


def answers_evenly(app: App, seconds: float) -> App:
    """The same application, whose answers to reports begin at a multiple of `seconds` after the request."""

    async def even(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "POST" or not scope["path"].startswith(REPORT_PATH):
            await app(scope, receive, send)
            return
        came = time.monotonic()

        async def later(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                gone = time.monotonic() - came
                await asyncio.sleep(seconds - gone % seconds)
            await send(message)

        await app(scope, receive, later)

    return even
