"""The gates' readers: every committed change is found once it is there, and nothing else is needed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from pocketward.config.snapshot_readers import SqliteReader
from tests.factories.databases import migrated_home

PRACTICE = UUID("11111111-1111-7111-8111-111111111111")


@pytest.fixture
def file(db: None, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database of a home, open for writing as the product's writer does."""
    home = migrated_home(tmp_path / "home")
    with closing(sqlite3.connect(home / "db" / "pocketward.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        yield connection


def write(connection: sqlite3.Connection, key: str, stamp: int, version: int = 1) -> None:
    """One published row."""
    connection.execute(
        "INSERT INTO access_snapshot_row (id, practice_id, kind, key, version, deleted, body, stamp, xid) "
        "VALUES (?, ?, 'device', ?, ?, 0, X'7B7D', ?, 0) "
        "ON CONFLICT (practice_id, kind, key) "
        "DO UPDATE SET version = excluded.version, stamp = excluded.stamp",
        (f"{stamp:032x}", PRACTICE.hex, key, version, stamp),
    )


def test_changes_are_found_once_and_in_order(file: sqlite3.Connection, tmp_path: Path) -> None:
    reader = SqliteReader(tmp_path / "home" / "db" / "pocketward.sqlite3")
    write(file, "a", 1)
    write(file, "b", 2)
    first = reader.poll(None)
    assert [(row.practice, row.key, row.version, row.deleted, row.body) for row in first.rows] == [
        (str(PRACTICE), "a", 1, False, b"{}"),
        (str(PRACTICE), "b", 1, False, b"{}"),
    ]
    assert reader.poll(first.cursor).rows == ()
    write(file, "a", 3, version=2)
    second = reader.poll(first.cursor)
    assert [(row.key, row.version) for row in second.rows] == [("a", 2)]
    reader.close()
    assert reader.poll(second.cursor).rows == ()
    reader.close()


def test_what_is_not_committed_is_not_seen_and_no_read_stays_open(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    reader = SqliteReader(tmp_path / "home" / "db" / "pocketward.sqlite3")
    cursor = reader.poll(None).cursor
    file.execute("BEGIN IMMEDIATE")
    write(file, "a", 1)
    assert reader.poll(cursor).rows == ()
    file.execute("COMMIT")
    found = reader.poll(cursor)
    assert [row.key for row in found.rows] == ["a"]
    busy, _log, _moved = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0
    reader.close()


def test_a_database_that_is_not_there_is_an_error_and_not_an_empty_answer(tmp_path: Path) -> None:
    reader = SqliteReader(tmp_path / "nowhere.sqlite3")
    with pytest.raises(sqlite3.OperationalError):
        reader.poll(None)
    reader.close()
