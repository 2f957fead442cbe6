"""A fault point does nothing at all unless a test armed exactly it, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from pocketward.kernel import faultpoints

PROGRAM = "from pocketward.kernel.faultpoints import fault_point; fault_point('here'); print('lived')"


def run(file: Path | None) -> subprocess.CompletedProcess[str]:
    """A process that passes the point `here`."""
    environment = {name: value for name, value in os.environ.items() if name != "POCKETWARD_FAULT_FILE"}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    if file is not None:
        environment["POCKETWARD_FAULT_FILE"] = str(file)
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False
    )


def test_no_process_has_fault_points_that_no_test_started() -> None:
    assert faultpoints.FILE is None
    assert run(None).stdout == "lived\n"


def test_the_armed_point_ends_the_first_process_that_comes_by_and_no_other(tmp_path: Path) -> None:
    armed = tmp_path / "point"
    armed.write_text("here\n", encoding="utf-8")
    assert run(armed).returncode == -signal.SIGKILL
    assert not armed.exists()
    assert run(armed).stdout == "lived\n"


def test_another_point_is_passed_by(tmp_path: Path) -> None:
    armed = tmp_path / "point"
    armed.write_text("elsewhere\n", encoding="utf-8")
    assert run(armed).stdout == "lived\n"
    assert armed.exists()
