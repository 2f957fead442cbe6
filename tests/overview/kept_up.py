"""A worker beside a writer: prints how long each of ten new people took to stand on the list, in seconds."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import django

django.setup()

from pocketward.config.worker_process import run_jobs  # noqa: E402
from pocketward.overview import api as overview_api  # noqa: E402
from pocketward.practice import api as practice_api  # noqa: E402
from pocketward.spine.api import practice_scope  # noqa: E402
from pocketward.spine.keys import make_master_key  # noqa: E402

LONGEST_SECONDS = 20


def join_at_once(practice_id: UUID, names: range) -> None:
    """Several people join without a pause."""
    with practice_scope(practice_id):
        for number in names:
            practice_api.add_member(practice_id=practice_id, full_name=f"Pat {number}", by="system:test")


def burst(practice_id: UUID) -> None:
    """Two writers beside the worker: whatever it takes along, the end is on the list, and in its numbers."""
    ranges = (range(11, 26), range(26, 41))
    writers = [threading.Thread(target=join_at_once, args=(practice_id, names)) for names in ranges]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    started = time.monotonic()
    while not overview_api.catch_up(practice_id=practice_id):
        assert time.monotonic() - started < LONGEST_SECONDS, "the list does not follow"
    line = overview_api.practice_line(practice_id=practice_id)
    assert (overview_api.count_people(practice_id=practice_id)[0], line and line.people) == (40, 40)


def main() -> None:
    """Ten people join, one after the other, then thirty at once."""
    make_master_key()
    practice_api.be_born(world="demo")
    stop = threading.Event()
    worker = threading.Thread(target=run_jobs, args=(stop,))
    worker.start()
    practice = practice_api.create_practice(name="Harbor Street Clinic", by="system:test")
    with practice_scope(practice.id):
        for number in range(1, 11):
            practice_api.add_member(practice_id=practice.id, full_name=f"Pat {number}", by="system:test")
            started = time.monotonic()
            while overview_api.count_people(practice_id=practice.id)[0] < number:
                time.sleep(0.005)
                assert time.monotonic() - started < LONGEST_SECONDS, "the list does not follow"
            print(round(time.monotonic() - started, 3), flush=True)
        assert overview_api.catch_up(practice_id=practice.id)
        burst(practice.id)
    stop.set()
    worker.join()


if __name__ == "__main__":
    main()
