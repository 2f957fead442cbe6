"""`pocketward ledger verify`: re-hash every sealed fact and name the first one that is not as sealed."""

from __future__ import annotations

import argparse

from pocketward.cli.start import practices_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with the ledger, and in which kind of world."""
    parser.add_argument("action", choices=["verify"], help="verify: recompute everything that was sealed")
    parser.add_argument("--demo", action="store_true", help="the home is a demo's (found out by itself)")


def run(given: argparse.Namespace) -> int:
    """Verify every practice's log; 1 when one of them is not whole."""
    practices = practices_of(given.home, demo=given.demo)
    from pocketward.ledger import api as ledger_api
    from pocketward.spine.api import practice_scope

    whole = True
    for practice in practices:
        with practice_scope(practice.id):
            report = ledger_api.verify(practice_id=practice.id)
        print(f"{practice.name}: {report.sentence}")
        whole = whole and report.ok
    return 0 if whole else 1
