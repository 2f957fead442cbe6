"""A file is there whole or not at all, whoever dies meanwhile and however many make it at once."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pocketward.kernel.durable import make_file, put_file

# Dies the moment that its bytes are to be on disk, where a half-made file would be left.
DIES = """
import os, signal, sys
from pathlib import Path
from pocketward.kernel import durable
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
getattr(durable, sys.argv[1])(Path(sys.argv[2]), b"new")
"""


def die_while(verb: str, path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", DIES, verb, str(path)], env=environment, timeout=60)
    assert done.returncode == -signal.SIGKILL


def test_a_death_leaves_no_file_and_the_next_start_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    die_while("make_file", path)
    assert not path.exists()
    assert make_file(path, b"second")
    assert path.read_bytes() == b"second"


def test_a_death_leaves_the_older_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "last-checkpoint"
    put_file(path, b"old")
    die_while("put_file", path)
    assert path.read_bytes() == b"old"
    put_file(path, b"new")
    assert path.read_bytes() == b"new"


def test_of_many_makers_at_once_one_wins_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "proxy.secret"
    with ThreadPoolExecutor(8) as pool:
        ours = list(pool.map(lambda number: make_file(path, b"%d" % number * 64), range(8)))
    (winner,) = [number for number, is_ours in enumerate(ours) if is_ours]
    assert path.read_bytes() == b"%d" % winner * 64
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("verb", [put_file, make_file])
def test_only_its_owner_may_read_it(tmp_path: Path, verb: object) -> None:
    path = tmp_path / "keys" / "session.key"
    verb(path, b"secret")  # type: ignore[operator]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
