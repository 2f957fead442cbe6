"""Facts: frozen records that become append-only rows, handled before commit or as jobs after it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pocketward.kernel import clock
from pocketward.kernel.canonical import canonical_json
from pocketward.kernel.ids import uuid7
from pocketward.spine import reactions
from pocketward.spine.models import EventRow
from pocketward.spine.unit import current_unit


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a practice.

    `kind` is `package.verb_past`; `actor` is `member:<uuid>`, `device:<uuid>`, `account:<uuid>`,
    `system:<name>` or `anonymous:<network digest>`; `subject` names the thing it is about; no ePHI.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1

    practice_id: UUID
    actor: str
    actor_name: str = ""
    subject: str = ""
    case_ref: str = ""
    event_id: UUID = field(default_factory=uuid7)
    occurred_at: datetime = field(default_factory=clock.now)

    def as_record(self) -> dict[str, Any]:
        """The whole event as a mapping, header and body; the form that is sealed."""
        record = {item.name: getattr(self, item.name) for item in fields(self)}
        return record | {"kind": self.kind, "version": self.version}


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
