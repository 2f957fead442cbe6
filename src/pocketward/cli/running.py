"""One server for one home: a lock that the running parent holds, and that its death frees."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pocketward.cli.start import CannotRun, is_demo

LOCK = Path("run") / "running.lock"


@contextmanager
def running(home: Path) -> Iterator[None]:
    """Be the only server of this home. CannotRun: another one runs, and nothing was started.

    The kernel frees the lock when this process dies, however it dies: the handle closes on exec, so no
    child keeps it. The file holds the process number, only to be told to people.
    """
    path = home / LOCK
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            number = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
            raise CannotRun(
                f"Pocketward runs already on {home} (process {number}): stop that one with Ctrl-C or "
                f"`kill {number}`, or choose another folder with --home DIR."
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode("ascii"))
        yield
    finally:
        os.close(handle)


def move_aside(home: Path) -> Path | None:
    """Move a demo's home to `<home>.before`, in place of an older one; where it went. None: nothing is there.

    The caller holds `running(home)`, and goes on holding it at the new place. CannotRun: this home is not a
    demo's, and stays as it is.
    """
    if not any((home / name).exists() for name in ("pocketward.toml", "keys", "db")):
        return None
    before = home.with_name(home.name + ".before")
    for place in (home, before):
        if place.exists() and not is_demo(place):
            raise CannotRun(f"{place} is not the home of a demo, so --fresh leaves it alone.")
    if before.exists():
        shutil.rmtree(before)
    home.rename(before)
    return before
