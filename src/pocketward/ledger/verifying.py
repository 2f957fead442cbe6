"""Checks a whole ledger: events against leaves, leaves against the tree, the tree against signed checkpoints.

Roots alone would miss an edited event, so every stored event is hashed again. One pass, in order, in little
memory; a fault found while others write is looked at a second time before it is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pocketward.kernel.crypto import SealBroken
from pocketward.ledger import guard, tree
from pocketward.ledger.checking import Row, entry_fault, redactions, rows_in_order
from pocketward.ledger.models import Checkpoint, FullTile, LedgerHead, SealedEntry, row_id
from pocketward.ledger.publishing import KEY_FILE
from pocketward.ledger.records import Fault, VerifyReport
from pocketward.ledger.sealing import seals
from pocketward.protocols import tlog
from pocketward.spine.api import events_after, unsealed_state

MOST_FAULTS = 200
PAGE = 500


def verify_ledger(practice_id: UUID, home: Path | None = None, against: bytes | None = None) -> VerifyReport:
    """The report of a whole ledger; looks twice when something seems wrong."""
    report = _Pass(practice_id, home, against).run()
    return report if report.ok else _Pass(practice_id, home, against).run()


class _Pass:
    """One walk over all entries of one practice."""

    def __init__(self, practice_id: UUID, home: Path | None, against: bytes | None) -> None:
        self.practice_id, self.home, self.against = practice_id, home, against
        self.faults: list[Fault] = []
        self.redacted: list[int] = []
        self.frontier = tlog.Frontier()
        self.fresh: list[bytes] = []
        self.checkpoints = 0
        self.newest: Checkpoint | None = None
        self.signed_root = b""
        self.tree_fault: tuple[int, int] | None = None

    def run(self) -> VerifyReport:
        """Walk, then compare what is beside the entries."""
        head = tree.head_of(self.practice_id)
        if head is not None:
            self._walk(head)
            self._check_head(head)
        self._check_extra()
        waiting = self._check_unsealed(head)
        if head is not None:
            self._check_kept(head)
        self._name_tree_fault()
        return VerifyReport(
            practice_id=self.practice_id,
            origin=head.origin if head is not None else "",
            size=self.frontier.size,
            root=self.frontier.root().hex(),
            checkpoints=self.checkpoints,
            signed_at=self.newest.signed_at if self.newest is not None else None,
            waiting=waiting,
            redacted=tuple(self.redacted),
            faults=tuple(self.faults[:MOST_FAULTS]),
        )

    def _fault(self, index: int | None, place: str, sentence: str) -> None:
        self.faults.append(Fault(index=index, place=place, sentence=sentence))

    def _walk(self, head: LedgerHead) -> None:
        """Every entry in order, and each checkpoint when its last entry is reached."""
        erased = redactions(self.practice_id)
        checkpoints = _checkpoints(self.practice_id, head.size)
        current, start, missing = next(checkpoints, None), 0, set[int]()
        missing |= self._missing_before(current, 0, 0)
        tiles = _Tiles(self.practice_id)
        for index, row, event in rows_in_order(self.practice_id, head.size):
            if row is None:
                self._fault(index, "entry", f"Entry {index} is missing.")
            elif wrong := entry_fault(self.practice_id, index, row, event, erased):
                self._fault(index, *wrong)
            elif event is not None and not event.body:
                self.redacted.append(index)
            self._check_batch(row, index, current, missing)
            digest = tlog.leaf_hash(row.leaf) if row is not None else bytes(32)
            self.fresh.append(digest)
            self.faults.extend(tiles.add(digest))
            if current is not None and index + 1 == current.size:
                self._check_checkpoint(head, current, start)
                start, number = current.size, current.number
                current = next(checkpoints, None)
                missing |= self._missing_before(current, number + 1, start)
        self._extend()
        if start < head.size:
            self._fault(start, "checkpoint", f"No signed checkpoint covers the entries from {start}.")

    def _extend(self) -> None:
        self.frontier = self.frontier.extended(self.fresh)
        self.fresh = []

    def _missing_before(self, current: Checkpoint | None, expected: int, start: int) -> set[int]:
        if current is None or current.number == expected:
            return set()
        self._fault(start, "checkpoint", f"Checkpoint {expected} is missing.")
        return set(range(expected, current.number))

    def _check_batch(
        self, row: Row | None, index: int, current: Checkpoint | None, missing: set[int]
    ) -> None:
        if row is None or current is None or row.batch == current.number or row.batch in missing:
            return
        self._fault(index, "entry", f"Entry {index} says it belongs to checkpoint {row.batch}.")

    def _check_checkpoint(self, head: LedgerHead, row: Checkpoint, start: int) -> None:
        self._extend()
        self.checkpoints += 1
        self.newest = row
        try:
            signed = tlog.open_checkpoint(bytes(row.note), tree.verifier_key(head))
        except tlog.TlogError as error:
            self._fault(start, "checkpoint", f"Checkpoint {row.number}: {error.sentence}")
            return
        fits = (
            row.id == row_id(self.practice_id, "checkpoint", row.number),
            signed.checkpoint.size == row.size,
            signed.signed_at == row.signed_at.timestamp(),
        )
        self.signed_root = signed.checkpoint.root
        if not all(fits):
            self._fault(start, "checkpoint", f"The row of checkpoint {row.number} was changed.")
        elif signed.checkpoint.root != self.frontier.root() and self.tree_fault is None:
            self.tree_fault = (start, row.size)

    def _check_head(self, head: LedgerHead) -> None:
        sound = head.id == row_id(self.practice_id, "head")
        try:
            frontier = tlog.Frontier.decode(head.size, bytes(head.frontier))
            key = LedgerHead.objects.filter(pk=head.pk).values_list("signing_key", flat=True).first()
            sound &= frontier.root() in (self.frontier.root(), self.signed_root)
            sound &= key is not None and _public(key) == bytes(head.public_key)
        except (tlog.TlogError, SealBroken, ValueError):
            sound = False
        pinned = _read(guard.folder(self.practice_id, self.home) / KEY_FILE)
        if pinned is not None and pinned.decode(errors="replace").strip() != tree.verifier_key(head).encode():
            sound = False
        if not sound:
            self._fault(None, "head", "The head row of the ledger was changed.")

    def _check_extra(self) -> None:
        """Rows behind the signed end. The end is read last, so that a sealer at work is not accused."""
        size = self.frontier.size
        outside = SealedEntry.objects.filter(practice_id=self.practice_id).exclude(index__range=(0, size - 1))
        entries = sorted(outside.values_list("index", flat=True)[:MOST_FAULTS])
        ahead = Checkpoint.objects.filter(practice_id=self.practice_id).exclude(size__range=(1, size))
        notes = sorted(ahead.values_list("size", flat=True)[:MOST_FAULTS])
        tiles = sorted(
            FullTile.objects.filter(practice_id=self.practice_id).values_list("level", "index", "id")
        )
        head = tree.head_of(self.practice_id)
        end = head.size if head is not None else 0
        for index in entries:
            if not 0 <= index < end:
                self._fault(index, "entry", f"Entry {index} lies outside the signed ledger.")
        for other in notes:
            if not 0 < other <= end:
                self._fault(
                    min(max(other, 0), end), "checkpoint", f"A checkpoint of {other} entries was put in."
                )
        for level, index, key in tiles:
            known = 0 <= index < end >> (8 * (level + 1)) and key == row_id(
                self.practice_id, "tile", level, index
            )
            if not known:
                self._fault(None, "tile", f"Tile {level}/{index} was put in or moved.")

    def _check_unsealed(self, head: LedgerHead | None) -> int:
        """Events without a seal: waiting is fine, below the mark is not."""
        waiting, hidden = unsealed_state(
            practice_id=self.practice_id, sealed=seals(), low_water=head.low_water if head is not None else 0
        )
        if hidden is not None:
            later = SealedEntry.objects.filter(
                event_id__in=events_after(practice_id=self.practice_id, seq=hidden.seq)
            )
            index = later.order_by("index").values_list("index", flat=True).first()
            self._fault(index, "event", f"Event {hidden.seq} was put in among sealed ones.")
        return waiting

    def _check_kept(self, head: LedgerHead) -> None:
        """The checkpoints that are kept elsewhere, and the published files."""
        for note in (guard.read_last(self.practice_id, self.home), self.against):
            if note is not None and (wrong := guard.misfit(note, head)):
                self._fault(None, "checkpoint", wrong)
        self.faults.extend(_file_faults(self.practice_id, head, self.home))

    def _name_tree_fault(self) -> None:
        """A wrong root says only which batch was changed; another fault inside it says which entry."""
        if self.tree_fault is None:
            return
        first, end = self.tree_fault
        inside = [item.index for item in self.faults if item.index is not None and first <= item.index < end]
        index = min(inside, default=first)
        self._fault(index, "tree", f"The entries from {index} on do not lead to the root that was signed.")


class _Tiles:
    """Compares stored full tiles with the leaves that pass by."""

    def __init__(self, practice_id: UUID) -> None:
        self.practice_id = practice_id
        self.levels: list[list[bytes]] = []
        self.done: list[int] = []

    def add(self, digest: bytes, level: int = 0) -> list[Fault]:
        """Take the next hash of a level; faults when it completes a tile that is stored otherwise."""
        if level == len(self.levels):
            self.levels.append([])
            self.done.append(0)
        hashes = self.levels[level]
        hashes.append(digest)
        if len(hashes) < tlog.TILE_WIDTH:
            return []
        index, self.levels[level] = self.done[level], []
        self.done[level] += 1
        faults = self._compare(level, index, hashes)
        return faults + self.add(tlog.tree_root(hashes), level + 1)

    def _compare(self, level: int, index: int, hashes: list[bytes]) -> list[Fault]:
        rows = FullTile.objects.filter(practice_id=self.practice_id, level=level, index=index)
        stored = rows.values_list("hashes", flat=True).first()
        kept = bytes(stored) if stored is not None else b""
        if kept == b"".join(hashes):
            return []
        first = next((at for at, item in enumerate(hashes) if kept[32 * at : 32 * at + 32] != item), 0)
        entry = (index * tlog.TILE_WIDTH + first) * tlog.TILE_WIDTH**level
        return [Fault(index=entry, place="tile", sentence=f"Tile {level}/{index} differs from the entries.")]


def _checkpoints(practice_id: UUID, size: int) -> Iterator[Checkpoint]:
    after = None
    while True:
        rows = Checkpoint.objects.filter(practice_id=practice_id, size__range=(1, size)).order_by("size")
        page = list((rows if after is None else rows.filter(size__gt=after))[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].size


def _public(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _file_faults(practice_id: UUID, head: LedgerHead, home: Path | None) -> Iterator[Fault]:
    """Published files that differ from the rows; missing ones are written by the next pass of the sealer."""
    base = guard.folder(practice_id, home)
    note = _read(base / tlog.CHECKPOINT_PATH)
    if note is None:
        return
    if wrong := guard.misfit(note, head):
        yield Fault(index=None, place="file", sentence=wrong)
        return
    size = tlog.open_checkpoint(note, tree.verifier_key(head)).checkpoint.size
    for tile in tlog.tiles_of(size):
        start = tile.index * tlog.TILE_WIDTH ** (tile.level + 1)
        data = _read(base / tile.path)
        if data is not None and data != tree.tile_bytes(practice_id, tile):
            yield Fault(index=start, place="file", sentence=f"The published file {tile.path} was changed.")
        bundle = _read(base / tile.entries_path) if tile.level == 0 else None
        if bundle is not None:
            index = _first_difference(bundle, tree.leaves(practice_id, start, start + tile.width))
            if index is not None:
                sentence = f"The published file {tile.entries_path} differs from the rows."
                yield Fault(index=start + index, place="file", sentence=sentence)


def _first_difference(data: bytes, leaves: list[bytes]) -> int | None:
    try:
        published = tlog.split_entries(data)
    except tlog.TileError:
        return 0
    if list(published) == leaves:
        return None
    pairs = enumerate(zip(published, leaves, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(published), len(leaves)))
