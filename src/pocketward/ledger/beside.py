"""What lies beside the entries: the head row, rows outside the signed range, checkpoints kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pocketward.ledger import guard, tree
from pocketward.ledger.checking import UNREADABLE
from pocketward.ledger.models import Checkpoint, FullTile, LedgerHead, SealedEntry, row_id
from pocketward.ledger.publishing import KEY_FILE
from pocketward.ledger.records import Fault
from pocketward.ledger.sealing import seals
from pocketward.ledger.witnesses import read_file
from pocketward.protocols import tlog
from pocketward.spine.api import events_after, unsealed_state

MOST = 200


def head_faults(
    head: LedgerHead, computed: tlog.Frontier, signed_root: bytes, home: Path | None
) -> Iterator[Fault]:
    """The head row against the entries, its own keys, and the key file that was published first."""
    if not _head_is_sound(head, computed, signed_root):
        yield Fault(index=None, place="head", sentence="The head row of the ledger was changed.")
    pinned = read_file(guard.folder(head.practice_id, home) / KEY_FILE)
    if pinned is not None and pinned.strip() != tree.verifier_key(head).encode().encode():
        sentence = "The published key of the ledger is not the key in the database."
        yield Fault(index=None, place="head", sentence=sentence)


def _head_is_sound(head: LedgerHead, computed: tlog.Frontier, signed_root: bytes) -> bool:
    try:
        frontier = tlog.Frontier.decode(head.size, bytes(head.frontier))
    except tlog.TlogError:
        return False
    return (
        head.id == row_id(head.practice_id, "head")
        and frontier.root() in (computed.root(), signed_root)
        and signs_as_itself(head)
    )


def signs_as_itself(head: LedgerHead) -> bool:
    """Whether the stored signing key can be opened and belongs to the public key."""
    try:
        key = LedgerHead.objects.filter(pk=head.pk).values_list("signing_key", flat=True).first()
        public = Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
    except (TypeError, *UNREADABLE):
        return False
    return public == bytes(head.public_key)


def kept_faults(head: LedgerHead, kept: bytes | None, against: bytes | None) -> Iterator[Fault]:
    """Checkpoints that are kept outside the database must belong to its history.

    `kept` was read before `head`: a note that is read later may be of entries sealed since.
    """
    for note in (kept, against):
        if note is not None and (wrong := guard.misfit(note, head)):
            yield Fault(index=None, place="checkpoint", sentence=wrong)


def rows_outside(practice_id: UUID, size: int) -> Iterator[Fault]:
    """Rows that no signed checkpoint covers.

    The end of the log is read last, so that a sealer at work is not accused.
    """
    entries = SealedEntry.objects.filter(practice_id=practice_id).exclude(index__range=(0, size - 1))
    indexes = sorted(entries.values_list("index", flat=True)[:MOST])
    notes = Checkpoint.objects.filter(practice_id=practice_id).exclude(size__range=(1, size))
    sizes = sorted(notes.values_list("size", flat=True)[:MOST])
    tiles = sorted(FullTile.objects.filter(practice_id=practice_id).values_list("level", "index", "id"))
    head = tree.head_of(practice_id)
    end = head.size if head is not None else 0
    for index in indexes:
        if not 0 <= index < end:
            yield Fault(index=index, place="entry", sentence=f"Entry {index} lies outside the signed ledger.")
    for other in sizes:
        if not 0 < other <= end:
            sentence = f"A checkpoint of {other} entries was put in."
            yield Fault(index=min(max(other, 0), end), place="checkpoint", sentence=sentence)
    for level, index, key in tiles:
        complete = 0 <= index < end // tlog.TILE_WIDTH ** (level + 1)
        if not complete or key != row_id(practice_id, "tile", level, index):
            first = max(index, 0) * tlog.TILE_WIDTH ** (level + 1)
            sentence = f"Tile {level}/{index} was put in or moved."
            yield Fault(index=min(first, end), place="tile", sentence=sentence)


def unsealed(practice_id: UUID, head: LedgerHead | None) -> tuple[int, tuple[Fault, ...]]:
    """How many events wait for their seal, and the fault of one that hides where no sealer looks."""
    mark = head.low_water if head is not None else 0
    waiting, hidden = unsealed_state(practice_id=practice_id, sealed=seals(), low_water=mark)
    if hidden is None:
        return waiting, ()
    later = SealedEntry.objects.filter(event_id__in=events_after(practice_id=practice_id, seq=hidden.seq))
    index = later.order_by("index").values_list("index", flat=True).first()
    sentence = f"Event {hidden.event_id} was put in among sealed ones."
    return waiting, (Fault(index=index, place="event", sentence=sentence),)
