"""`pocketward feeds import FILE`: take a newer feed of operating system releases into use."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pocketward.cli.start import open_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file to import."""
    parser.add_argument("action", choices=["import"], help="import: take this file into use")
    parser.add_argument("file", type=Path, help="the feed, as JSON")


def run(given: argparse.Namespace) -> int:
    """Import the feed; the last good one stays when this one cannot be read."""
    open_home(given.home)
    from pocketward.posture import api as posture_api

    try:
        data = given.file.read_bytes()
    except OSError as error:
        print(f"{given.file} cannot be read: {error.strerror}.", file=sys.stderr)
        return 1
    day = posture_api.import_feed(data=data)
    print(f"The releases known on {day:%Y-%m-%d} are in use now.")
    return 0
