"""What the ledger needs of the event rows: those not sealed yet, losing none, and their stored bytes.

On SQLite row numbers are commit order. On PostgreSQL no number is: a row with a small one may commit late. So
there the unsealed rows are found by looking for the seal (anti-join); the transaction number below which all
is known to be sealed only makes that look-up short.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Exists, Q

from pocketward.spine.models import EventRow


class SnapshotFloor(models.Func):
    """PostgreSQL: the oldest transaction still open when this statement began; 0 on SQLite."""

    output_field = models.BigIntegerField()
    arity = 0
    # Where row numbers are commit order it is not needed.
    template = "0"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """The number as bigint."""
        floor = "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
        return self.as_sql(compiler, connection, template=floor, **extra)


class LowWater(models.Func):
    """PostgreSQL: the mark `low`, or 0 when this cluster has not given out so high a transaction number.

    Then the mark is from before a dump was restored here; it means nothing, and every row is looked at.
    """

    output_field = models.BigIntegerField()
    arity = 0
    template = (
        "(CASE WHEN %(low)d > pg_snapshot_xmin(pg_current_snapshot())::text::bigint THEN 0 ELSE %(low)d END)"
    )


class BodyText(models.Func):
    """The stored bytes as text, for searching."""

    output_field = models.TextField()
    template = "CAST(%(expressions)s AS TEXT)"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """PostgreSQL decodes; what it decodes it would compare as ASCII, unless told otherwise."""
        decoded = "(convert_from(%(expressions)s, 'UTF8') COLLATE \"default\")"
        return self.as_sql(compiler, connection, template=decoded, **extra)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event row as it is stored; `body` is empty when it was redacted."""

    seq: int
    event_id: UUID
    kind: str
    version: int
    occurred_at: datetime
    actor: str
    subject: str
    case_ref: str
    body: bytes


def _stored(row: EventRow) -> StoredEvent:
    # Somebody who edits the file by hand may leave text where bytes were; it must be judged, not crash us.
    stored: object = row.body
    body = stored.encode() if isinstance(stored, str) else bytes(row.body)
    return StoredEvent(
        row.seq, row.event_id, row.kind, row.version, row.occurred_at, row.actor, row.subject, row.case_ref,
        body,
    )  # fmt: skip


def _at_or_above(low_water: int) -> Q:
    """Rows not yet known to be sealed."""
    if connection.vendor != "postgresql":
        return Q(seq__gte=low_water)
    return Q(xid__gte=LowWater(low=low_water))


def unsealed_events(
    *, practice_id: UUID, sealed: models.QuerySet[Any], low_water: int, limit: int
) -> tuple[tuple[StoredEvent, ...], int]:
    """Committed, visible events that have no seal, by row number, and the low-water mark to keep.

    `sealed` is the ledger's rows that fit an outer event (OuterRef practice_id and event_id).
    """
    rows = list(
        EventRow.objects.filter(_at_or_above(low_water), ~Exists(sealed), practice_id=practice_id)
        .annotate(floor=SnapshotFloor())
        .order_by("seq")[:limit]
    )
    if not rows:
        return (), low_water
    if connection.vendor != "postgresql":
        return tuple(_stored(row) for row in rows), rows[-1].seq + 1
    return tuple(_stored(row) for row in rows), rows[0].floor if len(rows) < limit else low_water


def practices_with_unsealed(
    *, low_water: Mapping[UUID, int], sealed: models.QuerySet[Any], limit: int = 1000
) -> tuple[UUID, ...]:
    """Which of these practices, all in scope, have events without a seal; one plain read for all of them."""
    if not low_water:
        return ()
    anywhere = Q()
    for practice_id, mark in low_water.items():
        anywhere |= Q(practice_id=practice_id) & _at_or_above(mark)
    rows = EventRow.objects.filter(anywhere, ~Exists(sealed)).order_by()
    return tuple(sorted(set(rows.values_list("practice_id", flat=True)[:limit])))


def unsealed_state(
    *, practice_id: UUID, sealed: models.QuerySet[Any], low_water: int
) -> tuple[int, StoredEvent | None]:
    """How many events wait for their seal, and the first that lies below the mark, where no sealer looks.

    No event is ever recorded there; such a row was put in by other means.
    """
    rows = EventRow.objects.filter(~Exists(sealed), practice_id=practice_id)
    below = rows.exclude(_at_or_above(low_water)).order_by("seq").first()
    return rows.filter(_at_or_above(low_water)).count(), _stored(below) if below is not None else None


def events_after(*, practice_id: UUID, seq: int) -> Any:
    """A sub-query of the ids of events with a larger row number."""
    return EventRow.objects.filter(practice_id=practice_id, seq__gt=seq).values("event_id")


def stored_events(*, practice_id: UUID, event_ids: Any) -> dict[UUID, StoredEvent]:
    """These events of a practice, by id; missing ones are left out. Takes ids or a sub-query of them."""
    rows = EventRow.objects.filter(practice_id=practice_id, event_id__in=event_ids)
    return {row.event_id: _stored(row) for row in rows}


def matching_events(
    *,
    practice_id: UUID,
    kinds: Sequence[str] = (),
    subject: str = "",
    actor: str = "",
    case_ref: str = "",
    text: str = "",
) -> Any:
    """A sub-query of event ids; a kind that ends in a dot matches as a prefix; filters are joined by and."""
    rows = EventRow.objects.filter(practice_id=practice_id)
    if kinds:
        wanted = Q(kind__in=[kind for kind in kinds if not kind.endswith(".")])
        for prefix in (kind for kind in kinds if kind.endswith(".")):
            wanted |= Q(kind__startswith=prefix)
        rows = rows.filter(wanted)
    for name, value in (("subject", subject), ("actor", actor), ("case_ref", case_ref)):
        if value:
            rows = rows.filter(**{name: value})
    if text:
        rows = rows.annotate(words=BodyText("body")).filter(words__icontains=text)
    return rows.values("event_id")


def erase_event_body(*, practice_id: UUID, event_id: UUID) -> None:
    """Empty the stored bytes of an event for ever; its header stays. For the ledger's redaction alone."""
    EventRow.objects.filter(practice_id=practice_id, event_id=event_id).update(body=b"")
