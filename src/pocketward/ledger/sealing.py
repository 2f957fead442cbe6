"""The sealer: gives unsealed events the next numbers, in a transaction that holds the practice's head row."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import models
from django.db.models import OuterRef

from pocketward.kernel import clock
from pocketward.kernel.crypto import random_key
from pocketward.ledger import guard, tree
from pocketward.ledger.errors import LedgerError
from pocketward.ledger.models import Checkpoint, LedgerHead, SealedEntry, row_id
from pocketward.protocols import tlog
from pocketward.spine.api import StoredEvent, unit_of_work, unsealed_events

BATCH = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """What one pass sealed: how many entries, and the checkpoint that now covers them."""

    sealed: int
    size: int
    note: bytes
    key: tlog.VerifierKey


def seals() -> models.QuerySet[SealedEntry]:
    """The entry that seals an outer event, for anti-joins."""
    rows: models.QuerySet[SealedEntry] = SealedEntry.objects.filter(
        practice_id=OuterRef("practice_id"), event_id=OuterRef("event_id")
    )
    return rows


@unit_of_work
def seal_batch(*, practice_id: UUID, limit: int = BATCH) -> Batch | None:
    """Seal up to `limit` events of a practice, in its scope; None when none is waiting.

    Raises ForkRefused when a newer or other history is known. A second sealer waits for the head row, or
    fails on a unique key and has then done nothing.
    """
    head = _held_head(practice_id)
    events, low_water = unsealed_events(
        practice_id=practice_id, sealed=seals(), low_water=head.low_water, limit=limit
    )
    if not events:
        return None
    guard.check(head)
    return _append(head, events, low_water)


def _held_head(practice_id: UUID) -> LedgerHead:
    """The head row, held until commit; made on first use."""
    row: LedgerHead | None = LedgerHead.objects.select_for_update().filter(practice_id=practice_id).first()
    if row is not None:
        return row
    key = Ed25519PrivateKey.generate()
    host = urlsplit(settings.POCKETWARD.people_url).hostname or "localhost"
    made: LedgerHead = LedgerHead.objects.create(
        id=row_id(practice_id, "head"),
        practice_id=practice_id,
        origin=f"{host}/ledger/{practice_id}",
        public_key=key.public_key().public_bytes_raw(),
        signing_key=key.private_bytes_raw(),
    )
    return made


def _append(head: LedgerHead, events: tuple[StoredEvent, ...], low_water: int) -> Batch:
    number = _next_number(head)
    rows = [_entry(head, number, at, event) for at, event in enumerate(events, head.size)]
    SealedEntry.objects.bulk_create(rows)
    before = tlog.Frontier.decode(head.size, bytes(head.frontier))
    after = before.extended(tlog.leaf_hash(bytes(row.leaf)) for row in rows)
    tree.finish_tiles(head.practice_id, before.size, after.size)
    note = _sign(head, number, after)
    moved = LedgerHead.objects.filter(pk=head.pk, size=before.size).update(
        size=after.size, frontier=after.encode(), low_water=low_water
    )
    if not moved:
        raise LedgerError("Another sealer was faster.")
    return Batch(len(rows), after.size, note, tree.verifier_key(head))


def _next_number(head: LedgerHead) -> int:
    last = tree.newest_checkpoint(head.practice_id)
    return 0 if last is None else last.number + 1


def _entry(head: LedgerHead, number: int, index: int, event: StoredEvent) -> SealedEntry:
    key = random_key()
    leaf = tlog.Leaf(
        log=head.practice_id, index=index, event=event.event_id, seq=event.seq, kind=event.kind,
        time=event.occurred_at, commitment=tlog.commit(key, event.body),
    )  # fmt: skip
    return SealedEntry(
        event_id=event.event_id, practice_id=head.practice_id, index=index, batch=number, leaf=leaf.encode(),
        key=key,
    )  # fmt: skip


def _sign(head: LedgerHead, number: int, frontier: tlog.Frontier) -> bytes:
    moment = clock.now().replace(microsecond=0)
    note = tlog.sign_checkpoint(
        tlog.Checkpoint(head.origin, frontier.size, frontier.root()),
        Ed25519PrivateKey.from_private_bytes(head.signing_key),
        int(moment.timestamp()),
    )
    Checkpoint.objects.create(
        id=row_id(head.practice_id, "checkpoint", number),
        practice_id=head.practice_id,
        number=number,
        size=frontier.size,
        signed_at=moment,
        note=note,
    )
    return note
