"""One server for one home, a demo that begins anew, and the commands on a home that is not there."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pocketward.cli.main import main
from pocketward.cli.running import LOCK, move_aside, running
from pocketward.cli.start import CannotRun

DEMO = 'clock_offset_file = "/nowhere/clock-offset"\n'
REAL = 'people_url = "https://phones.example.org"\n'
# Holds the home as `serve` does, with a child that outlives it.
HOLDER = """
import subprocess, sys, time
from pathlib import Path
from pocketward.cli.running import running
with running(Path(sys.argv[1])):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
    print(child.pid, flush=True)
    time.sleep(60)
"""


def a_home(place: Path, settings: str, word: str = "first") -> Path:
    (place / "keys").mkdir(parents=True)
    (place / "pocketward.toml").write_text(settings, encoding="utf-8")
    (place / "word").write_text(word, encoding="utf-8")
    return place


@contextmanager
def held_elsewhere(home: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that runs on this home, and the child it has."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(home)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    try:
        yield holder, child
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
        os.kill(child, signal.SIGKILL)


def names(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*")}


@pytest.mark.parametrize("verb", [["demo"], ["demo", "--fresh"], ["demo", "--without-lab"], ["serve"]])
def test_a_second_server_on_a_home_says_one_sentence_and_starts_nothing(
    verb: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = a_home(tmp_path / "home", DEMO)
    with held_elsewhere(home) as (holder, _):
        before = names(tmp_path)
        assert main([*verb, "--home", str(home)]) == 1
        said = capfd.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        assert f"{home} (process {holder.pid})" in said.err
        assert "--home" in said.err
        assert names(tmp_path) == before


def test_a_killed_server_frees_its_home_though_a_child_lives_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with held_elsewhere(home) as (holder, child):
        with pytest.raises(CannotRun), running(home):
            pass
        holder.kill()
        holder.wait()
        os.kill(child, 0)
        with running(home):
            assert (home / LOCK).read_text(encoding="ascii") == f"{os.getpid()}\n"


def test_a_fresh_demo_moves_the_last_one_aside_in_place_of_an_older_one(tmp_path: Path) -> None:
    home = a_home(tmp_path / "demo", DEMO, "newer")
    before = a_home(tmp_path / "demo.before", DEMO, "older")
    with running(home):
        assert move_aside(home) == before
        assert not home.exists()
        assert (before / "word").read_text(encoding="utf-8") == "newer"
        with (before / LOCK).open("rb") as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with running(home):
            assert move_aside(home) is None


@pytest.mark.parametrize("real", ["demo", "demo.before"])
def test_a_fresh_demo_touches_no_real_home(
    real: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = a_home(tmp_path / "demo", REAL if real == "demo" else DEMO)
    a_home(tmp_path / "demo.before", REAL if real == "demo.before" else DEMO, "older")
    assert main(["demo", "--fresh", "--home", str(home)]) == 1
    assert f"{tmp_path / real} is not the home of a demo" in capfd.readouterr().err
    assert (home / "word").read_text(encoding="utf-8") == "first"
    assert (tmp_path / "demo.before" / "word").read_text(encoding="utf-8") == "older"


@pytest.mark.parametrize("settings", [None, REAL])
def test_the_clock_moves_only_where_a_demo_is(
    settings: str | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home" if settings is None else a_home(tmp_path / "home", settings)
    assert main(["demo", "clock", "5", "--home", str(home)]) == 1
    assert capfd.readouterr().err == f"There is no demo at {home}; say which home: --home DIR.\n"
    assert not (home / "clock-offset").exists()


def test_the_clock_of_a_demo_moves(tmp_path: Path) -> None:
    home = a_home(tmp_path / "home", DEMO)
    assert main(["demo", "clock", "5", "--home", str(home)]) == 0
    assert (home / "clock-offset").read_text(encoding="ascii") == "5\n"


def test_a_feed_is_imported_into_a_demo_as_into_a_real_practice(tmp_path: Path) -> None:
    home = a_home(tmp_path / "home", DEMO + '[push]\nhost = "localhost"\n')
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("POCKETWARD", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, "-m", "pocketward.cli.main", "feeds", "import", "no-such-feed", "--home", str(home)],
        capture_output=True, text=True, timeout=120, env=kept,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "no-such-feed cannot be read: No such file or directory.\n")
