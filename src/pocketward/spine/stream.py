"""Reading events back: for timelines and read models, never for decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from pocketward.spine.errors import ScopeChanged
from pocketward.spine.models import EventRow
from pocketward.spine.scope import required_scope


def event_bodies(
    *,
    practice_id: UUID,
    kinds: Sequence[str] = (),
    subject: str = "",
    case_ref: str = "",
    after_seq: int = 0,
    since: datetime | None = None,
    limit: int = 500,
) -> Iterator[dict[str, Any]]:
    """Events of a practice in the order they were recorded, as mappings with `seq` added; the first `limit`.

    Filters are joined by and; `since` is about when they occurred; a redacted event has only its header.
    """
    rows = EventRow.objects.filter(practice_id=practice_id, seq__gt=after_seq).order_by("seq")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if subject:
        rows = rows.filter(subject=subject)
    if case_ref:
        rows = rows.filter(case_ref=case_ref)
    if since is not None:
        rows = rows.filter(occurred_at__gte=since)
    for row in rows[:limit]:
        body: dict[str, Any] = msgspec.json.decode(bytes(row.body)) if row.body else {"redacted": True}
        header = {"kind": row.kind, "event_id": str(row.event_id), "subject": row.subject, "actor": row.actor}
        yield header | body | {"seq": row.seq}


def last_event_seq(*, practice_id: UUID) -> int:
    """The newest event's row number, 0 when there is none.

    Written as SQL: an idle device message does little else, and composing this query took four times as
    long as running it. The scope's wall is kept by hand; on PostgreSQL the database's own stands behind it.
    """
    if practice_id not in required_scope():
        raise ScopeChanged("This practice is not in scope.")
    key = EventRow._meta.get_field("practice_id").get_db_prep_value(practice_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq FROM spine_event WHERE practice_id = %s ORDER BY xid DESC, seq DESC LIMIT 1", [key]
        )
        newest = cursor.fetchone()
    return int(newest[0]) if newest else 0
