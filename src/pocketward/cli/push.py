"""`pocketward push test`: prove the Apple push certificate by pushing to an invented token."""

from __future__ import annotations

import argparse

from pocketward.cli.start import practices_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and in which kind of world."""
    parser.add_argument(
        "action", choices=["test"], help="test: push to an invented token, which Apple must know of"
    )
    parser.add_argument("--demo", action="store_true", help="the home is a demo's (found out by itself)")


def run(given: argparse.Namespace) -> int:
    """Say for each practice whether Apple accepts its certificate; 1 when one is refused."""
    practices = practices_of(given.home, demo=given.demo)
    from pocketward.fleet import api as fleet_api
    from pocketward.spine.api import practice_scope

    proven = True
    for practice in practices:
        with practice_scope(practice.id):
            outcome = fleet_api.push_test(practice_id=practice.id)
        why = f" ({outcome.reason})" if outcome.reason and not outcome.works else ""
        print(f"{practice.name}: {outcome.sentence}{why}")
        proven = proven and outcome.works
    return 0 if proven else 1
