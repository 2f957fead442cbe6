"""systemd reads our units without a complaint."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy import render

UNITS = Path(render.__file__).parent / "systemd"


def test_the_units_are_well_formed(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/pocketward/.venv/bin/pocketward", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    said = [line for line in checked.stderr.splitlines() if "pocketward" in line]
    assert (checked.returncode, said) == (0, [])


def test_the_service_cannot_write_its_kill_switch() -> None:
    text = (UNITS / "pocketward.service").read_text(encoding="utf-8")
    assert "KILL_SWITCH_FILE=/etc/pocketward/kill-switch" in text
    assert "ProtectSystem=strict" in text
    assert "ReadWritePaths" not in text
