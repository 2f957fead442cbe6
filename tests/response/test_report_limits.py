"""Reports that come at the same moment, on both databases: no limit is passed, no case opens twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.factories.databases import Store

AT_ONCE = 5
SCRIPT = Path(__file__).with_name("report_rush.py")


def rushed(store: Store) -> dict[str, Any]:
    """What processes with connections of their own left behind."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT)], env=store.environment, capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_reports_of_one_moment_pass_no_limit_and_open_no_case_twice(store: Store) -> None:
    found = rushed(store)
    assert found["Rush"]["outcomes"] == {"closed": 3, "needs_confirmation": AT_ONCE - 3}
    assert found["Network"]["outcomes"] == {"closed": 2, "needs_confirmation": AT_ONCE - 2}
    # The third closing was not committed when the fourth report came: it had to wait for it.
    assert found["Late"]["of"] == {
        "Pat 0": "closed", "Pat 1": "closed", "Pat 2": "closed", "Pat 3": "needs_confirmation",
    }  # fmt: skip
    flood = found["Flood"]
    assert (flood["sightings"], flood["cases"]) == (AT_ONCE - 1, 1)
    # One round of calls at most: the officer who says whose phone it is has answered before it began.
    assert flood["calls"] <= 1
    # Three clicks at once on whose phone it is: one answer, one hold.
    assert (flood["identified"], flood["holds"]) == (1, 1)
