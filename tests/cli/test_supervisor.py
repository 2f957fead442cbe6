"""The parent of `serve`: it starts its children again, gives up in time, and leaves none behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pocketward.cli import supervisor
from pocketward.cli.supervisor import Supervisor

LONGEST_SECONDS = 40
# Like a child of ours: it says who it is, and ends when the parent's end of its pipe closes.
CHILD = "import os, sys; os.write(1, b'%d\\n' % os.getpid()); os.read(int(sys.argv[-1]), 1)"
PARENT = f"""
import sys
from pocketward.cli.supervisor import Supervisor
one = Supervisor()
one.add("web", "-c", {CHILD!r})
one.add("gate", "-c", {CHILD!r})
sys.exit(one.run())
"""


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """A supervisor takes over two signals; pytest wants them back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_a_child_that_cannot_start_is_tried_three_times_and_then_all_of_it_ends(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "starts"
    watched = Supervisor()
    watched.add("other", "-c", CHILD)
    watched.add("worker", "-c", f"import sys; open({str(note)!r}, 'a').write('x'); sys.exit(3)")
    assert watched.run() == 1
    assert note.read_text(encoding="ascii") == "xxx"
    assert "The worker process failed 3 times in a row, last with status 3" in capfd.readouterr().err
    assert all(child.process is None or child.process.poll() is not None for child in watched.children)


def test_a_child_that_ends_after_a_while_is_started_again_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "QUICK_SECONDS", 0.0)
    note = tmp_path / "starts"
    watched = Supervisor()
    watched.add("worker", "-c", f"open({str(note)!r}, 'a').write('x')")
    until = time.monotonic() + LONGEST_SECONDS

    def enough() -> bool:
        if note.exists() and len(note.read_text(encoding="ascii")) > supervisor.MOST_QUICK_FAILURES + 1:
            watched.stop.set()
        assert time.monotonic() < until, "it is not started again"
        return False

    assert watched.run(enough) == 0


def ended(process_id: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_however_the_parent_ends_its_children_end_too(how: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = [int(parent.stdout.readline()) for _ in range(2)]
    try:
        assert not any(ended(child) for child in children)
        parent.send_signal(how)
        assert parent.wait(LONGEST_SECONDS) == (0 if how is not signal.SIGKILL else -signal.SIGKILL)
        until = time.monotonic() + LONGEST_SECONDS
        while not all(ended(child) for child in children):
            assert time.monotonic() < until, "a child lives on"
            time.sleep(0.02)
    finally:
        parent.stdout.close()
        if parent.poll() is None:
            parent.kill()
            parent.wait()
