"""What every command does first: settings, Django, the database's kind of world."""

from __future__ import annotations

import os
from pathlib import Path

from pocketward.kernel.errors import PocketwardError


class CannotStart(PocketwardError):
    """The server cannot start; the advice is the next step."""

    code = "cli.cannot_start"


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


def prepare(home: Path, world: str) -> None:
    """Make the folders, migrate, make the master key, mark the world. Raises what stops the start."""
    for name in ("db", "keys", "evidence", "ledger", "log", "run"):
        (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    set_up_django(home, world)
    from django.core.management import call_command

    from pocketward.practice import api as practice_api
    from pocketward.spine.keys import make_master_key

    call_command("migrate", verbosity=0, interactive=False)
    practice_api.be_born(world=world)
    make_master_key()
