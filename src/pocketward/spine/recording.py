"""Facts become append-only rows, handled before commit or as jobs after it."""

from __future__ import annotations

from uuid import UUID

from pocketward.kernel.canonical import canonical_json
from pocketward.spine import reactions
from pocketward.spine.events import Event
from pocketward.spine.models import EventRow
from pocketward.spine.unit import current_unit


def record(event: Event) -> UUID:
    """Add a fact to the open unit of work and queue its reactions; the event's id.

    Raises OutsideUnitOfWork when no unit of work is open.
    """
    unit = current_unit()
    EventRow.objects.bulk_create(
        [
            EventRow(
                event_id=event.event_id,
                practice_id=event.practice_id,
                kind=event.kind,
                version=event.version,
                occurred_at=event.occurred_at,
                actor=event.actor,
                subject=event.subject,
                case_ref=event.case_ref,
                body=canonical_json(event.as_record()),
            )
        ]
    )
    reactions.queue_jobs(unit, event)
    unit.waiting.append(event)
    unit.kinds.append(event.kind)
    return event.event_id
