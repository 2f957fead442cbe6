"""`python -m devicelab --world FILE`: one process with everything outside the product."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from devicelab.control import control_app
from devicelab.lab import Lab
from devicelab.page import page_app
from devicelab.world import World, read_world


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process."""
        yield


def _server(app: object, port: int) -> _Server:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        proxy_headers=False,
    )
    return _Server(config)


async def run(world: World, stop: asyncio.Event) -> None:
    """Run the lab until told to stop."""
    lab = Lab(world)
    await lab.start()
    servers = [
        _server(control_app(lab, world.control_token), world.control_port),
        _server(page_app(lab, world.page_port), world.page_port),
    ]
    running = [asyncio.create_task(server.serve()) for server in servers]
    await stop.wait()
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)
    await lab.stop()


def _watch(pipe: int, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(pipe, 1):
        pass
    loop.call_soon_threadsafe(stop.set)
    timer = threading.Timer(5.0, os._exit, (1,))
    timer.daemon = True
    timer.start()


def main() -> None:
    """Read the world, run, end when the parent's pipe closes or on a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--pipe", type=int, default=-1)
    given = parser.parse_args()

    async def whole() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        if given.pipe >= 0:
            threading.Thread(target=_watch, args=(given.pipe, loop, stop), daemon=True).start()
        await run(read_world(given.world), stop)

    asyncio.run(whole())


if __name__ == "__main__":
    main()
