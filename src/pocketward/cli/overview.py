"""`pocketward overview rebuild`: make the rows that lists are read from again, from the domains."""

from __future__ import annotations

import argparse

from pocketward.cli.start import open_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with the overview, and in which kind of world."""
    parser.add_argument("action", choices=["rebuild"], help="make every row again")
    parser.add_argument("--demo", action="store_true", help="the home is a demo's (found out by itself)")


def run(given: argparse.Namespace) -> int:
    """Rebuild every practice's rows; the server may run meanwhile."""
    open_home(given.home, demo=given.demo)
    from pocketward.overview import api as overview_api
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope

    for practice in practice_api.practices():
        with practice_scope(practice.id):
            print(f"{practice.name}: {overview_api.rebuild(practice_id=practice.id)} rows.")
    return 0
