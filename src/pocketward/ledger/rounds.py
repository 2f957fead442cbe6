"""One round of the sealer: seal, keep the checkpoint, publish, per practice; one bad log stops no other."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError

from pocketward.kernel.crypto import SealBroken
from pocketward.kernel.errors import PocketwardError
from pocketward.ledger import guard
from pocketward.ledger.models import LedgerHead
from pocketward.ledger.publishing import publish
from pocketward.ledger.sealing import BATCH, seal_batch, seals
from pocketward.spine.api import (
    close_task,
    open_task,
    practice_scope,
    practices_with_keys,
    practices_with_unsealed,
)

log = logging.getLogger(__name__)

PUBLISH_SECONDS = 10.0
REST_SECONDS = 30.0
TASK = "ledger:sealing"


class _Memory:
    """What this process knows of each log; losing it costs a little work, never an entry."""

    def __init__(self) -> None:
        self.published: dict[UUID, tuple[int, float]] = {}
        self.resting: dict[UUID, float] = {}

    def rests(self, practice_id: UUID) -> bool:
        return self.resting.get(practice_id, 0.0) > time.monotonic()

    def publish_due(self, practice_id: UUID, size: int) -> bool:
        """Whether the log grew since its files were written, and the last time is long enough ago."""
        known, moment = self.published.get(practice_id, (-1, 0.0))
        return size > known and (known < 0 or time.monotonic() - moment >= PUBLISH_SECONDS)


_memory = _Memory()


def seal_pending(*, practice_id: UUID | None = None, limit: int = BATCH) -> int:
    """Seal what waits, of one practice or of all, at most `limit` events each; how many entries were made.

    Enters the scopes it needs. A practice whose log cannot go on gets an operator task and a rest of 30 s;
    the others go on.
    """
    practices = practices_with_keys() if practice_id is None else (practice_id,)
    practices = tuple(item for item in practices if not _memory.rests(item))
    if not practices:
        return 0
    heads, waiting = _look(practices)
    sealed = 0
    for item in practices:
        if item in waiting or _memory.publish_due(item, heads.get(item, 0)):
            with practice_scope(item):
                sealed += _one_practice(item, limit, heads.get(item, 0))
    return sealed


def _look(practices: Sequence[UUID]) -> tuple[dict[UUID, int], set[UUID]]:
    """Sizes of the logs, and which have something to seal: two plain reads for all practices."""
    with practice_scope(*practices):
        rows = tuple(LedgerHead.objects.values_list("practice_id", "size", "low_water"))
        marks = dict.fromkeys(practices, 0) | {practice_id: mark for practice_id, _, mark in rows}
        waiting = practices_with_unsealed(low_water=marks, sealed=seals())
    return {practice_id: size for practice_id, size, _ in rows}, set(waiting)


def _one_practice(practice_id: UUID, limit: int, size: int) -> int:
    try:
        batch = seal_batch(practice_id=practice_id, limit=limit)
        if batch is not None:
            guard.remember(practice_id, batch.note, batch.size, batch.key)
            size = batch.size
        if _memory.publish_due(practice_id, size):
            _memory.published[practice_id] = (publish(practice_id=practice_id), time.monotonic())
    except IntegrityError:
        # Another sealer took these events first; the unique keys kept ours out.
        log.info("another sealer was faster in practice %s", practice_id)
        return 0
    except (PocketwardError, SealBroken, OSError, ValueError) as error:
        _rest(practice_id, error)
        return 0
    if practice_id in _memory.resting:
        del _memory.resting[practice_id]
        close_task(practice_id, TASK)
    return batch.sealed if batch is not None else 0


def _rest(practice_id: UUID, error: Exception) -> None:
    log.exception("the log of practice %s cannot go on", practice_id)
    _memory.resting[practice_id] = time.monotonic() + REST_SECONDS
    sentence = (
        error.sentence
        if isinstance(error, PocketwardError)
        else f"The sealer failed: {type(error).__name__}."
    )
    open_task(practice_id, TASK, f"Facts are kept and not sealed. {sentence}")


def forget() -> None:
    """Drop what this process remembers (tests, restore)."""
    _memory.published.clear()
    _memory.resting.clear()
    guard.forget()
