"""Erasing what an entry said, for ever, without touching any proof."""

from __future__ import annotations

from uuid import UUID

from pocketward.ledger.checking import header_of
from pocketward.ledger.errors import AlreadyRedacted, CannotRedact, NoSuchEntry, NotSealedYet, refuse_reason
from pocketward.ledger.events import EntryRedacted
from pocketward.ledger.models import SealedEntry
from pocketward.spine.api import erase_event_body, record, stored_events, unit_of_work


@unit_of_work
def erase_entry(*, practice_id: UUID, event_id: UUID, reason: str, by: str, by_name: str) -> int:
    """Destroy the record key and the stored bytes of an event; the index of its entry."""
    refuse_reason(reason)
    event = stored_events(practice_id=practice_id, event_ids=[event_id]).get(event_id)
    if event is None:
        raise NoSuchEntry()
    if event.kind == EntryRedacted.kind:
        raise CannotRedact()
    row = SealedEntry.objects.select_for_update().filter(event_id=event_id).defer("key").first()
    if row is None:
        raise NotSealedYet()
    if not event.body:
        raise AlreadyRedacted()
    record(
        EntryRedacted(
            practice_id=practice_id, actor=by, actor_name=by_name, subject=f"event:{event_id}",
            case_ref=event.case_ref, redacted_event=event_id, index=row.index, reason=reason.strip(),
            header=header_of(event),
        )
    )  # fmt: skip
    erase_event_body(practice_id=practice_id, event_id=event_id)
    SealedEntry.objects.filter(event_id=event_id).update(key=None)
    index: int = row.index
    return index
