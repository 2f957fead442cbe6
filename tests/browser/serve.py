"""Serves a filled demo clinic for browser tests: `python -m tests.browser.serve HOME PORT`.

Prints one JSON line with its links when it is ready, and ends when its input closes.
"""

from __future__ import annotations

import json
import os
import socketserver
import sys
import threading
import time
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from tests.factories.shared import put_migrated_sqlite

OWNERS = (
    "owner-keys", "owner-list", "owner-home", "owner-hands", "owner-narrow", "owner-gaps",
    "owner-erase", "owner-others", "full", "other",
)  # fmt: skip
STAFF = ("staff-1280", "staff-390", "staff-walk", "staff-dark", "staff-keys")


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """One thread a request, none of which keeps the process alive."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Logs nothing: links are secrets."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def open_home(home: Path, port: int) -> None:
    """Django on a home with a migrated database."""
    os.environ.update(
        POCKETWARD_HOME=str(home),
        POCKETWARD_WORLD="demo",
        DJANGO_SETTINGS_MODULE="pocketward.config.django_settings",
    )
    (home / "pocketward.toml").write_text(f'people_url = "http://localhost:{port}"\n', encoding="utf-8")
    import django

    django.setup()
    from django.core.management import call_command

    put_migrated_sqlite(home / "db" / "pocketward.sqlite3")
    call_command("migrate", verbosity=0)


def prepare(home: Path, port: int) -> dict[str, str]:
    """Make the database and the clinic; the links a browser needs."""
    open_home(home, port)
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope
    from pocketward.spine.keys import make_master_key
    from tests.browser.served import empty_practice, full_practice

    make_master_key()
    practice_api.be_born(world="demo")
    practice = practice_api.create_practice(
        name="Harbor Street Clinic", front_desk_phone="555-0142", emergency_phone="555-0143", by="system:demo"
    )
    with practice_scope(practice.id):
        owner = practice_api.add_member(
            practice_id=practice.id, full_name="Dana Example", email="dana@example.org",
            role_names=("owner", "it_lead"), by="system:demo",
        )  # fmt: skip
        # Before the first phone joins, so that her yes counts.
        second = practice_api.add_member(
            practice_id=practice.id, full_name="Olga Second", email="olga@example.org",
            role_names=("security_officer",), by="system:demo",
        )  # fmt: skip
        gaps = full_practice(practice, owner, second, home)
        ana = practice_api.find_members(practice_id=practice.id, text="ana@example.org")[0]
        carla = practice_api.find_members(practice_id=practice.id, text="carla@example.org")[0]
        links = {
            "origin": f"http://localhost:{port}",
            "database": str(home / "db" / "pocketward.sqlite3"),
            "slug": practice.slug,
            "code": practice.lost_code,
            "invitation": practice_api.invite_member(member_id=carla.id, by="system:demo"),
            **{f"gap.{name}": value for name, value in gaps.items()},
        }
        # A link works once, so each test has its own.
        people = [(name, owner) for name in OWNERS] + [(name, ana) for name in STAFF] + [("second", second)]
        for name, person in people:
            links[name] = practice_api.make_demo_link(practice_id=practice.id, member_id=person.id)
    return links | empty_practice()


def work() -> None:
    """Do what is due and seal what happened, as the worker beside a server does: lists follow by it."""
    from pocketward.ledger.api import seal_pending
    from pocketward.spine.api import run_due

    while True:
        if not run_due() and not seal_pending():
            time.sleep(0.15)


def main() -> None:
    """Prepare, announce, serve until the parent closes our input."""
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    links = prepare(home, port)
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", port, get_wsgi_application(), Server, Quiet)
    for endless in (server.serve_forever, work):
        threading.Thread(target=endless, daemon=True).start()
    print(json.dumps(links), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
