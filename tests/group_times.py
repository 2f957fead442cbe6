"""How long each folder of tests took, printed at the end of a run."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest


class GroupTimes:
    """A pytest plugin that adds up the seconds of each top folder."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count set-up, call and tear-down."""
        parts = report.nodeid.split("/")
        self.seconds[parts[1] if len(parts) > 2 else "top"] += report.duration

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One line: the slowest group first."""
        ordered = sorted(self.seconds.items(), key=lambda item: -item[1])
        line = "  ".join(f"{name} {seconds:.0f}s" for name, seconds in ordered if seconds >= 1)
        terminalreporter.write_line(f"Time by group: {line}")
