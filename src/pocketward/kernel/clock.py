"""The product's clock: real time, moved only by a demo world's offset file.

`now` is what policies, deadlines and pages read. `true_now` is never moved: leases, TLS certificates of
our own listeners and rate limits read it, because sockets and other programs do not move with a demo.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path

_frozen: ContextVar[datetime | None] = ContextVar("pocketward_frozen_clock", default=None)


class _Offset:
    """The offset file of a demo world, re-read whenever its modification time changes."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.stamp: tuple[int, int] = (-1, -1)
        self.delta = timedelta(0)

    def read(self) -> timedelta:
        if self.path is None:
            return timedelta(0)
        try:
            stat = os.stat(self.path)
        except FileNotFoundError:
            return self.delta
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp != self.stamp:
            self.delta = timedelta(seconds=int(self.path.read_text(encoding="ascii").strip() or "0"))
            self.stamp = stamp
        return self.delta


_offset = _Offset()


def set_offset_file(path: Path | None) -> None:
    """Read the product clock's offset, in whole seconds, from this file (demo worlds only)."""
    _offset.path, _offset.stamp, _offset.delta = path, (-1, -1), timedelta(0)


def write_offset(path: Path, seconds: int) -> None:
    """Set a demo world's clock offset, in seconds; every process sees it at its next reading."""
    scratch = path.with_suffix(".new")
    scratch.write_text(f"{seconds}\n", encoding="ascii")
    scratch.replace(path)


def now() -> datetime:
    """The product's time: aware, UTC."""
    moment = _frozen.get()
    return moment if moment is not None else true_now() + _offset.read()


def true_now() -> datetime:
    """The machine's time: aware, UTC, never moved."""
    return datetime.now(UTC)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold `now` at one aware moment within this context; for tests."""
    if moment.tzinfo is None:
        raise ValueError("a frozen clock needs an aware datetime")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
