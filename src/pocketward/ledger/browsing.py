"""Reading the ledger for pages: lists with filters, one entry with its proof, the newest checkpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from pocketward.ledger import tree
from pocketward.ledger.checking import UNREADABLE
from pocketward.ledger.errors import LedgerError, NoSuchEntry
from pocketward.ledger.models import LedgerHead, SealedEntry
from pocketward.ledger.records import Entry, EntryProof, SignedHead
from pocketward.protocols import tlog
from pocketward.spine.api import StoredEvent, matching_events, stored_events

LARGEST_PAGE = 500


def list_entries(
    practice_id: UUID,
    *,
    kinds: Sequence[str],
    subject: str,
    actor: str,
    case_ref: str,
    text: str,
    before_index: int | None,
    limit: int,
) -> tuple[Entry, ...]:
    """Entries that fit every filter, newest first."""
    rows = SealedEntry.objects.filter(practice_id=practice_id)
    if kinds or subject or actor or case_ref or text:
        wanted = matching_events(
            practice_id=practice_id, kinds=kinds, subject=subject, actor=actor, case_ref=case_ref, text=text
        )
        rows = rows.filter(event_id__in=wanted)
    if before_index is not None:
        rows = rows.filter(index__lt=before_index)
    page = rows.order_by("-index").values_list("index", "event_id")[: max(1, min(limit, LARGEST_PAGE))]
    return _entries(practice_id, tuple(page))


def _entries(practice_id: UUID, page: tuple[tuple[int, UUID], ...]) -> tuple[Entry, ...]:
    events = stored_events(practice_id=practice_id, event_ids=[event_id for _, event_id in page])
    return tuple(_entry(index, events[event_id]) for index, event_id in page if event_id in events)


def _entry(index: int, event: StoredEvent) -> Entry:
    body = json.loads(event.body) if event.body else None
    return Entry(
        index=index,
        event_id=event.event_id,
        kind=event.kind,
        occurred_at=event.occurred_at,
        actor=event.actor,
        actor_name=str(body.get("actor_name", "")) if body is not None else "",
        subject=event.subject,
        case_ref=event.case_ref,
        body=body,
        redacted=body is None,
    )


def signed_head(practice_id: UUID) -> SignedHead | None:
    """The newest checkpoint, or None before the first entry is sealed."""
    head, row = tree.head_of(practice_id), tree.newest_checkpoint(practice_id)
    if head is None or row is None:
        return None
    signed = tlog.open_checkpoint(bytes(row.note), tree.verifier_key(head))
    return SignedHead(
        origin=head.origin,
        number=row.number,
        size=signed.checkpoint.size,
        root=signed.checkpoint.root,
        signed_at=row.signed_at,
        note=bytes(row.note),
        verifier_key=tree.verifier_key(head).encode(),
    )


def prove(practice_id: UUID, index: int) -> EntryProof:
    """Entry `index` with its proof under the newest checkpoint; NoSuchEntry."""
    head = tree.head_of(practice_id)
    signed = signed_head(practice_id)
    row = SealedEntry.objects.filter(practice_id=practice_id, index=index).defer("key").first()
    if head is None or signed is None or row is None or index >= signed.size:
        raise NoSuchEntry()
    event = stored_events(practice_id=practice_id, event_ids=[row.event_id]).get(row.event_id)
    if event is None:
        raise LedgerError(
            f"The event of entry {index} is missing.",
            advice="Run `pocketward ledger verify` and keep its output.",
        )
    return _proof(head, signed, row, event)


def _proof(head: LedgerHead, signed: SignedHead, row: SealedEntry, event: StoredEvent) -> EntryProof:
    leaf, key = bytes(row.leaf), record_key(row.event_id)
    path = tlog.inclusion_proof(row.index, signed.size, tree.subtrees(head.practice_id, signed.size))
    proof_file = tlog.ProofFile(row.index, path, signed.note).encode()
    return EntryProof(
        entry=_entry(row.index, event),
        leaf=leaf,
        leaf_hash=tlog.leaf_hash(leaf),
        size=signed.size,
        proof=path,
        checkpoint=signed.note,
        verifier_key=signed.verifier_key,
        proof_file=proof_file,
        event=event.body or None,
        record_key=key,
        holds=_holds(proof_file, leaf, tree.verifier_key(head), event, key),
    )


def record_key(event_id: UUID) -> bytes | None:
    """The key that opens an entry's commitment; None once redacted, or when it was damaged."""
    try:
        key: bytes | None = SealedEntry.objects.values_list("key", flat=True).get(event_id=event_id)
    except UNREADABLE:
        return None
    return key


def _holds(
    proof_file: bytes, leaf: bytes, verifier: tlog.VerifierKey, event: StoredEvent, key: bytes | None
) -> bool:
    """Whether the proof leads to the signed root and, unless erased, the event is what was committed to."""
    try:
        tlog.verify_proof_file(proof_file, leaf, verifier)
        record = tlog.parse_leaf(leaf)
    except tlog.TlogError:
        return False
    if record.event != event.event_id:
        return False
    return not event.body if key is None else tlog.matches(record.commitment, key, event.body)
