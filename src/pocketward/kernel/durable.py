"""Files that are there whole or not at all, and stay after a crash: their bytes first, then their names."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def put_file(path: Path, data: bytes) -> None:
    """Write the file, over an older one if there is one; mode 0600, folders 0700."""
    scratch = _scratch(path, data)
    scratch.replace(path)
    sync_folder(path.parent)


def make_file(path: Path, data: bytes) -> bool:
    """Write the file unless there is one; whether it is ours. Of several makers at once one wins."""
    scratch = _scratch(path, data)
    try:
        path.hardlink_to(scratch)
    except FileExistsError:
        return False
    finally:
        scratch.unlink()
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Have the names in this folder on disk: of a new file its fsync keeps only what is in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _scratch(path: Path, data: bytes) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return scratch
