"""Starts and watches the children of `serve`: restarts with back-off, gives up after three quick failures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

QUICK_SECONDS = 10.0
MOST_QUICK_FAILURES = 3


@dataclass
class Child:
    """One watched process; `arguments` follow the interpreter."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    quick_failures: int = 0
    restart_at: float = 0.0


@dataclass
class Supervisor:
    """Keeps children alive until told to stop. Children end when this process's pipe closes."""

    children: list[Child] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    _pipe: tuple[int, int] = field(default_factory=os.pipe)

    def add(self, name: str, *arguments: str) -> None:
        """Watch one more child, started by `run`."""
        self.children.append(Child(name, arguments))

    def start_all(self) -> None:
        """Start what is not running."""
        for child in self.children:
            self._start(child)

    def _start(self, child: Child) -> None:
        reader, writer = self._pipe
        os.set_inheritable(reader, True)
        os.set_inheritable(writer, False)
        child.process = subprocess.Popen(
            [sys.executable, *child.arguments, "--pipe", str(reader)],
            pass_fds=(reader,),
            start_new_session=True,
        )
        child.started_at = time.monotonic()

    def run(self, until_true: Callable[[], bool] = lambda: True) -> int:
        """Watch until stopped; 0 then, 1 when a child failed three times in a row right after its start.

        `until_true` is called between looks at the children until it says True; it must not take long.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        try:
            done = False
            while not self.stop.wait(0.1):
                done = done or until_true()
                for child in self.children:
                    if not self._look_at(child):
                        return 1
            return 0
        finally:
            self.end_all()

    def _look_at(self, child: Child) -> bool:
        if child.process is None:
            if time.monotonic() >= child.restart_at:
                self._start(child)
            return True
        code = child.process.poll()
        if code is None:
            return True
        quick = time.monotonic() - child.started_at < QUICK_SECONDS
        child.quick_failures = child.quick_failures + 1 if quick else 0
        if child.quick_failures >= MOST_QUICK_FAILURES:
            print(
                f"The {child.name} process failed {MOST_QUICK_FAILURES} times in a row, "
                f"last with status {code}; stopping.",
                file=sys.stderr,
            )
            return False
        child.process = None
        child.restart_at = time.monotonic() + 0.2 * 2**child.quick_failures
        return True

    def end_all(self) -> None:
        """Ask the children to end, wait, then make them."""
        os.close(self._pipe[1])
        os.close(self._pipe[0])
        deadline = time.monotonic() + 8.0
        for child in self.children:
            if child.process is not None:
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()


def product_children(supervisor: Supervisor, home: Path, world: str) -> None:
    """The three processes of the product."""
    for role in ("gate", "worker", "web"):
        supervisor.add(role, "-m", "pocketward.cli.child", role, "--home", str(home), "--world", world)
