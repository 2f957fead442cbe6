"""Reports are answered after the same time, and wait without holding anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

from pocketward.config.even_answers import answers_evenly

SECONDS = 0.2


async def answer_after(work: float, method: str, path: str) -> float:
    """Seconds until the answer begins, of an application that works for a while."""
    begun: list[float] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(work)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: MutableMapping[str, Any]) -> None:
        begun.append(time.monotonic())

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    came = time.monotonic()
    await answers_evenly(app, SECONDS)({"type": "http", "method": method, "path": path}, receive, send)
    return begun[0] - came


def test_a_known_name_and_an_unknown_one_take_the_same_time() -> None:
    async def both() -> list[float]:
        return list(
            await asyncio.gather(*(answer_after(work, "POST", "/l/abc") for work in (0.0, 0.05, 0.1)))
        )

    for taken in asyncio.run(both()):
        assert taken >= SECONDS
    assert asyncio.run(answer_after(SECONDS * 1.2, "POST", "/l/abc")) >= 2 * SECONDS


def test_pages_wait_for_nothing() -> None:
    for method, path in (("GET", "/l/abc"), ("POST", "/sign-in/")):
        assert asyncio.run(answer_after(0.0, method, path)) < SECONDS
