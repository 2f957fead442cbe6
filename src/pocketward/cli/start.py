"""What every command does first: settings, Django, the database's kind of world."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from pocketward.config.settings import database_password
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.settings import Settings

if TYPE_CHECKING:
    from pocketward.practice.api import PracticeRecord

DEFAULT_HOME = Path("/var/lib/pocketward")
LOOK_AT_DATABASE = (
    "Look at [database] in pocketward.toml; deploy/postgresql/setup.sh makes the roles and the database."
)


class CannotStart(PocketwardError):
    """The server cannot start; the advice is the next step."""

    code = "cli.cannot_start"


class CannotRun(CannotStart):
    """What was asked for cannot be done on this home; one sentence says why. Exit status 1."""

    code = "cli.cannot_run"


def set_up_django(home: Path, world: str) -> None:
    """Read the settings of this home and load Django."""
    os.environ["POCKETWARD_HOME"] = str(home.resolve())
    os.environ["POCKETWARD_WORLD"] = world
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pocketward.config.django_settings")
    import django
    from django.conf import settings

    django.setup()
    from pocketward.cli.logs import set_up_logs

    set_up_logs(settings.POCKETWARD.log_level)


def open_home(home: Path | None, *, demo: bool = False) -> Path:
    """Load Django for a command on a home of either world; the home. CannotStart: nothing is there."""
    place = (home or DEFAULT_HOME).resolve()
    if not (place / "keys").is_dir():
        raise CannotStart(f"Nothing of Pocketward is at {place}.", advice="Say which home: --home DIR.")
    set_up_django(place, "demo" if demo or is_demo(place) else "real")
    return place


def practices_of(home: Path | None, *, demo: bool) -> tuple[PracticeRecord, ...]:
    """Open the home, as `open_home` does; its practices. CannotStart: there is none."""
    open_home(home, demo=demo)
    from pocketward.practice import api as practice_api

    practices = practice_api.practices()
    if not practices:
        raise CannotStart("No practice lives here yet.", advice="Run `pocketward owner-link` and set one up.")
    return practices


def is_demo(home: Path) -> bool:
    """Whether its settings name a clock that moves, which exists in demo worlds only."""
    try:
        given = tomllib.loads((home / "pocketward.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return "clock_offset_file" in given


def prepare(home: Path, world: str) -> None:
    """Make the folders, migrate, make the master key, mark the world. Raises what stops the start."""
    for name in ("db", "keys", "evidence", "ledger", "log", "run"):
        (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    set_up_django(home, world)
    bring_up_to_date()
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import make_master_key

    practice_api.be_born(world=world)
    make_master_key()


def bring_up_to_date() -> None:
    """Give the database this version's schema; Django is set up.

    On PostgreSQL only the owner may, and the server never connects as the owner, so that is done by a
    process of its own, and only when something is missing. CannotStart says what to run when it may not.
    """
    from django.conf import settings
    from django.core.management import call_command

    if settings.POCKETWARD.database.engine != "postgresql":
        call_command("migrate", verbosity=0, interactive=False)
    elif _missing_migrations():
        migrate_as_owner(settings.POCKETWARD)


def _missing_migrations() -> bool:
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        base = connection.settings_dict
        raise CannotStart(
            f"PostgreSQL at {base['HOST']}:{base['PORT']} does not let us in: {str(error).strip()}",
            advice=LOOK_AT_DATABASE,
        ) from error
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate_as_owner(ours: Settings) -> None:
    """Run Django's migrations in a process that connects as the database's owner."""
    database_password(ours, "owner")
    done = subprocess.run(
        [sys.executable, "-m", "pocketward.cli.manage", "migrate", "--no-input", "--verbosity", "0"],
        env=os.environ
        | {
            "POCKETWARD_HOME": str(ours.home),
            "POCKETWARD_WORLD": ours.world,
            "POCKETWARD_DATABASE_ROLE": "owner",
        },
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "Error: " in line or "Refused: " in line]
        raise CannotStart(
            f"The database could not be brought up to date: {said[-1] if said else done.stderr[-300:]}",
            advice=LOOK_AT_DATABASE,
        )
