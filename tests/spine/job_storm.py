"""Workers in processes of their own run jobs and are killed at random; prints what came out, as JSON.

Started by test_jobs with a migrated database. Forks before any connection is open.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass

import django

django.setup()

from pocketward.practice import api as practice_api  # noqa: E402
from pocketward.spine import jobs  # noqa: E402
from pocketward.spine.api import (  # noqa: E402
    Event,
    JobContext,
    JobSpec,
    enqueue,
    event_bodies,
    open_tasks,
    practice_scope,
    practices_with_keys,
    record,
    unit_of_work,
)
from pocketward.spine.errors import LeaseLost  # noqa: E402
from pocketward.spine.keys import make_master_key  # noqa: E402
from pocketward.spine.models import Job  # noqa: E402
from tests.factories.forking import fork  # noqa: E402

JOBS, SLOW, POISON, WORKERS, KILLS, END_SECONDS = 50, 2, 2, 3, 6, 120
# Attempts come back at once, so that the storm is short; the wait itself has tests of its own.
jobs.BACKOFF_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Counted(Event):
    """The effect of one job."""

    kind = "test.counted"
    number: int
    slow: bool


def run(context: JobContext) -> None:
    """Its effect comes with its end; one attempt in ten fails, and may end between the two."""
    time.sleep(random.uniform(0, 0.02))
    if random.random() < 0.1:
        raise ValueError("bad luck")
    finish(context, slow=False)


def run_slow(context: JobContext) -> None:
    """Longer than the lease of one second: kept by its heartbeat."""
    for _ in range(8):
        time.sleep(0.25)
        context.heartbeat()
    finish(context, slow=True)


def finish(context: JobContext, *, slow: bool) -> None:
    """One counted fact."""
    fact = Counted(
        practice_id=context.practice_id, actor="system:test", number=int(context.payload["number"]), slow=slow
    )
    context.finish(lambda: record(fact))


def run_poison(context: JobContext) -> None:
    """Ends its worker each time."""
    os.kill(os.getpid(), signal.SIGKILL)


jobs.add_jobs(
    {
        "test.count": JobSpec(run, max_attempts=200),
        "test.slow": JobSpec(run_slow, max_attempts=200),
        "test.poison": JobSpec(run_poison, max_attempts=3),
    }
)


def set_up() -> None:
    """A practice with all its jobs waiting."""
    make_master_key()
    practice_api.be_born(world="demo")
    practice = practice_api.create_practice(name="Clinic", by="system:test")
    with practice_scope(practice.id):
        queue_all(practice.id)


@unit_of_work
def queue_all(practice_id: object) -> None:
    """Poison among the others."""
    for number in range(JOBS):
        enqueue("test.count", practice_id, {"number": number})  # type: ignore[arg-type]
    for number in range(SLOW):
        enqueue("test.slow", practice_id, {"number": number})  # type: ignore[arg-type]
    for number in range(POISON):
        enqueue("test.poison", practice_id, {"number": number})  # type: ignore[arg-type]


def work() -> None:
    """A worker: one job at a time, until killed."""
    while True:
        for context in jobs.claim(limit=1):
            try:
                jobs.run_job(context)
            except LeaseLost:
                continue
        time.sleep(0.02)


def is_over() -> None:
    """Exit status 0 when nothing is left to do."""
    (practice_id,) = practices_with_keys()
    with practice_scope(practice_id):
        if Job.objects.filter(state__in=Job.OPEN).exists():
            raise SystemExit


def rage() -> int:
    """Workers work and are killed, by us or by poison; how many deaths."""
    workers, deaths = [fork(work, END_SECONDS) for _ in range(WORKERS)], 0
    ends, murders = time.monotonic() + END_SECONDS, 0
    while time.monotonic() < ends:
        time.sleep(0.3)
        if murders < KILLS:
            os.kill(random.choice(workers), signal.SIGKILL)
            murders += 1
            time.sleep(0.1)
        for number, worker in enumerate(workers):
            if os.waitpid(worker, os.WNOHANG)[0]:
                deaths += 1
                workers[number] = fork(work, END_SECONDS)
        if murders == KILLS and os.waitpid(fork(is_over, END_SECONDS), 0)[1] == 0:
            break
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    return deaths


def main() -> None:
    """Make the jobs, let the storm rage, report."""
    os.waitpid(fork(set_up, END_SECONDS), 0)
    deaths = rage()
    (practice_id,) = practices_with_keys()
    with practice_scope(practice_id):
        rows = list(Job.objects.filter(kind__startswith="test."))
        facts = [body for body in event_bodies(practice_id=practice_id) if body["kind"] == Counted.kind]
        told = [key for key, _ in open_tasks(practice_id) if key.startswith("job:")]
    poison = [row for row in rows if row.kind == "test.poison"]
    json.dump(
        {
            "jobs": JOBS, "slow": SLOW, "poison": POISON, "kills": deaths,
            "effects": [fact["number"] for fact in facts if not fact["slow"]],
            "slow_effects": [fact["number"] for fact in facts if fact["slow"]],
            "states": dict(Counter(row.state for row in rows)),
            "tried_again": sum(row.attempt > 1 for row in rows if row.kind == "test.count"),
            "poison_attempts": [row.attempt for row in poison],
            "told": len(told),
        },
        sys.stdout,
    )  # fmt: skip


if __name__ == "__main__":
    main()
