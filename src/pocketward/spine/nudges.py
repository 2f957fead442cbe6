"""A datagram that wakes another process now instead of at its next poll; losing one costs only time."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from django.conf import settings

WORKERS = "worker"
GATES = "gate"


def socket_path(name: str) -> Path:
    """Where processes of this home listen for nudges; `name` may carry a process number."""
    path: Path = settings.POCKETWARD.home / "run" / f"{name}.nudge"
    return path


def _send(prefix: str) -> None:
    folder = settings.POCKETWARD.home / "run"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in folder.glob(f"{prefix}*.nudge"):
            with contextlib.suppress(OSError):
                sender.sendto(b"1", str(path))


def wake_workers() -> None:
    """Tell workers that a job row was committed."""
    _send(WORKERS)


def wake_gates() -> None:
    """Tell gates that the snapshot changed."""
    _send(GATES)
