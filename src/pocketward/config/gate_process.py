"""The gate's process: settings, a plain reader, nothing else."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from pocketward.config.settings import database_password, load_settings
from pocketward.config.snapshot_readers import PostgresReader, SqliteReader
from pocketward.gate.process import GateOptions, build_gate, serve
from pocketward.gate.snapshot import SnapshotStore
from pocketward.kernel import clock
from pocketward.kernel.settings import Settings
from pocketward.kernel.startup import settle


def make_store(settings: Settings) -> SnapshotStore:
    """The reader that fits the database."""
    base = settings.database
    if base.engine != "postgresql":
        return SqliteReader(settings.home / "db" / "pocketward.sqlite3")
    password = database_password(settings, "gate")
    from psycopg.conninfo import make_conninfo

    given: dict[str, str | int] = {
        "host": base.host,
        "port": base.port,
        "dbname": base.name,
        "user": base.gate,
    }
    if password:
        given["password"] = password
    return PostgresReader(make_conninfo("", **given))


def main(stop: threading.Event) -> None:
    """Serve until `stop` is set."""
    home = Path(os.environ["POCKETWARD_HOME"])
    settings = load_settings(home, os.environ["POCKETWARD_WORLD"])
    if settings.world == "demo":
        clock.set_offset_file(settings.clock_offset_file)
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    options = GateOptions(
        people_url=settings.people_url,
        proxy_secret=settings.proxy_secret,
        segments=home / "db" / "decisions",
        stale_seconds=settings.gate_stale_seconds,
        poll_seconds=settings.gate_poll_seconds,
        nudge_path=home / "run" / f"gate-{os.getpid()}.nudge",
    )
    gate = build_gate(options, make_store(settings))
    settle()
    serve(gate, stop=stop, host=settings.gate_host, port=settings.gate_port)
