"""Homes for processes that a test starts."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from tests.factories.postgres import Cluster, Database, clean_environment


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


@dataclass(frozen=True)
class Store:
    """A migrated, empty database of one kind, and the home that uses it; for processes that commit."""

    kind: str
    home: Path
    database: Database | None

    @property
    def environment(self) -> dict[str, str]:
        """What a process with the product's own settings is given."""
        return (
            clean_environment()
            | (self.database.environment() if self.database else {})
            | {
                "POCKETWARD_HOME": str(self.home),
                "POCKETWARD_WORLD": "demo",
                "DJANGO_SETTINGS_MODULE": "pocketward.config.django_settings",
                "PYTHONPATH": os.pathsep.join(sys.path),
            }
        )


def sqlite_store(home: Path) -> Store:
    """A store in a file."""
    return Store("sqlite", migrated_home(home), None)


def postgresql_store(home: Path, cluster: Cluster) -> Store:
    """A store on the run's server."""
    home.mkdir(mode=0o700, parents=True)
    return Store("postgresql", home, cluster.copy())
