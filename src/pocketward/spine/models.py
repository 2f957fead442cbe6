"""Rows of the ground: events, jobs, keys, evidence, operator tasks."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.kernel.ids import uuid7
from pocketward.spine.rows import PlainPracticeModel


class TransactionNumber(models.Func):
    """PostgreSQL's 64-bit transaction number of the inserting transaction; 0 on SQLite."""

    output_field = models.BigIntegerField()
    arity = 0

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """`0`: SQLite has one writer, so its row numbers are commit order already."""
        return "0", ()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """The number as bigint."""
        return "(pg_current_xact_id()::text::bigint)", ()


class EventRow(PlainPracticeModel):
    """One fact. Written once; `body` holds the canonical bytes that the ledger seals."""

    seq = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField()
    kind = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    occurred_at = models.DateTimeField()
    actor = models.CharField(max_length=100)
    subject = models.CharField(max_length=100, blank=True)
    case_ref = models.CharField(max_length=40, blank=True)
    body = models.BinaryField()
    xid = models.BigIntegerField(db_default=TransactionNumber())

    class Meta(PlainPracticeModel.Meta):
        db_table = "spine_event"
        constraints = (models.UniqueConstraint(fields=["practice_id", "event_id"], name="event_once"),)
        indexes = (
            models.Index(fields=["practice_id", "subject", "seq"], name="event_by_subject"),
            models.Index(fields=["practice_id", "case_ref", "seq"], name="event_by_case"),
            # The sealer's look-up on PostgreSQL, four times a second.
            models.Index(fields=["practice_id", "xid", "seq"], name="event_by_transaction"),
        )


class Job(PlainPracticeModel):
    """Work to do after commit: a nudge, never the truth."""

    READY, LEASED, DONE, DEAD = "ready", "leased", "done", "dead"
    OPEN = (READY, LEASED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    event_id = models.UUIDField(null=True)
    state = models.CharField(max_length=8, default=READY)
    attempt = models.PositiveSmallIntegerField(default=0)
    # Due on the product's clock, so that a demo's moved clock reaches the jobs of its future ...
    not_before = models.DateTimeField()
    # ... leased on the machine's clock, since other processes do not move.
    leased_until = models.DateTimeField(null=True)
    key = models.CharField(max_length=120, null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    class Meta(PlainPracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice_id", "key"], condition=Q(state__in=("ready", "leased")), name="job_key_open"
            ),
        )
        indexes = (
            models.Index(fields=["not_before"], condition=Q(state="ready"), name="job_due"),
            models.Index(fields=["leased_until"], condition=Q(state="leased"), name="job_leases"),
        )


class PracticeKey(models.Model):
    """A practice's key, wrapped by the master key, and its data key, wrapped by the practice's key."""

    practice_id = models.UUIDField()
    generation = models.PositiveSmallIntegerField(default=1)
    wrapped_practice_key = models.BinaryField()
    wrapped_data_key = models.BinaryField()
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["practice_id", "generation"], name="practice_key_once"),
        )


class Evidence(PlainPracticeModel):
    """Kept bytes by their digest, encrypted; small ones in the row, large ones in the evidence folder."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=80)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    case_ref = models.CharField(max_length=40, blank=True)
    sealed = models.BinaryField(null=True)
    kept_at = models.DateTimeField(default=clock.now)

    class Meta(PlainPracticeModel.Meta):
        constraints = (models.UniqueConstraint(fields=["practice_id", "digest"], name="evidence_once"),)


class OperatorTask(PlainPracticeModel):
    """Something the people who run the server must look at."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=120)
    sentence = models.CharField(max_length=300)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta(PlainPracticeModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["practice_id", "key"], condition=Q(closed_at=None), name="operator_task_open"
            ),
        )
