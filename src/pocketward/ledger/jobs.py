"""Background work of the ledger: the sealer, which the worker runs between jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pocketward.ledger.rounds import seal_pending
from pocketward.spine.api import JobSpec


@dataclass(frozen=True, slots=True)
class Round:
    """Work that a worker repeats: what to call, and how often when nothing wakes it."""

    run: Callable[[], int]
    every_seconds: float


SEALER = Round(run=seal_pending, every_seconds=0.25)

JOBS: dict[str, JobSpec] = {}
