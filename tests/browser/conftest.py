"""Debian's Chromium, and a demo clinic served by a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import record_host

ROOT = Path(__file__).resolve().parents[2]
Links = dict[str, str]
# A ceiling, not a goal: what is looked for is there in a tenth of a second, on a busy machine too late for 5.
expect.set_options(timeout=40_000)


@pytest.fixture(scope="session")
def records() -> Iterator[record_host.RecordHost]:
    """The host of a record system, where the browser finds it under its name."""
    with record_host.served() as host:
        yield host


@pytest.fixture(scope="session")
def chromium(records: record_host.RecordHost) -> Iterator[Browser]:
    """One browser for the run."""
    options = ["--no-sandbox", records.browser_option]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Links]:
    """The links of a served clinic; its process ends when we close its input."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("clinic")
    path = os.pathsep.join(str(ROOT / part) for part in ("src", "lab/src", "."))
    command = [sys.executable, "-W", "ignore", "-m", "tests.browser.serve", str(home), str(port)]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line, "the clinic's server did not start"
        yield json.loads(line)
        server.stdin.close()
        server.wait(timeout=20)
