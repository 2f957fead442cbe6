"""Readers of the gates' snapshot table with plain drivers: no Django in the gate's process."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pocketward.gate.snapshot import Changes, Row

if TYPE_CHECKING:
    import psycopg

COLUMNS = "practice_id, kind, key, version, deleted, body"


def _row(found: tuple[Any, ...]) -> Row:
    practice, kind, key, version, deleted, body = found
    return Row(str(UUID(str(practice))), kind, key, int(version), bool(deleted), bytes(body))


class SqliteReader:
    """Rows whose stamp is newer than the last one seen; one writer at a time makes the stamp exact."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def poll(self, cursor: bytes | None) -> Changes:
        """Read in autocommit, so that no open read holds the log back."""
        if self._connection is None:
            uri = f"file:{self._path}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        seen = int(cursor) if cursor is not None else -1
        rows = self._connection.execute(
            f"SELECT {COLUMNS}, stamp FROM access_snapshot_row WHERE stamp > ? ORDER BY stamp",  # noqa: S608
            (seen,),
        ).fetchall()
        newest = max((row[6] for row in rows), default=seen)
        return Changes(tuple(_row(row[:6]) for row in rows), b"%d" % newest)

    def close(self) -> None:
        """Close; the next poll opens anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresReader:
    """Rows written by transactions that were not yet over at the last poll, or began after it.

    A cursor on a version or an id would lose rows that commit late; the previous poll's own xmin does not.
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.Connection[Any] | None = None

    def poll(self, cursor: bytes | None) -> Changes:
        """Horizon and rows come from one statement, so from one snapshot of the database."""
        import psycopg

        if self._connection is None:
            self._connection = psycopg.connect(self._conninfo, autocommit=True)
        horizon = int(cursor) if cursor is not None else -1
        rows = self._connection.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, r.practice_id, r.kind, r.key, "
            "r.version, r.deleted, r.body FROM (SELECT 1) AS one "
            "LEFT JOIN access_snapshot_row r ON r.xid >= %s",
            (horizon,),
        ).fetchall()
        return Changes(tuple(_row(row[1:]) for row in rows if row[1] is not None), b"%d" % rows[0][0])

    def close(self) -> None:
        """Close; the next poll opens anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
