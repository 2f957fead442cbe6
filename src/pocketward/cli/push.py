"""`pocketward push test`: prove the Apple push certificate by pushing to an invented token."""

from __future__ import annotations

import argparse

from pocketward.cli.serve import DEFAULT_HOME
from pocketward.cli.start import set_up_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and in which kind of world."""
    parser.add_argument(
        "action", choices=["test"], help="test: push to an invented token, which Apple must know of"
    )
    parser.add_argument("--demo", action="store_true", help="the home is a demo's")


def run(given: argparse.Namespace) -> int:
    """Say for each practice whether Apple accepts its certificate; 1 when one is refused."""
    set_up_django((given.home or DEFAULT_HOME).resolve(), "demo" if given.demo else "real")
    from pocketward.fleet import api as fleet_api
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope

    proven = True
    for practice in practice_api.practices():
        with practice_scope(practice.id):
            outcome = fleet_api.push_test(practice_id=practice.id)
        print(f"{practice.name}: {outcome.sentence}")
        proven = proven and outcome.works
    return 0 if proven else 1
