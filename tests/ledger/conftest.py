"""Facts to seal, and a sealer that remembers nothing of the test before."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from pocketward.ledger import guard, rounds
from pocketward.practice.records import PracticeRecord
from pocketward.spine.api import Event, record, unit_of_work


@dataclass(frozen=True, kw_only=True)
class Rang(Event):
    """A bell rang."""

    kind = "test.rang"
    bell: str


@pytest.fixture(autouse=True)
def fresh_memory(home: Path) -> Iterator[None]:
    """No kept checkpoints, no published files, nothing remembered."""
    rounds.forget()
    yield
    rounds.forget()
    shutil.rmtree(home / "ledger", ignore_errors=True)


@pytest.fixture
def ring(practice: PracticeRecord) -> Callable[..., UUID]:
    """Record that a bell rang; the event's id."""

    def make(bell: str = "door", *, by: str = "system:test", name: str = "", subject: str = "") -> UUID:
        fact = Rang(practice_id=practice.id, actor=by, actor_name=name, subject=subject, bell=bell)
        return unit_of_work(record)(fact)

    return make


@pytest.fixture
def ledger_folder(practice: PracticeRecord) -> Path:
    """Where the practice's files lie."""
    return guard.folder(practice.id)
