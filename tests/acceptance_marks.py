"""Which acceptance rows a run met: a pytest plugin that writes var/acceptance.json.

The file carries a digest of the tree and of what differs from it; a stale file counts as nothing.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "acceptance.json"


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=True).stdout


def tree_digest() -> str:
    """A digest of the committed tree, the changes to it and the untracked files."""
    digest = hashlib.sha256(_git("rev-parse", "HEAD^{tree}") + _git("diff", "HEAD"))
    for name in sorted(_git("ls-files", "--others", "--exclude-standard").decode().splitlines()):
        digest.update(name.encode() + (ROOT / name).read_bytes())
    return digest.hexdigest()


class AcceptanceResults:
    """Collects the outcome of every test marked `acceptance`."""

    def __init__(self, *, whole_run: bool) -> None:
        self.whole_run = whole_run
        self.marks: dict[str, list[tuple[str, str | None]]] = {}
        self.outcomes: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember which test is marked with which rows and parts."""
        for item in items:
            rows = [(mark.args[0], mark.kwargs.get("part")) for mark in item.iter_markers("acceptance")]
            if rows:
                self.marks[item.nodeid] = rows

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Passed only when nothing failed and nothing was skipped."""
        if report.nodeid not in self.marks:
            return
        if report.failed or report.skipped:
            self.outcomes[report.nodeid] = report.outcome
        elif report.when == "call":
            self.outcomes.setdefault(report.nodeid, "passed")

    def pytest_sessionfinish(self, session: Any) -> None:
        """Write the results of a run over the whole marked set."""
        if not self.whole_run:
            return
        rows: dict[str, dict[str, list[str]]] = {}
        for node, marks in self.marks.items():
            for row, part in marks:
                outcome = self.outcomes.get(node, "not run")
                rows.setdefault(row, {}).setdefault(part or "", []).append(outcome)
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"tree": tree_digest(), "rows": rows}, indent=1), encoding="utf-8")
