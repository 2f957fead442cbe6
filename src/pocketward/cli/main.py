"""The `pocketward` command: reads the arguments, runs one verb, turns errors into words and a status."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from pocketward.cli.start import CannotRun
from pocketward.kernel.errors import PocketwardError

OK, FAILED, USAGE, REFUSED = 0, 1, 2, 5

# verb -> (module, help). A verb's module has `add_arguments(parser)` and `run(given) -> int`.
VERBS = {
    "serve": ("pocketward.cli.serve", "run the server for a real practice"),
    "demo": ("pocketward.cli.demo", "run a demo clinic with simulated phones"),
    "owner-link": ("pocketward.cli.owner_link", "make a new link for an owner (a sealed event)"),
    "backup": ("pocketward.cli.backup", "write an encrypted backup of everything"),
    "restore": ("pocketward.cli.restore", "restore a backup into an empty home"),
    "migrate": ("pocketward.cli.migrate", "bring a PostgreSQL database up to date, as its owner"),
    "doctor": ("pocketward.cli.doctor", "check this installation and say what to do next"),
    "proxy": ("pocketward.cli.proxy", "write what nginx or Caddy needs: the access authority, the values"),
    "push": ("pocketward.cli.push", "prove the Apple push certificate"),
    "feeds": ("pocketward.cli.feeds", "import a feed of operating system releases"),
    "ledger": ("pocketward.cli.ledger", "verify the ledger"),
    "overview": ("pocketward.cli.overview", "make the rows of lists and search again"),
}


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = argparse.ArgumentParser(
        prog="pocketward", description="Keeps a practice's phones safe enough to touch patient records."
    )
    verbs = whole.add_subparsers(dest="verb", required=True)
    for name, (module, text) in VERBS.items():
        one = verbs.add_parser(name, help=text, description=text)
        one.add_argument("--home", type=Path, default=None, help="the folder that holds everything")
        one.set_defaults(module=module)
        importlib.import_module(module).add_arguments(one)
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Run one verb. Exit status: 0 done, 1 failed, 2 usage, 5 refused."""
    given = parser().parse_args(arguments)
    try:
        return int(importlib.import_module(given.module).run(given))
    except CannotRun as error:
        print(error.sentence, file=sys.stderr)
        return FAILED
    except PocketwardError as error:
        print(error.sentence, file=sys.stderr)
        print(error.advice, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
