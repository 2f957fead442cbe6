"""Two sealers at once, killed at random: nothing lost, nothing twice, every writer's order kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.factories.databases import Store

STORM = Path(__file__).with_name("sealer_storm.py")


def test_killed_and_competing_sealers_lose_nothing_and_seal_nothing_twice(store: Store) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(STORM)], env=store.environment, capture_output=True, timeout=90
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    practices = json.loads(done.stdout)
    assert len(practices) == 2
    for practice in practices:
        assert practice["faults"] == []
        assert practice["waiting"] == 0
        assert practice["numbers"] == list(range(60)), "in the writer's own order, each once"
        assert practice["checkpoints"] > 5
