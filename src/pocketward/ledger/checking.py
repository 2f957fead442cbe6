"""Is one entry what was sealed? Row, leaf, commitment and event, compared with each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pocketward.kernel.canonical import plain
from pocketward.kernel.crypto import SealBroken
from pocketward.ledger.events import EntryRedacted
from pocketward.ledger.models import SealedEntry
from pocketward.protocols import tlog
from pocketward.spine.api import SpineError, StoredEvent, matching_events, stored_events

CHUNK = 500
# What an altered encrypted column may raise: its practice, its length or its seal no longer fits.
UNREADABLE = (SealBroken, SpineError, ValueError, IndexError)
# The part of an event that stays when its content is erased.
HEADER = ("seq", "event_id", "kind", "version", "occurred_at", "actor", "subject", "case_ref")


@dataclass(frozen=True, slots=True)
class Row:
    """An entry's row as stored; `key` is None once redacted, `key_broken` when it cannot be decrypted."""

    index: int
    event_id: UUID
    batch: int
    leaf: bytes
    key: bytes | None
    key_broken: bool = False


def rows_in_order(practice_id: UUID, size: int) -> Iterator[tuple[int, Row | None, StoredEvent | None]]:
    """Entry 0 to `size` - 1, each with its row and its event, or None where one is missing."""
    for first in range(0, size, CHUNK):
        end = min(first + CHUNK, size)
        rows = {row.index: row for row in _rows(practice_id, first, end)}
        events = stored_events(practice_id=practice_id, event_ids=[row.event_id for row in rows.values()])
        for index in range(first, end):
            row = rows.get(index)
            yield index, row, events.get(row.event_id) if row is not None else None


def _rows(practice_id: UUID, first: int, end: int) -> list[Row]:
    found = SealedEntry.objects.filter(practice_id=practice_id, index__gte=first, index__lt=end)
    names = ("index", "event_id", "batch", "leaf", "key")
    try:
        rows = list(found.values_list(*names))
    except UNREADABLE:
        # One stored key was altered: read the rest, then each key by itself.
        rows = list(found.values_list(*names[:4]))
        return [_with_key(Row(index, event, batch, bytes(leaf), None)) for index, event, batch, leaf in rows]
    return [Row(index, event, batch, bytes(leaf), key) for index, event, batch, leaf, key in rows]


def _with_key(row: Row) -> Row:
    try:
        key = SealedEntry.objects.values_list("key", flat=True).get(event_id=row.event_id)
    except UNREADABLE:
        return Row(row.index, row.event_id, row.batch, row.leaf, None, True)
    return Row(row.index, row.event_id, row.batch, row.leaf, key)


def header_of(event: StoredEvent) -> dict[str, Any]:
    """What stays readable of an event after its content is erased, as plain JSON values."""
    header: dict[str, Any] = plain({name: getattr(event, name) for name in HEADER})
    return header


def redactions(practice_id: UUID) -> dict[str, Mapping[str, Any]]:
    """The header that each erasure recorded, by the id of the erased event; unreadable ones are left out."""
    kind = matching_events(practice_id=practice_id, kinds=(EntryRedacted.kind,))
    found: dict[str, Mapping[str, Any]] = {}
    for event in stored_events(practice_id=practice_id, event_ids=kind).values():
        try:
            body = json.loads(event.body)
            found.setdefault(str(body["redacted_event"]), dict(body["header"]))
        except (ValueError, TypeError, KeyError):
            # Its own entry is reported; what it erased is then without a record.
            continue
    return found


def entry_fault(
    practice_id: UUID,
    index: int,
    row: Row,
    event: StoredEvent | None,
    erased: Mapping[str, Mapping[str, Any]],
) -> tuple[str, str] | None:
    """(place, sentence) of the first thing wrong with an entry; None when it is what was sealed."""
    try:
        leaf = tlog.parse_leaf(row.leaf)
    except tlog.LeafError:
        return "entry", f"The sealed bytes of entry {index} were changed."
    if (leaf.log, leaf.index, leaf.event) != (practice_id, index, row.event_id):
        return "entry", f"Entry {index} is not the one that was sealed here."
    if event is None:
        return "event", f"The event of entry {index} is missing."
    if (leaf.seq, leaf.kind, leaf.time) != (event.seq, event.kind, event.occurred_at):
        return "event", f"The event of entry {index} was changed or moved."
    if not event.body:
        return _redaction_fault(index, row, event, erased)
    if row.key_broken or row.key is None:
        return "entry", f"The record key of entry {index} was changed or removed."
    if not tlog.matches(leaf.commitment, row.key, event.body):
        return "event", f"The content of entry {index} is not what was sealed."
    if not _header_fits(practice_id, event):
        return "event", f"The columns of the event of entry {index} differ from its content."
    return None


def _redaction_fault(
    index: int, row: Row, event: StoredEvent, erased: Mapping[str, Mapping[str, Any]]
) -> tuple[str, str] | None:
    kept = erased.get(str(event.event_id))
    if kept is None:
        return "event", f"The content of entry {index} is gone, and no erasure is recorded."
    if row.key is not None or row.key_broken:
        return "entry", f"Entry {index} was erased, and its record key is still there."
    if dict(kept) != header_of(event):
        return "event", f"What stayed of the erased entry {index} was changed."
    return None


def _header_fits(practice_id: UUID, event: StoredEvent) -> bool:
    """Whether the columns that lists and filters read say what the sealed bytes say."""
    try:
        body = json.loads(event.body)
    except ValueError:
        return False
    columns = header_of(event) | {"practice_id": str(practice_id)}
    del columns["seq"]
    return all(body.get(name) == value for name, value in columns.items())
