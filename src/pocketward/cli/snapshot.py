"""One consistent copy of the database while the server goes on, and putting it back."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from pocketward.cli.archive import DUMP_NAME, SQLITE_NAME, BackupRefused
from pocketward.cli.start import LOOK_AT_DATABASE
from pocketward.config.setting_values import SettingsRefused
from pocketward.config.settings import database_password, load_settings
from pocketward.kernel.settings import Settings
from pocketward.protocols import tlog

HEADS = "SELECT practice_id, origin, public_key, size FROM ledger_ledgerhead ORDER BY origin"
LEAVES = 'SELECT leaf FROM ledger_sealedentry WHERE practice_id = {} AND "index" < {} ORDER BY "index"'
# Not the schema itself: who may use it was settled by the database's superuser.
EMPTY = """
DO $$ DECLARE item record; BEGIN
  FOR item IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE public.%I CASCADE', item.name);
  END LOOP;
  FOR item IN SELECT oid::regprocedure::text AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace LOOP
    EXECUTE 'DROP ROUTINE ' || item.name || ' CASCADE';
  END LOOP;
END $$
"""


@dataclass(frozen=True, slots=True)
class LogHead:
    """How far one practice's ledger reaches in a database."""

    practice_id: UUID
    key: tlog.VerifierKey
    size: int


def settings_of(home: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of a home of either world, before its database can say which."""
    try:
        return load_settings(home, "real", environ)
    except SettingsRefused:
        return load_settings(home, "demo", environ)


def take(settings: Settings, folder: Path) -> tuple[Path, str]:
    """(the snapshot's file, its name in the archive). The file is private and the caller removes it."""
    if settings.database.engine == "postgresql":
        return _dump(settings, folder / "backup.dump"), DUMP_NAME
    return _copy(settings.home / SQLITE_NAME, folder / "backup.sqlite3"), SQLITE_NAME


def _copy(source: Path, target: Path) -> Path:
    if not source.exists():
        raise BackupRefused(f"There is no database at {source}.", advice="Say which home: --home DIR.")
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=20)) as live,
        closing(sqlite3.connect(target)) as made,
    ):
        live.backup(made)
        made.execute("PRAGMA journal_mode=DELETE")
    return target


def _password(settings: Settings, role: str) -> dict[str, str]:
    password = database_password(settings, role)
    return os.environ | ({"PGPASSWORD": password} if password else {})


def _place(settings: Settings, role: str) -> list[str]:
    base = settings.database
    return ["--host", base.host, "--port", str(base.port), "--username", getattr(base, role)]


def _run(command: list[str], settings: Settings, role: str) -> None:
    try:
        done = subprocess.run(command, env=_password(settings, role), capture_output=True, text=True)
    except FileNotFoundError as error:
        raise BackupRefused(
            f"{command[0]} is not installed.", advice="Install the postgresql-client package."
        ) from error
    if done.returncode:
        raise BackupRefused(f"{command[0]} failed: {done.stderr.strip()[-300:]}")


def _dump(settings: Settings, target: Path) -> Path:
    """Only the backup role may pass row security; as any other the dump fails, which is meant."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    place = _place(settings, "backup")
    _run(
        ["pg_dump", *place, "--format=custom", "--file", str(target), settings.database.name],
        settings, "backup",
    )  # fmt: skip
    return target


def put_back(settings: Settings, dump: Path) -> None:
    """Load a PostgreSQL dump, as the owner, into the empty database that the settings name."""
    with closing(_connect(settings, "owner")) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if row is None or row[0]:
        raise BackupRefused(
            f"The database {settings.database.name} is not empty.", advice="Make a new one and name it."
        )
    _run(
        ["pg_restore", *_place(settings, "owner"), "--no-owner", "--exit-on-error", "--single-transaction",
         "--dbname", settings.database.name, str(dump)],
        settings, "owner",
    )  # fmt: skip


def take_out(settings: Settings) -> None:
    """Empty the database that `put_back` has just filled, as the owner: the backup has all of it."""
    with closing(_connect(settings, "owner")) as connection:
        connection.execute(EMPTY)


def _connect(settings: Settings, role: str) -> psycopg.Connection[tuple[Any, ...]]:
    base = settings.database
    try:
        return psycopg.connect(
            host=base.host, port=base.port, dbname=base.name, user=getattr(base, role),
            password=_password(settings, role).get("PGPASSWORD") or None, autocommit=True,
        )  # fmt: skip
    except psycopg.OperationalError as error:
        raise BackupRefused(
            f"PostgreSQL at {base.host}:{base.port} does not let us in: {str(error).strip()}",
            advice=LOOK_AT_DATABASE,
        ) from error


def heads_in(file: Path) -> tuple[LogHead, ...]:
    """The ledgers in a SQLite snapshot."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute(HEADS).fetchall()
    return tuple(LogHead(UUID(row[0]), tlog.VerifierKey(row[1], bytes(row[2])), row[3]) for row in rows)


def heads_on_server(settings: Settings) -> tuple[LogHead, ...]:
    """The ledgers in a PostgreSQL database, read as the backup role."""
    with closing(_connect(settings, "backup")) as connection:
        rows = connection.execute(HEADS).fetchall()
    return tuple(LogHead(row[0], tlog.VerifierKey(row[1], bytes(row[2])), row[3]) for row in rows)


def root_in(file: Path, head: LogHead, size: int) -> bytes:
    """The root over the first `size` entries of a ledger in a SQLite snapshot."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute(LEAVES.format("?", "?"), (head.practice_id.hex, size))
        return tlog.tree_root(tlog.leaf_hash(bytes(leaf)) for (leaf,) in rows)


def root_on_server(settings: Settings, head: LogHead, size: int) -> bytes:
    """The root over the first `size` entries of a ledger in a PostgreSQL database."""
    with closing(_connect(settings, "backup")) as connection:
        rows = connection.execute(LEAVES.format("%s", "%s"), (head.practice_id, size))
        return tlog.tree_root(tlog.leaf_hash(bytes(row[0])) for row in rows)


def world_in(file: Path) -> str:
    """`demo` or `real`, from a SQLite snapshot."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        row = database.execute("SELECT world FROM practice_installation").fetchone()
    return str(row[0]) if row else "real"


def world_on_server(settings: Settings) -> str:
    """`demo` or `real`, from a PostgreSQL database."""
    with closing(_connect(settings, "backup")) as connection:
        row = connection.execute("SELECT world FROM practice_installation").fetchone()
    return str(row[0]) if row else "real"


def is_sound(file: Path) -> bool:
    """Whether SQLite finds its own structures whole."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return bool(database.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False
