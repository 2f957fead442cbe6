"""`make test`: every test in one run, then the time each group took."""

from __future__ import annotations

import sys
import time

import pytest

from tests.acceptance_marks import AcceptanceResults
from tests.group_times import GroupTimes

WARN_MINUTES, FAIL_MINUTES = 20, 45


def main(arguments: list[str]) -> int:
    """Run pytest with our two plugins; its exit status, or 1 when the run took far too long."""
    started = time.monotonic()
    times, results = GroupTimes(), AcceptanceResults(whole_run=not arguments)
    status = int(pytest.main(["-q", *arguments], plugins=[times, results]))
    minutes = (time.monotonic() - started) / 60
    if minutes > WARN_MINUTES:
        print(f"The tests took {minutes:.0f} minutes; the budget is {WARN_MINUTES}.")
    return 1 if minutes > FAIL_MINUTES else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
