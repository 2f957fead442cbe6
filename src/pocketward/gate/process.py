"""Puts a gate together and serves it: uvicorn with uvloop and httptools, alone in its process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
import uvloop

from pocketward.gate.asgi import Gate
from pocketward.gate.asking import Asking
from pocketward.gate.freshness import Freshness, Poller, ProductClock
from pocketward.gate.recorder import Recorder
from pocketward.gate.sink import SegmentSink
from pocketward.gate.snapshot import Snapshot, SnapshotStore

KEEP_ALIVE_SECONDS = 65


@dataclass(frozen=True)
class GateOptions:
    """What a gate needs to know. `segments` is the folder of decision files; no `nudge_path`: polls only.

    `is_trusted_socket`: it listens on a Unix socket that only the proxy can open, so the secret is not asked.
    """

    people_url: str
    proxy_secret: str
    segments: Path
    stale_seconds: float = 30.0
    poll_seconds: float = 0.1
    nudge_path: Path | None = None
    is_trusted_socket: bool = False


def build_gate(options: GateOptions, store: SnapshotStore) -> Gate:
    """A gate that reads its snapshot from `store`; ValueError without a proxy secret on TCP."""
    snapshot, product_clock = Snapshot(), ProductClock()
    freshness = Freshness(options.stale_seconds)
    sink = SegmentSink(options.segments, f"{time.time_ns() // 1_000_000:015d}-{os.getpid()}")
    recorder = Recorder(sink)

    def fault() -> str:
        return freshness.fault() or ("" if recorder.can_record() else "gate_cannot_record")

    def each_time() -> None:
        product_clock.refresh()
        recorder.tick(product_clock.now_ms())

    def make_poller() -> Poller:
        return Poller(
            snapshot,
            store,
            freshness,
            poll_seconds=options.poll_seconds,
            nudge_path=options.nudge_path,
            each_time=each_time,
        )

    asking = Asking(
        snapshot,
        recorder,
        product_clock,
        proxy_secret=options.proxy_secret,
        fault=fault,
        is_trusted_socket=options.is_trusted_socket,
    )
    return Gate(asking, recorder, sink, make_poller, freshness, product_clock, people_url=options.people_url)


class _QuietServer(uvicorn.Server):
    """A server that leaves signals to its process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal: the process's own watcher stops us."""
        yield


def server_config(app: object, *, host: str, port: int, unix_socket: Path | None = None) -> uvicorn.Config:
    """How the gate is served: nothing taken from forwarded headers by the server, nothing told about it."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        uds=str(unix_socket) if unix_socket else None,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
    )


def serve(
    gate: Gate,
    *,
    stop: threading.Event,
    host: str = "127.0.0.1",
    port: int = 0,
    unix_socket: Path | None = None,
    listening: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve until `stop` is set; `listening` is called with the TCP port (0 on a Unix socket) once open."""
    server = _QuietServer(server_config(gate, host=host, port=port, unix_socket=unix_socket))

    async def run() -> None:
        task = asyncio.create_task(server.serve())
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        if server.started:
            listening(0 if unix_socket else _port(server))
        while not stop.is_set() and not task.done():
            await asyncio.sleep(0.05)
        server.should_exit = True
        await task

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def _port(server: uvicorn.Server) -> int:
    for listener in server.servers:
        for opened in listener.sockets:
            return int(opened.getsockname()[1])
    return 0
