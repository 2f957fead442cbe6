"""Ends processes of a running clinic by SIGKILL: at named points, or by their role."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pocketward.cli.supervisor import MOST_QUICK_FAILURES, QUICK_SECONDS
from tests.journeys.conftest import Clinic, wait_for

ROLES = ("web", "gate", "worker")
REACH_SECONDS = 45.0


def children(parent: int) -> dict[str, int]:
    """The product's own processes below this one: role -> process id; without those that have died."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    found: dict[str, int] = {}
    for text in listed:
        role = role_of(int(text))
        if role:
            found[role] = int(text)
    return found


def role_of(process: int) -> str:
    """The role of a living child; empty for any other process."""
    if not is_running(process):
        return ""
    words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return words[words.index("pocketward.cli.child") + 1] if "pocketward.cli.child" in words else ""


def is_running(process: int) -> bool:
    """Whether it exists and is no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")


@dataclass
class Killer:
    """Kills children of one clinic and remembers how often each died soon after its start."""

    clinic: Clinic
    file: Path
    kills: list[tuple[str, str]] = field(default_factory=list)
    _quick: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROLES, 0))
    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def look(self) -> dict[str, int]:
        """The children that run now; notes when each was first seen."""
        found = children(self.clinic.process.pid)
        for role, process in found.items():
            if self._seen.get(role, (0, 0.0))[0] != process:
                self._seen[role] = (process, time.monotonic())
        return found

    def rest(self, deaths: int) -> None:
        """Wait until this many deaths of any one child cannot look like a failing start."""
        for role in ROLES:
            while self._quick[role] + deaths >= MOST_QUICK_FAILURES and self._age(role) < QUICK_SECONDS + 0.5:
                time.sleep(0.1)

    def _age(self, role: str) -> float:
        self.look()
        return time.monotonic() - self._seen.get(role, (0, time.monotonic()))[1]

    def _died(self, point: str) -> None:
        before = dict(self._seen)
        gone = wait_for(
            lambda: [role for role in ROLES if role in before and not is_running(before[role][0])],
            f"a child to die at {point}",
        )
        for role in gone:
            quick = time.monotonic() - before[role][1] < QUICK_SECONDS
            self._quick[role] = self._quick[role] + 1 if quick else 0
            self.kills.append((role, point))
        wait_for(lambda: set(ROLES) <= set(self.look()), f"the {gone[0]} process to be back")

    def kill(self, role: str) -> None:
        """End this child wherever it is."""
        self.rest(1)
        process = wait_for(lambda: self.look().get(role), f"the {role} process")
        os.kill(process, signal.SIGKILL)
        self._died("wherever it was")

    @contextmanager
    def at(self, *points: str) -> Iterator[None]:
        """Within, whoever reaches the first point dies there, then whoever reaches the second, and so on.

        Leaves when all were reached; fails with the one that was not.
        """
        wait_for(lambda: set(ROLES) <= set(self.look()), "all processes to run")
        self.rest(len(points))
        self._arm(points[0])
        failures: list[BaseException] = []
        thread = threading.Thread(target=_catch, args=(lambda: self._follow(points), failures))
        thread.start()
        try:
            yield
        finally:
            thread.join()
        if failures:
            raise failures[0]

    def _follow(self, points: Sequence[str]) -> None:
        for number, point in enumerate(points):
            hit = self.file.with_suffix(".hit")
            wait_for(hit.exists, f"the point {point} to be reached", REACH_SECONDS)
            if number + 1 < len(points):
                self._arm(points[number + 1])
            self._died(point)

    def _arm(self, point: str) -> None:
        self.file.with_suffix(".hit").unlink(missing_ok=True)
        written = self.file.with_suffix(".new")
        written.write_text(point, encoding="utf-8")
        written.rename(self.file)

    def disarm(self) -> bool:
        """Take the armed point back; False when it was reached already."""
        try:
            self.file.unlink()
        except FileNotFoundError:
            return False
        return True


def _catch(work: Callable[[], None], failures: list[BaseException]) -> None:
    try:
        work()
    except BaseException as error:
        failures.append(error)
