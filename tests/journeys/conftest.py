"""A whole demo clinic in processes of its own, and the doors a journey may use: sockets, pages, commands."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.factories.postgres import Database
from tests.factories.shared import put_migrated_sqlite

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 150


class Clinic:
    """A running demo: `pocketward demo` with its lab, ended by its own process id."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        database: Database | None = None,
        world: Path | None = None,
        environment: dict[str, str] | None = None,
        migrated: bool = True,
    ) -> None:
        """Start it. `world`: the file of a lab that runs already, for a server without one.

        `migrated`: a new home may begin with the empty database that the whole run has migrated; without,
        the start does that itself.
        """
        self.home, self.database = home, database
        if migrated and database is None and not home.exists():
            put_migrated_sqlite(home / "db" / "pocketward.sqlite3")
        arguments += tuple(
            part for line in (database.lines() if database else ()) for part in ("--set", line)
        )
        command = [sys.executable, "-m", "pocketward.cli.main", "demo", "--home", str(home), "--any-ports"]
        path = os.pathsep.join(str(ROOT / part) for part in ("src", "lab/src"))
        kept = {key: value for key, value in os.environ.items() if not key.startswith("POCKETWARD")}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        self.log = home.with_suffix(".log")
        self._stderr = self.log.open("wb")
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=kept | {"PYTHONPATH": path} | (environment or {}),
            cwd=ROOT,
            text=True,
        )
        self.link = self._first_line()
        self.world: dict[str, Any] = json.loads(
            (world or home / "lab" / "world.json").read_text(encoding="utf-8")
        )
        wait_for(lambda: httpx.get(f"{self.world['people_url']}/sign-in/", timeout=5).is_success, "the pages")

    def _first_line(self) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline().strip() if ready else ""
        assert line.startswith("http://localhost:"), self.log.read_text(encoding="utf-8", errors="replace")
        return line

    def stop(self) -> None:
        """End it, and wait."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._stderr.close()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def lab(self, address: str, /, **given: Any) -> Any:
        """Ask the lab's control door."""
        url = f"http://127.0.0.1:{self.world['control_port']}{address}"
        headers = {"lab-token": self.world["control_token"]}
        answer = httpx.request(
            "POST" if given else "GET", url, headers=headers, json=given or None, timeout=40
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def phone(self, name: str) -> Any:
        """A phone as the lab sees it."""
        return self.lab(f"/phones/{name}")

    def act(self, name: str, action: str, /, **given: Any) -> Any:
        """Do something to a phone."""
        return self.lab(f"/phones/{name}/{action}", **(given or {"please": True}))

    def read(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look at stored data; never write it. Ids and bytes come as SQLite keeps them."""
        if self.database is not None:
            with closing(self.database.connect("backup")) as server:
                found = server.execute(query.replace("%", "%%").replace("?", "%s"), values).fetchall()
            return [tuple(_as_sqlite(value) for value in row) for row in found]
        database = self.home / "db" / "pocketward.sqlite3"
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20) as connection:
            rows: list[tuple[Any, ...]] = connection.execute(query, values).fetchall()
        connection.close()
        return rows

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The recorded facts of one kind, oldest first."""
        rows = self.read("SELECT body FROM spine_event WHERE kind = ? ORDER BY seq", kind)
        return [json.loads(bytes(row[0])) for row in rows]

    def sealed(self, kind: str) -> list[dict[str, Any]]:
        """The facts of one kind that are in the ledger already."""
        rows = self.read(
            "SELECT e.body FROM spine_event e JOIN ledger_sealedentry s ON s.event_id = e.event_id "
            "WHERE e.kind = ? ORDER BY e.seq",
            kind,
        )
        return [json.loads(bytes(row[0])) for row in rows]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a pocketward command on this home."""
        return self.command_at(self.home, *arguments)

    def command_at(self, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a pocketward command on another home."""
        return subprocess.run(
            self._line(home, *arguments),
            capture_output=True,
            text=True,
            timeout=120,
            env=self._environment(),
            cwd=ROOT,
        )

    def owner_link(self) -> str:
        """What `pocketward owner-link` prints on a terminal."""
        return said_on_a_terminal(self._line(self.home, "owner-link"), self._environment())

    @staticmethod
    def _line(home: Path, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "pocketward.cli.main", *arguments, "--home", str(home)]

    @staticmethod
    def _environment() -> dict[str, str]:
        path = os.pathsep.join(str(ROOT / part) for part in ("src", "lab/src"))
        kept = {key: value for key, value in os.environ.items() if not key.startswith("POCKETWARD")}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        return kept | {"PYTHONPATH": path}


def said_on_a_terminal(line: list[str], environment: dict[str, str]) -> str:
    """What a command prints that speaks to a terminal only; it must succeed."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            line, stdout=theirs, stderr=subprocess.PIPE, timeout=120, env=environment, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
        return os.read(ours, 4096).decode().strip()
    finally:
        os.close(theirs)
        os.close(ours)


def _as_sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return str(value) if isinstance(value, datetime) else value


def wait_for(look: Callable[[], Any], what: str, seconds: float = 40) -> Any:
    """The first true thing that `look` returns; fails, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = look()
        except (httpx.TransportError, sqlite3.OperationalError, psycopg.OperationalError):
            found = None
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


# The module that is told on both databases; the others run on SQLite.
ON_BOTH = ("test_story",)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tell the main story once on each database."""
    if "clinic" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("clinic", ["sqlite", "postgresql"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A demo clinic with a few phones."""
    on_server = getattr(request, "param", "sqlite") == "postgresql"
    running = Clinic(
        tmp_path_factory.mktemp("journey") / "home",
        "--phones",
        "Ben's iPhone,Ana's iPhone,Carla's iPhone,Rounds iPad 1",
        database=request.getfixturevalue("postgres").copy() if on_server else None,
    )
    try:
        yield running
    finally:
        running.stop()
