"""Files of the lab that are there whole, the older or the newer, also when the lab is killed while it writes.

The lab may not import the product's own `kernel.durable` (import contract "lab-protocols").
"""

from __future__ import annotations

import os
from pathlib import Path


def put_whole(path: Path, content: bytes) -> None:
    """Write the file in place of an older one; mode 0600, for there are keys in it."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def set_aside(path: Path) -> Path:
    """Move a file that cannot be read out of the way, for people to look at; where it went."""
    aside = path.with_name(f"{path.name}.damaged")
    path.replace(aside)
    return aside
