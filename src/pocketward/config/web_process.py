"""The web process: one listener for people, one with TLS for devices."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from django.conf import settings

from pocketward.config.asgi import application, device_application
from pocketward.kernel.startup import settle

DEVICE_CERTIFICATE = "device-listener.pem"
LONGEST_KEEP_ALIVE = 65


class QuietServer(uvicorn.Server):
    """A server that leaves signals to its process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal: the process's own watcher sets should_exit."""
        yield


def _server(app: object, host: str, port: int, certificate: Path | None) -> QuietServer:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # Identity and scheme headers are judged by us, never taken from the wire by the server.
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=LONGEST_KEEP_ALIVE,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=64 * 1024,
        ssl_certfile=str(certificate) if certificate else None,
    )
    if certificate is not None:
        config.load()
        import ssl

        if config.ssl is not None:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return QuietServer(config)


def main(stop: threading.Event) -> None:
    """Serve until `stop` is set."""
    ours = settings.POCKETWARD
    servers = [_server(application(), ours.web_host, ours.web_port, None)]
    certificate = ours.home / "keys" / DEVICE_CERTIFICATE
    if certificate.exists():
        servers.append(_server(device_application(), ours.device_host, ours.device_port, certificate))

    async def serve() -> None:
        running = [asyncio.create_task(server.serve()) for server in servers]
        while not stop.is_set() and not any(task.done() for task in running):
            await asyncio.sleep(0.05)
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*running)

    settle()
    asyncio.run(serve())
