"""`pocketward owner-link`: a new way in for an owner, made on the server; all officers are told.

In a demo it is one more link to enter as its owner, who has no passkey of yours.
"""

from __future__ import annotations

import argparse
import getpass
import sys

from pocketward.cli.start import CannotStart, open_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which practice, when there are several."""
    parser.add_argument("--practice", default="", help="the practice's slug, when there are several")


def run(given: argparse.Namespace) -> int:
    """Print the link, good for 30 minutes and one use; only to a terminal."""
    open_home(given.home)
    from django.conf import settings

    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope

    if not sys.stdout.isatty():
        raise CannotStart(
            "This link is a secret, and standard output is not a terminal.", advice="Run it by hand."
        )
    practices = practice_api.practices()
    if settings.POCKETWARD.world == "demo":
        print(demo_link(), flush=True)
        return 0
    if not practices:
        secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user=getpass.getuser())
    else:
        chosen = [item for item in practices if given.practice in ("", item.slug)]
        if len(chosen) != 1:
            raise CannotStart("There are several practices here.", advice="Say which: --practice SLUG.")
        with practice_scope(chosen[0].id):
            # None: the start was broken off before anybody owned it; the link makes an owner.
            owner = next(iter(practice_api.owners(practice_id=chosen[0].id)), None)
        secret = practice_api.make_owner_link(
            practice_id=chosen[0].id, member_id=owner, host_user=getpass.getuser()
        )
    print(f"{settings.POCKETWARD.people_url}/start/{secret}", flush=True)
    return 0


def demo_link() -> str:
    """A fresh one-time link for the demo's owner; Django is set up."""
    from django.conf import settings

    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope

    practice = practice_api.practices()[0]
    with practice_scope(practice.id):
        owner = practice_api.owners(practice_id=practice.id)[0]
        secret = practice_api.make_demo_link(practice_id=practice.id, member_id=owner)
    return f"{settings.POCKETWARD.people_url}/demo/{secret}"
