"""Writers and sealers in processes of their own, sealers killed at random; prints what came out, as JSON.

Started by test_sealer_kills with a migrated database. Forks before any connection is open.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import django

django.setup()

from django.db import transaction  # noqa: E402

from pocketward.ledger import api as ledger  # noqa: E402
from pocketward.ledger.models import SealedEntry  # noqa: E402
from pocketward.practice import api as practice_api  # noqa: E402
from pocketward.spine.api import (  # noqa: E402
    Event,
    practice_scope,
    practices_with_keys,
    record,
    stored_events,
    unit_of_work,
)
from pocketward.spine.keys import make_master_key  # noqa: E402

EVENTS, WRITERS, KILLS = 60, 2, 4


@dataclass(frozen=True, kw_only=True)
class Counted(Event):
    """The next fact of one writer."""

    kind = "test.counted"
    writer: int
    number: int


class Undone(Exception):
    """One in ten writers changes its mind."""


def fork(work: Callable[[], None]) -> int:
    """Run `work` in a child; its process id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        signal.alarm(60)
        work()
        status = 0
    finally:
        os._exit(status)


def write(practice_id: object, writer: int) -> None:
    """Record the numbers in order, sleeping inside transactions, taking some back and doing them again."""
    dice = random.Random(writer)
    with practice_scope(practice_id):  # type: ignore[arg-type]
        for number in range(EVENTS):
            while True:
                try:
                    count(practice_id, writer, number, dice.random())
                except Undone:
                    continue
                break


@unit_of_work
def count(practice_id: object, writer: int, number: int, luck: float) -> None:
    """One fact; unlucky ones roll back."""
    record(Counted(practice_id=practice_id, actor="system:test", writer=writer, number=number))  # type: ignore[arg-type]
    time.sleep(luck * 0.01)
    if luck < 0.1:
        raise Undone


def seal() -> None:
    """Seal for ever, in small batches so that there are many moments to be killed at."""
    while True:
        ledger.seal_pending(limit=3)


def reap(child: int) -> None:
    """Wait for a child to end."""
    os.waitpid(child, 0)


def make_practices() -> None:
    """A demo installation with two practices."""
    make_master_key()
    practice_api.be_born(world="demo")
    for number in range(2):
        practice_api.create_practice(name=f"Clinic {number}", by="system:test")


def rage() -> None:
    """Writers write, sealers seal and are killed. This process itself opens no connection and no thread."""
    writers = [fork(lambda n=n: write(practices_with_keys()[n % 2], n)) for n in range(WRITERS)]  # type: ignore[misc]
    sealers = [fork(seal), fork(seal)]
    for _ in range(KILLS):
        time.sleep(random.uniform(0.2, 0.5))
        victim = sealers.pop(0)
        os.kill(victim, signal.SIGKILL)
        reap(victim)
        sealers.append(fork(seal))
    for writer in writers:
        reap(writer)
    for sealer in sealers:
        os.kill(sealer, signal.SIGKILL)
        reap(sealer)


def main() -> None:
    """Make two practices, let the storm rage, seal the rest, report."""
    reap(fork(make_practices))
    rage()
    while ledger.seal_pending():
        pass
    json.dump([report(practice_id) for practice_id in practices_with_keys()], sys.stdout)


def report(practice_id: object) -> dict[str, object]:
    """What verification says of one practice, and the numbers in the order they were sealed."""
    with practice_scope(practice_id), transaction.atomic():  # type: ignore[arg-type]
        found = ledger.verify(practice_id=practice_id)  # type: ignore[arg-type]
        ids = list(SealedEntry.objects.order_by("index").values_list("event_id", flat=True))
        events = stored_events(practice_id=practice_id, event_ids=ids)  # type: ignore[arg-type]
        bodies = [json.loads(events[event_id].body) for event_id in ids]
    return {
        "faults": [fault.sentence for fault in found.faults],
        "waiting": found.waiting,
        "checkpoints": found.checkpoints,
        "numbers": [body["number"] for body in bodies if body["kind"] == Counted.kind],
    }


if __name__ == "__main__":
    main()
