"""Children of a test's own process, which end by themselves."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable


def fork(work: Callable[[], None], end_seconds: int) -> int:
    """Run `work` in a child that ends after so many seconds at the latest; its process id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        signal.alarm(end_seconds)
        work()
        status = 0
    finally:
        os._exit(status)
