"""The published log: files as c2sp.org/tlog-tiles lays them out, a pure function of committed rows.

They may be copied or served by anything. Each is written whole or not at all, the checkpoint last, so a
reader never meets a checkpoint whose tiles are missing; what a crash left out is written by the next pass.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from pocketward.kernel.durable import put_file
from pocketward.ledger import guard, tree
from pocketward.ledger.models import LedgerHead
from pocketward.protocols import tlog

KEY_FILE = "log.vkey"


def published_size(head: LedgerHead) -> int:
    """How many entries the published checkpoint covers; 0 when there is none that this log signed."""
    try:
        data = (guard.folder(head.practice_id) / tlog.CHECKPOINT_PATH).read_bytes()
        size = tlog.open_checkpoint(data, tree.verifier_key(head)).checkpoint.size
    except (FileNotFoundError, tlog.TlogError):
        return 0
    return min(size, head.size)


def publish(*, practice_id: UUID, rebuild: bool = False) -> int:
    """Write the files of the newest checkpoint; its size, or 0 when nothing was ever sealed.

    Writes only what grew since the published checkpoint; with `rebuild`, all that is missing or differs.
    """
    head, newest = tree.head_of(practice_id), tree.newest_checkpoint(practice_id)
    if head is None or newest is None:
        return 0
    base = guard.folder(practice_id)
    after = 0 if rebuild else published_size(head)
    for path, data in files(practice_id, newest.size, after=after):
        _put(base / path, data)
    _put(base / KEY_FILE, tree.verifier_key(head).encode().encode() + b"\n")
    _put(base / tlog.CHECKPOINT_PATH, bytes(newest.note))
    for tile in tlog.tiles_of(newest.size, after=after):
        if tile.full:
            _drop_partial(base, tile)
    return newest.size


def files(practice_id: UUID, size: int, *, after: int = 0) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of each tile and entry bundle at `size` entries that differs from the one at `after`."""
    for tile in tlog.tiles_of(size, after=after):
        yield tile.path, tree.tile_bytes(practice_id, tile)
        if tile.level == 0:
            start = tile.index * tlog.TILE_WIDTH
            yield tile.entries_path, tlog.join_entries(tree.leaves(practice_id, start, start + tile.width))


def _put(path: Path, data: bytes) -> None:
    try:
        if path.read_bytes() == data:
            return
    except FileNotFoundError:
        pass
    put_file(path, data)


def _drop_partial(base: Path, tile: tlog.Tile) -> None:
    """Remove the partial forms of a tile whose full one is there; the specification allows it."""
    paths = (tile.path, tile.entries_path) if tile.level == 0 else (tile.path,)
    for path in paths:
        shutil.rmtree(base / f"{path}.p", ignore_errors=True)
