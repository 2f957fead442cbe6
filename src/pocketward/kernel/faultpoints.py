"""Named points at which a test may end this process the hard way; nothing at all unless one is armed.

`POCKETWARD_FAULT_FILE` names a file with one line, the point. Whichever process reaches it first takes the
file away and dies by SIGKILL, so that the restarted process runs on. Points: `before-commit:<event kind>`,
`after-commit:<event kind>`, `job-claimed:<job kind>`, `job-done:<job kind>`.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

_given = os.environ.get("POCKETWARD_FAULT_FILE", "")
# Where the armed point is written; None in every process that no test started.
FILE: Path | None = Path(_given) if _given else None


def fault_point(name: str) -> None:
    """Die here if this is the armed point."""
    if FILE is None:
        return
    try:
        armed = FILE.read_text(encoding="utf-8").strip()
        if armed != name:
            return
        FILE.rename(FILE.with_suffix(".hit"))
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
