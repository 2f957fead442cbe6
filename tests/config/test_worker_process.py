"""The worker's loop over due jobs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from pocketward.config import worker_process
from pocketward.spine import api as spine_api

JOBS = 40


def test_a_backlog_is_worked_off_without_waiting_for_the_next_poll(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "run").mkdir(parents=True, exist_ok=True)
    waiting, done, stop = list(range(JOBS)), list[int](), threading.Event()

    def claim(limit: int = 1) -> list[int]:
        return [waiting.pop() for _ in range(min(limit, len(waiting)))]

    def run_job(number: int) -> None:
        time.sleep(0.01)
        done.append(number)
        if len(done) == JOBS:
            stop.set()

    monkeypatch.setattr(spine_api, "claim", claim)
    monkeypatch.setattr(spine_api, "run_job", run_job)
    loop = threading.Thread(target=worker_process.run_jobs, args=(stop,), daemon=True)
    loop.start()
    # One poll a THREADS jobs would take ten seconds.
    loop.join(5)
    assert sorted(done) == list(range(JOBS))
    assert not loop.is_alive()
