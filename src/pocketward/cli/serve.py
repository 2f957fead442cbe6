"""`pocketward serve`: web, gate and worker of a real practice, started and watched."""

from __future__ import annotations

import argparse
import sys

from pocketward.cli.running import running
from pocketward.cli.start import DEFAULT_HOME, prepare
from pocketward.cli.supervisor import Supervisor, product_children


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def print_first_run_link() -> None:
    """Until somebody owns a practice, print one setup link; on the terminal only, never to a log."""
    from django.conf import settings

    from pocketward.practice import api as practice_api

    if practice_api.owner_exists():
        return
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="first run")
    link = f"{settings.POCKETWARD.people_url}/start/{secret}"
    if sys.stdout.isatty():
        print(f"Set up your practice here (works once, for 30 minutes):\n{link}", flush=True)
        return
    # Without a terminal standard output is a log: keep the secret out of it.
    print("Nobody owns this practice yet. Run `pocketward owner-link` in a terminal.", flush=True)


def run(given: argparse.Namespace) -> int:
    """Serve until stopped."""
    home = (given.home or DEFAULT_HOME).resolve()
    with running(home):
        prepare(home, "real")
        print_first_run_link()
        supervisor = Supervisor()
        product_children(supervisor, home, "real")
        return supervisor.run()
