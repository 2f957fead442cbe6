"""What else remembers the leaves: stored full tiles and published files, compared as the entries pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from pocketward.ledger import guard, tree
from pocketward.ledger.models import FullTile, LedgerHead
from pocketward.protocols import tlog


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something is wrong with one of the entries from `first` up to, not including, `end`."""

    first: int
    end: int
    place: str
    sentence: str


class Witnesses:
    """Takes every leaf in order and tells what the stored tiles and published files say otherwise.

    `published` is the published checkpoint, read before `head` was.
    """

    def __init__(self, head: LedgerHead, published: bytes | None, home: Path | None) -> None:
        self.practice_id = head.practice_id
        self.base = guard.folder(head.practice_id, home)
        self.published, self.file_fault = _covered(published, head)
        self.leaves: list[bytes] = []
        self.levels: list[list[bytes]] = [[]]
        self.done: list[int] = [0]
        self.size = 0

    def add(self, leaf: bytes, digest: bytes) -> Iterator[Doubt]:
        """Take the next leaf and its hash."""
        self.leaves.append(leaf)
        self.size += 1
        yield from self._add_hash(digest, 0)
        if self.size == self.published:
            yield from self._compare_partial_files()
        if len(self.leaves) == tlog.TILE_WIDTH:
            self.leaves = []

    def _add_hash(self, digest: bytes, level: int) -> Iterator[Doubt]:
        if level == len(self.levels):
            self.levels.append([])
            self.done.append(0)
        hashes = self.levels[level]
        hashes.append(digest)
        if len(hashes) == tlog.TILE_WIDTH:
            tile = tlog.Tile(level, self.done[level])
            yield from self._compare_row(tile, hashes)
            yield from self._compare_files(tile, hashes)
            self.levels[level] = []
            self.done[level] += 1
            yield from self._add_hash(tlog.tree_root(hashes), level + 1)

    def _compare_row(self, tile: tlog.Tile, hashes: list[bytes]) -> Iterator[Doubt]:
        rows = FullTile.objects.filter(practice_id=self.practice_id, level=tile.level, index=tile.index)
        stored = rows.values_list("hashes", flat=True).first()
        if stored is None:
            yield self._doubt(tile, 0, "tile", f"The stored {tile.path} is missing.")
        elif bytes(stored) != b"".join(hashes):
            first = _first_hash(bytes(stored), hashes)
            yield self._doubt(tile, first, "tile", f"The stored {tile.path} differs from the entries.")

    def _compare_partial_files(self) -> Iterator[Doubt]:
        """The tiles at the right edge of the published checkpoint, which is here."""
        for level, hashes in enumerate(self.levels):
            if hashes:
                yield from self._compare_files(tlog.Tile(level, self.done[level], len(hashes)), hashes)

    def _compare_files(self, tile: tlog.Tile, hashes: list[bytes]) -> Iterator[Doubt]:
        """A missing file is no fault: the sealer writes it at its next round."""
        if (tile.index * tlog.TILE_WIDTH + tile.width) * tlog.TILE_WIDTH**tile.level > self.published:
            return
        data = read_file(self.base / tile.path)
        if data is not None and data != b"".join(hashes):
            sentence = f"The published file {tile.path} differs from the entries."
            yield self._doubt(tile, _first_hash(data, hashes), "file", sentence)
        bundle = read_file(self.base / tile.entries_path) if tile.level == 0 else None
        first = _first_entry(bundle, self.leaves) if bundle is not None else None
        if first is not None:
            sentence = f"The published file {tile.entries_path} differs from the entries."
            yield self._doubt(tile, first, "file", sentence)

    def _doubt(self, tile: tlog.Tile, first: int, place: str, sentence: str) -> Doubt:
        each = tlog.TILE_WIDTH**tile.level
        start = (tile.index * tlog.TILE_WIDTH + first) * each
        return Doubt(start, start + each, place, sentence)


def read_file(path: Path) -> bytes | None:
    """A file's bytes, None when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def read_published(practice_id: UUID, home: Path | None = None) -> bytes | None:
    """The published checkpoint, None when there is none."""
    return read_file(guard.folder(practice_id, home) / tlog.CHECKPOINT_PATH)


def _covered(note: bytes | None, head: LedgerHead) -> tuple[int, str]:
    """How many entries the published checkpoint covers, and what is wrong with it."""
    if note is None:
        return 0, ""
    if wrong := guard.misfit(note, head):
        return 0, wrong
    return tlog.open_checkpoint(note, tree.verifier_key(head)).checkpoint.size, ""


def _first_hash(data: bytes, hashes: list[bytes]) -> int:
    differing = (at for at, item in enumerate(hashes) if data[32 * at : 32 * at + 32] != item)
    return next(differing, len(hashes) - 1)


def _first_entry(data: bytes, leaves: list[bytes]) -> int | None:
    try:
        published = tlog.split_entries(data)
    except tlog.TileError:
        return 0
    if list(published) == leaves:
        return None
    pairs = enumerate(zip(published, leaves, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(published), len(leaves) - 1))
