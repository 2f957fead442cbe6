"""The list of phones of a practice with 10,000: how long its page takes, through the whole of Django."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PHONES, ROUNDS, LIMIT_MS = 10_000, 12, 300
QUESTIONS = (
    "",
    "?view=look",
    "?q=ward+7&sort=heard",
    "?sort=person&page=100",
    "?status=silent&owner=practice",
)


def run() -> list[dict[str, Any]]:
    """The 95th percentile over five questions, asked in turn, of a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "POCKETWARD_HOME": folder,
            "POCKETWARD_WORLD": "demo",
            "DJANGO_SETTINGS_MODULE": "pocketward.config.django_settings",
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.list_of_phones"],
            cwd=Path(__file__).resolve().parent.parent, env=environment, capture_output=True, check=True,
        )  # fmt: skip
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return [
        {
            "name": "list.phones",
            "value": round(measured["p95"]),
            "unit": f"ms at p95, {PHONES:,} phones",
            "against": f"the same list of 12 phones: {measured['few']:.0f} ms",
            "ratio": round(measured["p95"] / measured["few"], 1),
            "limit": LIMIT_MS,
            "runs": ROUNDS * len(QUESTIONS),
            "ok": measured["p95"] <= LIMIT_MS,
        }
    ]


def main() -> None:
    """Make the practice, ask, and print the figures as one line of JSON."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope
    from pocketward.spine.keys import make_master_key

    make_master_key()
    practice_api.be_born(world="demo")
    practice = practice_api.create_practice(name="Harbor Street Clinic", by="system:bench")
    with practice_scope(practice.id):
        owner = practice_api.add_member(
            practice_id=practice.id, full_name="Dana Example", role_names=("owner",),
            email="dana@example.org", by="system:bench",
        )  # fmt: skip
        secret = practice_api.make_demo_link(practice_id=practice.id, member_id=owner.id)
    browser = Client(HTTP_HOST="localhost")
    browser.post(f"/demo/{secret}")
    place = f"/p/{practice.slug}/phones/"
    few = _asked(browser, place, _more(practice.id, 12))
    many = _asked(browser, place, _more(practice.id, PHONES - 12))
    print(json.dumps({"few": statistics.median(few), "p95": statistics.quantiles(many, n=20)[-1]}))


def _more(practice_id: Any, number: int) -> None:
    from pocketward.overview import api as overview_api
    from pocketward.spine.api import practice_scope, unit_of_work
    from tests.factories.many_phones import many_phones

    with practice_scope(practice_id):
        unit_of_work(many_phones)(practice_id, number)
        overview_api.rebuild(practice_id=practice_id)


def _asked(browser: Any, place: str, _made: None) -> list[float]:
    """Milliseconds of each page."""
    times = []
    for _ in range(ROUNDS):
        for question in QUESTIONS:
            started = time.perf_counter()
            answer = browser.get(place + question)
            times.append((time.perf_counter() - started) * 1000)
            assert answer.status_code == 200
    return times


if __name__ == "__main__":
    main()
