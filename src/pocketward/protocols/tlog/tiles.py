"""Tiles and entry bundles as files (c2sp.org/tlog-tiles): height 8, so 256 hashes or entries wide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pocketward.protocols.tlog.errors import TileError
from pocketward.protocols.tlog.merkle import HASH_SIZE, SubtreeHash, tree_root

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
HIGHEST_LEVEL = 63
LARGEST_ENTRY = 0xFFFF
CHECKPOINT_PATH = "checkpoint"

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """`width` hashes of level `level`, from position `index` * 256. A width under 256 is a partial tile."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not 0 <= self.level <= HIGHEST_LEVEL or self.index < 0 or not 1 <= self.width <= TILE_WIDTH:
            raise TileError("There is no such tile.")

    @property
    def full(self) -> bool:
        """Whether it will never grow."""
        return self.width == TILE_WIDTH

    @property
    def path(self) -> str:
        """Where its hashes are, relative to the log's prefix."""
        return f"tile/{self.level}/{_position(self.index, self.width)}"

    @property
    def entries_path(self) -> str:
        """Where the entries behind a tile of level 0 are; TileError for another level."""
        if self.level:
            raise TileError("Only tiles of level 0 have entries.")
        return f"tile/entries/{_position(self.index, self.width)}"


def _position(index: int, width: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return "/".join(reversed(parts)) + suffix


def parse_tile_path(path: str) -> tuple[Tile, bool]:
    """The tile a path names, and whether it names its entries; TileError unless it is the one spelling."""
    match = _PATH.fullmatch(path) if path.isascii() else None
    if match is None:
        raise TileError(f"{path[:80]!r} is not the path of a tile.")
    entries = match["level"] == "entries"
    index = int(match["index"].replace("x", "").replace("/", ""))
    width = int(match["width"] or TILE_WIDTH)
    tile = Tile(0 if entries else int(match["level"]), index, width)
    if (tile.entries_path if entries else tile.path) != path:
        raise TileError(f"{path[:80]!r} is not how this tile is written.")
    return tile, entries


def tiles_of(size: int, *, after: int = 0) -> Iterator[Tile]:
    """Tiles of the tree of `size` that differ from those of the tree of `after`: level by level, in order.

    With `after` 0, all of them.
    """
    level = 0
    while size >> (TILE_HEIGHT * level):
        before, count = after >> (TILE_HEIGHT * level), size >> (TILE_HEIGHT * level)
        if count > before:
            for index in range(before // TILE_WIDTH, -(-count // TILE_WIDTH)):
                yield Tile(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH))
        level += 1


def join_hashes(hashes: Sequence[bytes]) -> bytes:
    """A tile's bytes: 1 to 256 hashes; TileError otherwise."""
    if not 1 <= len(hashes) <= TILE_WIDTH or any(len(item) != HASH_SIZE for item in hashes):
        raise TileError("A tile has 1 to 256 hashes of 32 bytes.")
    return b"".join(hashes)


def split_hashes(data: bytes) -> tuple[bytes, ...]:
    """The hashes in a tile's bytes; TileError when it is empty, too wide or cut."""
    if not data or len(data) % HASH_SIZE or len(data) > TILE_WIDTH * HASH_SIZE:
        raise TileError("A tile has 1 to 256 hashes of 32 bytes.")
    return tuple(data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE))


def join_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes, big-endian; TileError over 65,535."""
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise TileError("A bundle has 1 to 256 entries.")
    if any(len(item) > LARGEST_ENTRY for item in entries):
        raise TileError("An entry has at most 65,535 bytes.")
    return b"".join(len(item).to_bytes(2, "big") + item for item in entries)


def split_entries(data: bytes) -> tuple[bytes, ...]:
    """The entries in a bundle's bytes; TileError when it is empty, too wide or cut."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or len(data) - at < 2 or len(entries) == TILE_WIDTH:
            raise TileError("The entry bundle is cut short or too wide.")
        entries.append(data[at + 2 : end])
        at = end
    if not entries:
        raise TileError("The entry bundle is empty.")
    return tuple(entries)


def subtrees_in_tiles(size: int, read: Callable[[Tile], bytes]) -> SubtreeHash:
    """Complete subtrees of the tree of `size`, from tiles that `read` fetches; each is read once.

    What comes from elsewhere proves nothing until a proof made of it leads to a signed root.
    """
    known: dict[Tile, tuple[bytes, ...]] = {}

    def hashes(tile: Tile) -> tuple[bytes, ...]:
        if tile not in known:
            known[tile] = split_hashes(read(tile))
            if len(known[tile]) != tile.width:
                raise TileError(f"{tile.path} does not have {tile.width} hashes.")
        return known[tile]

    @cache
    def subtree(low: int, high: int) -> bytes:
        level, height = divmod((high - low).bit_length() - 1, TILE_HEIGHT)
        start = low >> (TILE_HEIGHT * level)
        index, offset = divmod(start, TILE_WIDTH)
        width = min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH)
        return tree_root(hashes(Tile(level, index, width))[offset : offset + (1 << height)])

    return subtree
