"""`make test`: every test, in parts that two lanes take one after another, then the time each group took.

The tests that drive whole clinics wait for sockets and browsers a good part of the time, the others compute;
on two cores one lane of each takes little longer than either. A third would fill the waits, and make a
machine that has other work so slow that what is waited for comes too late. One lane takes the parts from the
front, where the clinics are, the other from the back; they meet where parts are short, so that neither waits
long for the other. What a part printed is shown when it has ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.acceptance_marks import AcceptanceResults
from tests.factories.shared import prepared
from tests.group_times import GroupTimes

WARN_MINUTES, FAIL_MINUTES = 20, 45
HERE = Path(__file__).parent
# The folders of each part. Those of the first hold all acceptance marks; every folder that is not named is
# in the one without names. From both ends long ones come first.
REST: tuple[str, ...] = ()
PARTS = (
    ("journeys", "browser"),
    ("lab",),
    ("fleet",),
    ("kills",),
    ("response",),
    REST,
    ("web",),
    ("stores",),
)


def folders(part: int) -> list[str]:
    """The folders of one part; together they are all there are."""
    names = sorted({found.relative_to(HERE).parts[0] for found in HERE.glob("*/**/test_*.py")})
    named = {name for names in PARTS for name in names}
    return [f"tests/{name}" for name in names if name in (PARTS[part] or set(names) - named)]


def run_here(arguments: list[str], *, whole_run: bool) -> int:
    """Run pytest with our two plugins; its exit status."""
    times, results = GroupTimes(), AcceptanceResults(whole_run=whole_run)
    return int(pytest.main(["-q", *arguments], plugins=[times, results]))


def run_part(part: int, shared: Mapping[str, str]) -> int:
    """Run one part in a process of its own and print what it said; its exit status."""
    # The run starts hundreds of processes of ours: each module is compiled once, not in each of them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= shared
    with tempfile.TemporaryFile("w+") as said:
        command = [sys.executable, "-m", "tests.run", "--part", str(part)]
        status = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, env=environment).returncode
        said.seek(0)
        print(f"{' '.join(folders(part))}\n{said.read()}", flush=True)
    return status


def run_all() -> int:
    """All parts in two lanes; 0 when all passed."""
    waiting = deque(range(len(PARTS)))

    def lane(take: str) -> list[int]:
        statuses = list[int]()
        while True:
            try:
                part = getattr(waiting, take)()
            except IndexError:  # the other lane took the last one
                return statuses
            statuses.append(run_part(part, shared))

    with prepared() as shared, ThreadPoolExecutor(2) as lanes:
        ended = list(lanes.map(lane, ("popleft", "pop")))
    return max(abs(status) for statuses in ended for status in statuses)


def main(arguments: list[str]) -> int:
    """Run what is named, or all; the exit status, or 1 when the run took far too long."""
    if arguments[:1] == ["--part"]:
        part = int(arguments[1])
        return run_here(folders(part), whole_run=part == 0)
    started = time.monotonic()
    status = run_here(arguments, whole_run=False) if arguments else run_all()
    minutes = (time.monotonic() - started) / 60
    print(f"The tests took {minutes:.1f} minutes.")
    if minutes > WARN_MINUTES:
        print(f"The budget is {WARN_MINUTES} minutes.")
    return 1 if minutes > FAIL_MINUTES else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
