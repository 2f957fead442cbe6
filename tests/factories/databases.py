"""Homes for processes that a test starts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection


def migrated_home(home: Path) -> Path:
    """A home whose SQLite database has this run's schema and no rows; ready for a process of its own.

    Copies what is committed, so rows of the test's own open transaction stay out.
    """
    (home / "db").mkdir(mode=0o700, parents=True)
    with (
        closing(sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(home / "db" / "pocketward.sqlite3")) as made,
    ):
        source.backup(made)
    return home
