"""`pocketward migrate`: give a PostgreSQL database this version's schema, as its owner.

`serve` does it by itself where it may read the owner's password. Where it may not, this is what whoever
updates the server runs instead.
"""

from __future__ import annotations

import argparse

from pocketward.cli import snapshot
from pocketward.cli.start import DEFAULT_HOME, CannotStart, migrate_as_owner


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(given: argparse.Namespace) -> int:
    """Migrate, and say so."""
    settings = snapshot.settings_of((given.home or DEFAULT_HOME).resolve())
    if settings.database.engine != "postgresql":
        raise CannotStart(
            "This home keeps its data in SQLite.",
            advice="Start the server; it brings SQLite up to date itself.",
        )
    migrate_as_owner(settings)
    print(f"The database {settings.database.name} has this version's schema.")
    return 0
