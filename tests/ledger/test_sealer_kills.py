"""Two sealers at once, killed at random: nothing lost, nothing twice, every writer's order kept."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from django.db import connection

STORM = Path(__file__).with_name("sealer_storm.py")


def empty_database(home: Path) -> None:
    """A migrated, empty database in another home: the schema of this run's, without its rows."""
    (home / "db").mkdir(parents=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%%'")
        statements = [row[0] for row in cursor.fetchall()]
    made = sqlite3.connect(home / "db" / "pocketward.sqlite3")
    made.executescript(";\n".join(statements))
    made.close()


def test_killed_and_competing_sealers_lose_nothing_and_seal_nothing_twice(db: None, tmp_path: Path) -> None:
    empty_database(tmp_path)
    environment = os.environ | {
        "POCKETWARD_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "pocketward.config.django_settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(STORM)], env=environment, capture_output=True, timeout=90
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    practices = json.loads(done.stdout)
    assert len(practices) == 2
    for practice in practices:
        assert practice["faults"] == []
        assert practice["waiting"] == 0
        assert practice["numbers"] == list(range(60)), "in the writer's own order, each once"
        assert practice["checkpoints"] > 5
