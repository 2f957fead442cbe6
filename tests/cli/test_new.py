"""`make new`: an entry of each kind, in a copy of the tree, is well formed, found, tested and documented."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pocketward.cli import new

ROOT = Path(__file__).resolve().parents[2]
# Apple's schemas know a command of this name; for the other kinds any name will do.
NAMES = {
    "posture-check": "a_check_with_a_rather_long_name",
    "policy-rule": "a_rule",
    "apple-command": "settings",
    "playbook": "a_playbook_2",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product's own files, somewhere else."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__", "built"))
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copytree(ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="module")
def written(copy: Path) -> list[Path]:
    """The files of one new entry of every kind, in the copy."""
    return [path for kind, name in NAMES.items() for path in new.write_entry(copy, kind, name)]


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """One program over the copy."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POCKETWARD_")}
    return subprocess.run(
        [sys.executable, *command], cwd=copy, capture_output=True, text=True, check=False,
        env=environment | {"PYTHONPATH": f"{copy / 'src'}{os.pathsep}{copy}", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def test_every_catalogue_has_its_kind() -> None:
    assert set(NAMES) == set(new.KINDS)


def test_what_is_written_is_formatted_and_has_no_fault_of_style(copy: Path, written: list[Path]) -> None:
    python = [str(path) for path in written if path.suffix == ".py"]
    for command in (["format", "--check"], ["check"]):
        done = run(copy, "-m", "ruff", *command, *python)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_that_are_written_pass(copy: Path, written: list[Path]) -> None:
    tests = [str(path) for path in written if path.name.startswith("test_")]
    assert len(tests) == len(NAMES)
    done = run(copy, "-m", "pytest", "-q", *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(NAMES)} passed" in done.stdout


def test_the_reference_tells_of_the_new_entries(copy: Path, written: list[Path]) -> None:
    done = run(copy, "-m", "pocketward.cli.reference", "docs/reference")
    assert done.returncode == 0, done.stderr
    told = "".join(path.read_text(encoding="utf-8") for path in (copy / "docs/reference").glob("*.md"))
    for word in ("`a_check_with_a_rather_long_name`", "`a_rule`", "`Settings`", "Say what happened"):
        assert word in told


def test_an_entry_that_exists_is_left_alone(copy: Path, written: list[Path]) -> None:
    before = (copy / "src/pocketward/policy/rules/a_rule.py").read_bytes()
    with pytest.raises(FileExistsError, match=r"a_rule\.py exists already"):
        new.write_entry(copy, "policy-rule", "a_rule")
    assert (copy / "src/pocketward/policy/rules/a_rule.py").read_bytes() == before


@pytest.mark.parametrize(
    "given", [[], ["policy-rule"], ["no-such-kind", "name"], ["policy-rule", "../escape"]]
)
def test_a_wrong_kind_or_name_is_told_what_to_say(
    given: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["new", *given])
    assert new.main() == 2
    assert "make new kind=" in capsys.readouterr().err
