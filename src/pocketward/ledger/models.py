"""Rows of the ledger. All but the head are written once.

Primary keys are made from what a row is, so that no column here can change without being found.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from django.db import models

from pocketward.spine.api import EncryptedBytes, PlainPracticeModel


def row_id(practice_id: UUID, *parts: object) -> UUID:
    """The key of the row that is this: a name-based UUID in the space of its practice."""
    return uuid5(practice_id, ":".join(str(part) for part in parts))


class LedgerHead(PlainPracticeModel):
    """The one row that a sealer holds: how long the log is, its right edge, its name and its keys."""

    id = models.UUIDField(primary_key=True, editable=False)
    origin = models.CharField(max_length=200)
    public_key = models.BinaryField()
    signing_key = EncryptedBytes()
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")
    # Below this row number (SQLite) or transaction number (PostgreSQL) every event is sealed: only speed.
    low_water = models.BigIntegerField(default=0)

    class Meta(PlainPracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice_id"], name="ledger_head_once"),)


class SealedEntry(PlainPracticeModel):
    """Entry `index` of a practice's log: the leaf's bytes as they were hashed, and the key of its commitment.

    The key is null once the event was redacted.
    """

    event_id = models.UUIDField(primary_key=True, editable=False)
    index = models.BigIntegerField()
    batch = models.BigIntegerField()
    leaf = models.BinaryField()
    key: Any = EncryptedBytes(null=True)

    class Meta(PlainPracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice_id", "index"], name="sealed_entry_index"),)


class Checkpoint(PlainPracticeModel):
    """Checkpoint `number`, signed when the batch of that number was sealed."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.BigIntegerField()
    size = models.BigIntegerField()
    signed_at = models.DateTimeField()
    note = models.BinaryField()

    class Meta(PlainPracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice_id", "number"], name="checkpoint_number"),
            models.UniqueConstraint(fields=["practice_id", "size"], name="checkpoint_size"),
        )


class FullTile(PlainPracticeModel):
    """A tile that will never grow: 256 hashes of level `level`; partial ones are made when asked for."""

    id = models.UUIDField(primary_key=True, editable=False)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta(PlainPracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(fields=["practice_id", "level", "index"], name="full_tile_once"),
        )
