"""Jobs on both databases: leases, heartbeat, fencing, backoff, days of waiting, dead letters, poison."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.factories.databases import Store

STORM = Path(__file__).with_name("job_storm.py")


@pytest.fixture
def outcome(store: Store) -> dict[str, Any]:
    """What a storm of workers, some killed, left behind."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(STORM)],
        env=store.environment | {"POCKETWARD_LONGEST_LEASE_SECONDS": "1"},
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_killed_workers_lose_no_job_and_complete_none_twice(outcome: dict[str, Any]) -> None:
    jobs = outcome["jobs"]
    assert outcome["kills"] >= 6
    # Each effect was written by the transaction that finished its job.
    assert sorted(outcome["effects"]) == list(range(jobs))
    assert outcome["states"] == {"done": jobs + outcome["slow"], "dead": outcome["poison"]}
    # A job longer than its lease kept it by its heartbeat: one attempt did it, unless its worker was killed.
    assert sorted(outcome["slow_effects"]) == list(range(outcome["slow"]))
    assert outcome["tried_again"] > 0
    # What kills its worker is counted when it is claimed, and ends as a dead letter an operator is told of.
    assert outcome["poison_attempts"] == [4] * outcome["poison"]
    assert outcome["told"] == outcome["poison"]
