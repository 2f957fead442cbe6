"""Two sealers at once, killed at random: nothing lost, nothing twice, every writer's order kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.factories.databases import migrated_home

STORM = Path(__file__).with_name("sealer_storm.py")


def test_killed_and_competing_sealers_lose_nothing_and_seal_nothing_twice(db: None, tmp_path: Path) -> None:
    home = migrated_home(tmp_path / "home")
    environment = os.environ | {
        "POCKETWARD_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "pocketward.config.django_settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(STORM)], env=environment, capture_output=True, timeout=90
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    practices = json.loads(done.stdout)
    assert len(practices) == 2
    for practice in practices:
        assert practice["faults"] == []
        assert practice["waiting"] == 0
        assert practice["numbers"] == list(range(60)), "in the writer's own order, each once"
        assert practice["checkpoints"] > 5
