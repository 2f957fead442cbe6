"""Checks a whole ledger: events against leaves, leaves against the tree, the tree against signed checkpoints.

Roots alone would miss an edited event, so every stored event is hashed again. One pass, in order, in little
memory; a fault found while others write is looked at a second time before it is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from pocketward.ledger import beside, guard, tree
from pocketward.ledger.checking import Row, entry_fault, redactions, rows_in_order
from pocketward.ledger.models import Checkpoint, LedgerHead, row_id
from pocketward.ledger.records import Fault, VerifyReport
from pocketward.ledger.witnesses import Doubt, Witnesses, read_published
from pocketward.protocols import tlog

MOST_FAULTS = 200
PAGE = 500


def verify_ledger(practice_id: UUID, home: Path | None = None, against: bytes | None = None) -> VerifyReport:
    """The report of a whole ledger; looks twice when something seems wrong."""
    report = _look(practice_id, home, against)
    return report if report.ok else _look(practice_id, home, against)


def _look(practice_id: UUID, home: Path | None, against: bytes | None) -> VerifyReport:
    # A note is written after the rows it signs, so notes are read first: a sealer at work is not accused.
    kept, published = guard.read_last(practice_id, home), read_published(practice_id, home)
    head = tree.head_of(practice_id)
    walk = Walk(practice_id)
    if head is not None:
        walk.all_entries(head, Witnesses(head, published, home))
        walk.faults.extend(beside.head_faults(head, walk.frontier, walk.signed_root, home))
        walk.faults.extend(beside.kept_faults(head, kept, against))
    walk.faults.extend(beside.rows_outside(practice_id, walk.frontier.size))
    waiting, hidden = beside.unsealed(practice_id, head)
    walk.faults.extend(hidden)
    return VerifyReport(
        practice_id=practice_id,
        origin=head.origin if head is not None else "",
        size=walk.frontier.size,
        root=walk.frontier.root().hex(),
        checkpoints=walk.checkpoints,
        signed_at=walk.newest.signed_at if walk.newest is not None else None,
        waiting=waiting,
        redacted=tuple(walk.redacted),
        faults=tuple(walk.all_faults()[:MOST_FAULTS]),
    )


class Walk:
    """One walk over all entries of one practice, in order."""

    def __init__(self, practice_id: UUID) -> None:
        self.practice_id = practice_id
        self.faults: list[Fault] = []
        self.doubts: list[Doubt] = []
        self.redacted: list[int] = []
        self.frontier = tlog.Frontier()
        self.signed_root = b""
        self.checkpoints = 0
        self.newest: Checkpoint | None = None
        self._fresh: list[bytes] = []
        self._missing: set[int] = set()
        self._root_lost = False

    def all_faults(self) -> list[Fault]:
        """What was found; a doubt about many entries names the first that another fault confirms."""
        faults = list(self.faults)
        for doubt in sorted(self.doubts, key=lambda item: item.end - item.first):
            inside = [item.index for item in faults if item.index is not None]
            index = min((at for at in inside if doubt.first <= at < doubt.end), default=doubt.first)
            faults.append(Fault(index=index, place=doubt.place, sentence=doubt.sentence))
        return faults

    def all_entries(self, head: LedgerHead, witnesses: Witnesses) -> None:
        """Every entry, and each checkpoint when its last entry is reached."""
        if witnesses.file_fault:
            self._fault(None, "file", witnesses.file_fault)
        erased = redactions(self.practice_id)
        waiting = _checkpoints(self.practice_id, head.size)
        start, number, current = 0, 0, next(waiting, None)
        self._note_missing(current, number, start)
        for index, row, event in rows_in_order(self.practice_id, head.size):
            if row is None:
                self._fault(index, "entry", f"Entry {index} is missing.")
            elif wrong := entry_fault(self.practice_id, index, row, event, erased):
                self._fault(index, *wrong)
            elif event is not None and not event.body:
                self.redacted.append(index)
            self._check_batch(row, index, current)
            self._take_leaf(row, witnesses)
            if current is not None and index + 1 == current.size:
                self._check_checkpoint(head, current, start)
                start, number, current = current.size, current.number + 1, next(waiting, None)
                self._note_missing(current, number, start)
        self._extend()
        if start < head.size:
            self._fault(start, "checkpoint", f"No signed checkpoint covers the entries from {start}.")

    def _fault(self, index: int | None, place: str, sentence: str) -> None:
        self.faults.append(Fault(index=index, place=place, sentence=sentence))

    def _take_leaf(self, row: Row | None, witnesses: Witnesses) -> None:
        leaf = row.leaf if row is not None else b""
        # A missing entry has no hash; zeros keep the places of those after it.
        digest = tlog.leaf_hash(leaf) if row is not None else bytes(32)
        self._fresh.append(digest)
        self.doubts.extend(witnesses.add(leaf, digest))

    def _extend(self) -> None:
        self.frontier = self.frontier.extended(self._fresh)
        self._fresh = []

    def _note_missing(self, current: Checkpoint | None, expected: int, start: int) -> None:
        if current is not None and current.number != expected:
            self._fault(start, "checkpoint", f"Checkpoint {expected} is missing.")
            self._missing |= set(range(expected, current.number))

    def _check_batch(self, row: Row | None, index: int, current: Checkpoint | None) -> None:
        if row is None or current is None or row.batch == current.number or row.batch in self._missing:
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
        self.signed_root = signed.checkpoint.root
        if not _fits_its_row(signed, row):
            self._fault(start, "checkpoint", f"The row of checkpoint {row.number} was changed.")
        elif self.signed_root != self.frontier.root() and not self._root_lost:
            # Every later root differs too; the first says where it began.
            self._root_lost = True
            sentence = f"Entries {start} to {row.size - 1} do not lead to the root that was signed."
            self.doubts.append(Doubt(start, row.size, "tree", sentence))


def _fits_its_row(signed: tlog.SignedCheckpoint, row: Checkpoint) -> bool:
    return (
        row.id == row_id(row.practice_id, "checkpoint", row.number)
        and signed.checkpoint.size == row.size
        and signed.signed_at == row.signed_at.timestamp()
    )


def _checkpoints(practice_id: UUID, size: int) -> Iterator[Checkpoint]:
    """Signed checkpoints of at most `size` entries, smallest first."""
    after = 0
    while True:
        rows = Checkpoint.objects.filter(practice_id=practice_id, size__gt=after, size__lte=size)
        page = list(rows.order_by("size")[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].size
