"""`pocketward doctor`: what is wrong with this installation, why, and what to do next. Changes nothing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from django.db import DatabaseError

from pocketward.cli.findings import FAIL, Finding, fail
from pocketward.cli.start import open_home
from pocketward.kernel.errors import PocketwardError

MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which kind of world, and the form of the answer."""
    parser.add_argument("--demo", action="store_true", help="the home is a demo's (found out by itself)")
    parser.add_argument("--json", action="store_true", help="a JSON list instead of lines")
    parser.add_argument("--offline", action="store_true", help="leave out what needs the network")


def run(given: argparse.Namespace) -> int:
    """Run every check and print what it found; 1 when something does not work."""
    open_home(given.home, demo=given.demo)
    from pocketward.cli import inside, outside

    found = tuple(examine((*inside.CHECKS, *(() if given.offline else outside.CHECKS))))
    if given.json:
        print(json.dumps([asdict(item) for item in found], ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(found)))
    return 1 if any(item.state == FAIL for item in found) else 0


def examine(checks: Iterable[Callable[[], Iterator[Finding]]]) -> Iterator[Finding]:
    """Run the checks in order; one that cannot run is a finding, and stops no other.

    What only lacks the database's tables is told in one line: the finding about the database says what to do.
    """
    without: list[str] = []
    for check in checks:
        name = check.__name__.replace("_", " ")
        try:
            yield from check()
        except DatabaseError as error:
            if has_tables():
                yield fail(name, f"The database refused ({type(error).__name__}: {error}).", "Report this.")
            else:
                without.append(name)
        except PocketwardError as error:
            yield fail(name, error.sentence, error.advice)
        except Exception as error:
            yield fail(name, f"This could not be checked ({type(error).__name__}: {error}).", "Report this.")
    if without:
        yield fail(
            "left out",
            f"The database has no tables, so this could not be looked at: {', '.join(without)}.",
            "Start the server once, or restore a backup; then ask again.",
        )


def has_tables() -> bool:
    """Whether the database can be opened and holds this product's tables."""
    from django.db import connection

    try:
        return "practice_practice" in connection.introspection.table_names()
    except DatabaseError:
        return False


def lines(found: Iterable[Finding]) -> Iterator[str]:
    """What a person reads: a mark, the check, the sentence, and under it the next step."""
    for item in found:
        yield f"{MARKS[item.state]} {item.check:<12} {item.sentence}"
        if item.next_step:
            yield f"{'':<15}Next: {item.next_step}"
