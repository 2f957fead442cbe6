"""What the gates read: one row per fact they decide from."""

from __future__ import annotations

from django.db import models

from pocketward.spine.api import PracticeModel, TransactionNumber


class SnapshotRow(PracticeModel):
    """The published form of a person, device, session, app, ruleset; a deletion is a tombstone.

    `version` grows with each change of the row. `stamp` (SQLite) and `xid` (PostgreSQL) are the cursors of
    the readers.
    """

    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=64)
    version = models.BigIntegerField(default=1)
    deleted = models.BooleanField(default=False)
    body = models.BinaryField(default=b"")
    stamp = models.BigIntegerField(default=0)
    xid = models.BigIntegerField(db_default=TransactionNumber())

    class Meta(PracticeModel.Meta):
        db_table = "access_snapshot_row"
        constraints = (models.UniqueConstraint(fields=["practice", "kind", "key"], name="snapshot_row_once"),)
        indexes = (
            models.Index(fields=["stamp"], name="snapshot_by_stamp"),
            models.Index(fields=["xid"], name="snapshot_by_xid"),
        )


class SnapshotCounter(models.Model):
    """SQLite's change counter: one writer at a time makes it exact (installation row)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.BigIntegerField(default=0)
