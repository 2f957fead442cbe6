"""The worker: runs jobs, seals the ledger, moves the gates' decisions into their table."""

from __future__ import annotations

import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pocketward.spine.api import JobContext

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
SEAL_SECONDS = 0.25
THREADS = 4


def _listen(name: str) -> socket.socket:
    from pocketward.spine.api import socket_path

    path = socket_path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(str(path))
    receiver.setblocking(False)
    return receiver


def close_broken() -> None:
    """Let go of this thread's connections that failed (the database was restarted); the next is new."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()


def _every(seconds: float, work: Callable[[], object], stop: threading.Event) -> None:
    """Repeat `work` until told to stop; a failure is logged and tried again, later each time."""
    wait = seconds
    while not stop.wait(wait):
        try:
            work()
            wait = seconds
        except Exception:
            log.exception("background loop failed; trying again")
            close_broken()
            wait = min(wait * 2, 30.0)


def run_jobs(stop: threading.Event) -> None:
    """Claim and run jobs until told to stop; a nudge wakes it before its next poll."""
    from pocketward.spine.api import claim, run_job

    slots = threading.Semaphore(THREADS)
    with (
        _listen(f"worker-{os.getpid()}") as nudge,
        ThreadPoolExecutor(THREADS, thread_name_prefix="job") as pool,
    ):
        while not stop.is_set():
            # All busy: wait for a thread, not for a nudge, or a backlog moves THREADS jobs a poll.
            if not slots.acquire(timeout=POLL_SECONDS):
                continue
            free = 1
            while free < THREADS and slots.acquire(blocking=False):
                free += 1
            claimed = claim(limit=free)
            for context in claimed:
                pool.submit(_run_and_release, run_job, context, slots)
            slots.release(free - len(claimed)) if free > len(claimed) else None
            if not claimed:
                _wait(nudge)


def _run_and_release(
    run: Callable[[JobContext], None], context: JobContext, slots: threading.Semaphore
) -> None:
    try:
        run(context)
    finally:
        close_broken()
        slots.release()


def _wait(nudge: socket.socket) -> None:
    select.select([nudge], [], [], POLL_SECONDS)
    try:
        while nudge.recv(16):
            pass
    except BlockingIOError:
        return


def main(stop: threading.Event) -> None:
    """Run until `stop` is set."""
    from pocketward.access import api as access_api
    from pocketward.ledger import api as ledger_api

    loops: list[Callable[[], object]] = [ledger_api.seal_pending]
    drain = getattr(access_api, "drain_decisions", None)
    loops += [drain] if drain else []
    threads = [
        threading.Thread(target=_every, args=(SEAL_SECONDS, work, stop), name=f"loop-{number}", daemon=True)
        for number, work in enumerate(loops)
    ]
    for thread in threads:
        thread.start()
    while not stop.is_set():
        try:
            run_jobs(stop)
        except Exception:
            log.exception("the job loop failed; starting it again")
            close_broken()
            time.sleep(1.0)
