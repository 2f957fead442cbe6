"""A product without phones, for the benchmarks of a whole server."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

SECONDS = 180


class Server:
    """`pocketward demo` with no phones, ended by its own process id."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.start(home)

    def start(self, home: Path) -> None:
        """Start it and wait for its first page."""
        command = [sys.executable, "-m", "pocketward.cli.main", "demo", "--home", str(home)]
        self.process = subprocess.Popen(
            [*command, "--any-ports", "--phones", ""], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError, urllib.error.URLError):
                world = json.loads((home / "lab" / "world.json").read_text(encoding="utf-8"))
                urllib.request.urlopen(f"{world['people_url']}/sign-in/", timeout=2).read()
                return
            time.sleep(0.02)
        raise TimeoutError("the server did not answer")

    def children(self) -> dict[str, int]:
        """Process ids of the product's processes by role."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().decode().split("\0")
                if "pocketward.cli.child" in words and str(self.home) in words:
                    found[words[words.index("pocketward.cli.child") + 1]] = int(folder.name)
        return found

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A started server in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder).resolve() / "home")
        try:
            yield server
        finally:
            server.stop()
