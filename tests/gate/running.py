"""A gate with its store, asked without a socket, in the small world as of now."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from pocketward.gate.asgi import Gate
from pocketward.gate.process import GateOptions, build_gate
from pocketward.gate.segments import (
    Entry,
    finished_segments,
    read_segment,
)
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from tests.gate.certificates import authority, phone
from tests.gate.facts import (
    NOW,
    PHONE,
    PRACTICE,
    SECRET,
    SESSION,
    ListStore,
    changed,
    world_rows,
)

PUBLIC_PRACTICE = public_id("prac", UUID(PRACTICE))
TOKEN = b"a-cookie-of-the-gate"
SHIFT = int(clock.true_now().timestamp()) - NOW
AUTHORITIES = (authority()[0].pem, authority()[1].pem)


def moved(record: Any) -> Any:
    """The record's times, moved from the tests' fixed day to now."""
    names = ("fresh_until", "last_heard", "auth_at", "expires_at", "opened_at")
    return changed(record, **{n: getattr(record, n) + SHIFT for n in names if getattr(record, n, None)})


LIVE_PHONE = changed(moved(PHONE), fingerprints=(phone().fingerprint,))
LIVE_SESSION = changed(moved(SESSION), token_hash=hashlib.sha256(TOKEN).hexdigest())


def live_rows(**records: Any) -> tuple[Any, ...]:
    """The small world, now."""
    chosen: dict[str, Any] = {"device": LIVE_PHONE, "session": LIVE_SESSION} | records
    return world_rows(authorities=AUTHORITIES, **chosen)


def asked(path: str = "/notes/1", **replaced: str | bytes | None) -> list[tuple[bytes, bytes]]:
    """What nginx sends for a healthy phone; a keyword replaces a header, None leaves it out."""
    headers: dict[str, str | bytes | None] = {
        "pocketward-proxy-secret": SECRET,
        "pocketward-client-certificate": phone().header,
        "x-forwarded-host": "ehr.example.org",
        "x-forwarded-uri": path,
        "x-forwarded-method": "GET",
        "x-forwarded-for": "192.0.2.7",
        "cookie": b"pocketward_gate=" + TOKEN,
    }
    headers |= {name.replace("_", "-"): value for name, value in replaced.items()}
    return [
        (name.encode(), value.encode() if isinstance(value, str) else value)
        for name, value in headers.items()
        if value is not None
    ]


class Running:
    """A gate with its store, asked without a socket."""

    def __init__(self, folder: Path, store: ListStore, **options: Any) -> None:
        self.folder, self.store = folder / "decisions", store
        given: dict[str, Any] = {
            "people_url": "http://localhost:8000", "proxy_secret": SECRET, "segments": self.folder,
            "poll_seconds": 0.01,
        }  # fmt: skip
        self.gate: Gate = build_gate(GateOptions(**given | options), store)

    async def ask(
        self, headers: list[tuple[bytes, bytes]], path: str = "/auth-request"
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one answer."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        await self.gate({"type": "http", "path": path, "headers": headers}, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(message["body"] for message in sent[1:])

    async def status(self, headers: list[tuple[bytes, bytes]]) -> int:
        """Only the status."""
        return (await self.ask(headers))[0]

    def entries(self) -> list[Entry]:
        """All that was recorded, after the gate has stopped."""
        return [entry for path in finished_segments(self.folder) for entry in read_segment(path).entries]


async def until(predicate: Any) -> None:
    """Wait, up to 20 s, until it holds."""
    for _ in range(2000):
        if await predicate():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")
