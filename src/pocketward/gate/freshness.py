"""Keeps the snapshot fresh: a poll each 100 ms, or at once when nudged; and says when it is too old.

Age is counted from the start of the last poll that succeeded, on a clock that also runs while the machine
sleeps: a gate that wakes up must not answer from what it knew before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pocketward.gate.snapshot import Snapshot, SnapshotStore
from pocketward.kernel import clock

log = logging.getLogger(__name__)

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def awake_seconds() -> float:
    """Seconds on a clock that never steps and does not stop during sleep."""
    return time.clock_gettime(_CLOCK)


class ProductClock:
    """The product's clock in milliseconds, cheap to read; its offset is looked up at each poll.

    `offset_ms` is how far it is from the machine's clock: 0 but in demo worlds.
    """

    def __init__(self) -> None:
        self.offset_ms = 0
        self.refresh()

    def refresh(self) -> None:
        """Look the offset up again."""
        self.offset_ms = round((clock.now() - clock.true_now()).total_seconds() * 1000 / 10) * 10

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + self.offset_ms


class Freshness:
    """How old the snapshot is, and whether that is too old."""

    def __init__(self, limit_seconds: float, awake: Callable[[], float] = awake_seconds) -> None:
        self.limit_seconds = limit_seconds
        self._awake = awake
        self._polled_at: float | None = None

    def polled(self, started_at: float) -> None:
        """Note a successful poll by when it began."""
        self._polled_at = started_at

    def age(self) -> float | None:
        """Seconds since the last successful poll began; None before the first."""
        return None if self._polled_at is None else self._awake() - self._polled_at

    def fault(self) -> str:
        """Why the gate must refuse, or ""."""
        polled_at = self._polled_at
        if polled_at is None:
            return "gate_starting"
        return "gate_stale" if self._awake() - polled_at > self.limit_seconds else ""


class Poller:
    """Feeds the snapshot from the store until stopped."""

    def __init__(
        self,
        snapshot: Snapshot,
        store: SnapshotStore,
        freshness: Freshness,
        *,
        poll_seconds: float = 0.1,
        nudge_path: Path | None = None,
        each_time: Callable[[], None] = lambda: None,
    ) -> None:
        self._snapshot, self._store, self._freshness = snapshot, store, freshness
        self._poll_seconds, self._nudge_path, self._each_time = poll_seconds, nudge_path, each_time
        self._cursor: bytes | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="snapshot")
        self._nudged = asyncio.Event()
        self._is_failing = False

    async def run(self) -> None:
        """Poll until cancelled."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._pool.shutdown, wait=False)
            if self._nudge_path is not None:
                stack.enter_context(_listening(self._nudge_path, self._nudged))
            while True:
                await self.poll_once()
                self._each_time()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._nudged.wait(), self._poll_seconds)
                self._nudged.clear()

    async def poll_once(self) -> bool:
        """One poll; whether it succeeded. A failure is logged once and lets the snapshot age."""
        started_at = awake_seconds()
        loop = asyncio.get_running_loop()
        try:
            changes = await loop.run_in_executor(self._pool, self._store.poll, self._cursor)
        except Exception as error:
            # Any failure of any driver means the same here: we do not know, so the age goes on growing.
            if not self._is_failing:
                log.error("the snapshot cannot be read: %s", type(error).__name__)
            self._is_failing = True
            with contextlib.suppress(Exception):
                await loop.run_in_executor(self._pool, self._store.close)
            return False
        self._snapshot.apply(changes.rows)
        self._cursor = changes.cursor
        self._freshness.polled(started_at)
        self._is_failing = False
        return True


@contextlib.contextmanager
def _listening(path: Path, nudged: asyncio.Event):  # type: ignore[no-untyped-def]  # noqa: ANN202
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(str(path))
    receiver.setblocking(False)
    loop = asyncio.get_running_loop()

    def drain() -> None:
        with contextlib.suppress(BlockingIOError):
            while receiver.recv(16):
                pass
        nudged.set()

    loop.add_reader(receiver.fileno(), drain)
    try:
        yield
    finally:
        loop.remove_reader(receiver.fileno())
        receiver.close()
        path.unlink(missing_ok=True)
