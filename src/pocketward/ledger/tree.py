"""Tiles, leaves and checkpoints out of the rows: everything a proof or a published file is made of."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pocketward.ledger.models import Checkpoint, FullTile, LedgerHead, SealedEntry, row_id
from pocketward.protocols.tlog import (
    TILE_WIDTH,
    SubtreeHash,
    Tile,
    TileError,
    VerifierKey,
    join_hashes,
    leaf_hash,
    split_hashes,
    subtrees_in_tiles,
    tree_root,
)


def verifier_key(head: LedgerHead) -> VerifierKey:
    """The key that checks this log's checkpoints."""
    return VerifierKey(head.origin, bytes(head.public_key))


def head_of(practice_id: UUID) -> LedgerHead | None:
    """The practice's head without its signing key, or None before the first entry."""
    row: LedgerHead | None = LedgerHead.objects.filter(practice_id=practice_id).defer("signing_key").first()
    return row


def leaves(practice_id: UUID, first: int, end: int) -> list[bytes]:
    """The leaf bytes of entries [first, end)."""
    rows = SealedEntry.objects.filter(practice_id=practice_id, index__gte=first, index__lt=end)
    return [bytes(item) for item in rows.order_by("index").values_list("leaf", flat=True)]


def newest_checkpoint(practice_id: UUID) -> Checkpoint | None:
    """The last signed checkpoint's row."""
    row: Checkpoint | None = Checkpoint.objects.filter(practice_id=practice_id).order_by("-number").first()
    return row


def tile_bytes(practice_id: UUID, tile: Tile) -> bytes:
    """A tile's hashes: full ones as stored, partial ones made from below. TileError when rows are missing."""
    if tile.full:
        row = FullTile.objects.filter(practice_id=practice_id, level=tile.level, index=tile.index).first()
        if row is None:
            raise TileError(f"{tile.path} is missing.")
        return bytes(row.hashes)
    start = tile.index * TILE_WIDTH
    if tile.level == 0:
        hashes = [leaf_hash(item) for item in leaves(practice_id, start, start + tile.width)]
    else:
        hashes = _roots(practice_id, tile.level - 1, start, start + tile.width)
    if len(hashes) != tile.width:
        raise TileError(f"Rows behind {tile.path} are missing.")
    return join_hashes(hashes)


def _roots(practice_id: UUID, level: int, first: int, end: int) -> list[bytes]:
    """The roots of full tiles [first, end) of a level."""
    rows = FullTile.objects.filter(practice_id=practice_id, level=level, index__gte=first, index__lt=end)
    return [
        tree_root(split_hashes(bytes(item)))
        for item in rows.order_by("index").values_list("hashes", flat=True)
    ]


def subtrees(practice_id: UUID, size: int) -> SubtreeHash:
    """Hashes of complete subtrees of the first `size` entries, from a few tiles."""
    return subtrees_in_tiles(size, lambda tile: tile_bytes(practice_id, tile))


def finish_tiles(practice_id: UUID, old: int, new: int) -> None:
    """Store the tiles that became full when the log grew from `old` to `new` entries; lowest level first."""
    level, before, after = 0, old // TILE_WIDTH, new // TILE_WIDTH
    while after > before:
        for index in range(before, after):
            hashes = _below(practice_id, level, index * TILE_WIDTH)
            FullTile.objects.create(
                id=row_id(practice_id, "tile", level, index),
                practice_id=practice_id,
                level=level,
                index=index,
                hashes=join_hashes(hashes),
            )
        level, before, after = level + 1, before // TILE_WIDTH, after // TILE_WIDTH


def _below(practice_id: UUID, level: int, start: int) -> Sequence[bytes]:
    if level:
        return _roots(practice_id, level - 1, start, start + TILE_WIDTH)
    return [leaf_hash(item) for item in leaves(practice_id, start, start + TILE_WIDTH)]
