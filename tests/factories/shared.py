"""What a whole run makes once and its parts share: a migrated SQLite file and a PostgreSQL server.

Each part is a process of its own, and so is each clinic that a journey starts; migrating an empty database
costs several seconds of a core, and a server's start as much again. A part that runs alone makes its own.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from tests.factories.postgres import Cluster, NoPostgres, attach, clean_environment, start_cluster

# Not named as a setting of the product: those stop a start that does not know them.
SQLITE = "TESTS_MIGRATED_SQLITE"
SERVER = "TESTS_POSTGRESQL"


@contextmanager
def prepared() -> Iterator[dict[str, str]]:
    """The environment in which parts find what was made; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="pocketward-shared-") as name:
        folder = Path(name)
        # In this very thread: the server ends with the thread that started it.
        cluster = _cluster()
        try:
            with ThreadPoolExecutor(2) as both:
                migrated = both.submit(_migrate_sqlite, folder)
                template = both.submit(cluster.make_template) if cluster is not None else None
            found = {SQLITE: str(migrated.result())}
            if cluster is not None and template is not None:
                template.result()
                found[SERVER] = str(cluster.tell(folder / "server.json"))
            yield found
        finally:
            if cluster is not None:
                cluster.stop()


def _cluster() -> Cluster | None:
    try:
        return start_cluster()
    except NoPostgres:
        return None  # each test that needs one says so, and what to install


def _migrate_sqlite(folder: Path) -> Path:
    """Migrate a file as a server does at its first start."""
    script = (
        "import sys; from pathlib import Path; home = Path(sys.argv[1]); (home / 'db').mkdir(parents=True);"
        "from pocketward.cli.start import bring_up_to_date, set_up_django;"
        "set_up_django(home, 'demo'); bring_up_to_date()"
    )
    subprocess.run([sys.executable, "-c", script, str(folder / "home")], check=True, env=clean_environment())
    written, made = folder / "home" / "db" / "pocketward.sqlite3", folder / "migrated.sqlite3"
    # What still stands in the write-ahead log comes along.
    with closing(sqlite3.connect(written)) as source, closing(sqlite3.connect(made)) as target:
        source.backup(target)
    return made


def shared_cluster() -> Cluster | None:
    """The server of the whole run; None when this part must start its own."""
    return attach(Path(os.environ[SERVER])) if SERVER in os.environ else None


def put_migrated_sqlite(place: Path) -> bool:
    """Put the run's migrated file there and make its folder; False, with nothing done, when there is none."""
    if SQLITE not in os.environ:
        return False
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(os.environ[SQLITE], place)
    return True
