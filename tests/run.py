"""`make test`: every test, in two runs side by side, then the time each group took.

The tests that drive whole clinics wait for sockets and browsers most of the time, the others compute; on two
cores both together take little longer than either. What the second run prints is shown when it has ended.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.acceptance_marks import AcceptanceResults
from tests.group_times import GroupTimes

WARN_MINUTES, FAIL_MINUTES = 20, 45
HERE = Path(__file__).parent
# Folders whose tests start whole clinics; acceptance marks live in the first two.
CLINICS = ("journeys", "browser", "lab", "kills")


def folders(part: str) -> list[str]:
    """The folders of one of the two runs; together they are all there are."""
    names = sorted({found.relative_to(HERE).parts[0] for found in HERE.glob("*/**/test_*.py")})
    return [f"tests/{name}" for name in names if (name in CLINICS) is (part == "clinics")]


def run_here(arguments: list[str], *, whole_run: bool) -> int:
    """Run pytest with our two plugins; its exit status."""
    times, results = GroupTimes(), AcceptanceResults(whole_run=whole_run)
    return int(pytest.main(["-q", *arguments], plugins=[times, results]))


def run_both() -> int:
    """Both runs at once; 0 when both passed."""
    command = [sys.executable, "-m", "tests.run", "--part"]
    with tempfile.TemporaryFile("w+") as said:
        others = subprocess.Popen([*command, "others"], stdout=said, stderr=subprocess.STDOUT)
        try:
            status = subprocess.run([*command, "clinics"]).returncode
            other_status = others.wait()
        finally:
            others.kill()
            others.wait()
        said.seek(0)
        print(said.read(), flush=True)
    return status or other_status


def main(arguments: list[str]) -> int:
    """Run what is named, or all; the exit status, or 1 when the run took far too long."""
    if arguments[:1] == ["--part"]:
        return run_here(folders(arguments[1]), whole_run=arguments[1] == "clinics")
    started = time.monotonic()
    status = run_here(arguments, whole_run=False) if arguments else run_both()
    minutes = (time.monotonic() - started) / 60
    print(f"The tests took {minutes:.1f} minutes.")
    if minutes > WARN_MINUTES:
        print(f"The budget is {WARN_MINUTES} minutes.")
    return 1 if minutes > FAIL_MINUTES else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
