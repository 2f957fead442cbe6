"""The Merkle tree of RFC 6962 section 2.1 and RFC 9162 section 2.1.1, with SHA-256.

A `Frontier` is all that an append needs: the roots of the complete subtrees that make up the tree, largest
first, one for each bit set in the size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pocketward.protocols.tlog.errors import TlogError

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
LARGEST_TREE = 2**62

# The hash of the complete subtree over leaves [low, high): high - low is a power of two that divides low.
SubtreeHash = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of a zero byte and the leaf's bytes (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of a one byte and both children (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over adjacent subtrees, largest and leftmost first; the empty root for none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: `size` leaves, and the root of each complete subtree, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LARGEST_TREE or len(self.peaks) != self.size.bit_count():
            raise TlogError("The frontier does not fit its size.")

    def extended(self, hashes: Iterable[bytes]) -> Frontier:
        """The frontier after these leaf hashes, in order; O(1) amortized each."""
        size, peaks = self.size, list(self.peaks)
        for item in hashes:
            carry = size
            while carry & 1:
                item = node_hash(peaks.pop(), item)
                carry >>= 1
            peaks.append(item)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        """The Merkle tree hash, 32 bytes."""
        return fold(self.peaks)

    def encode(self) -> bytes:
        """The peaks one after the other; the size is kept beside them."""
        return b"".join(self.peaks)

    @staticmethod
    def decode(size: int, data: bytes) -> Frontier:
        """What `encode` wrote; TlogError when it does not fit `size`."""
        if len(data) % HASH_SIZE:
            raise TlogError("A frontier is a sequence of 32-byte hashes.")
        return Frontier(size, tuple(data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)))


def tree_root(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    return Frontier().extended(hashes).root()


def complete_subtrees(low: int, high: int) -> list[tuple[int, int]]:
    """Leaves [low, high) cut into complete subtrees, left to right, as RFC 9162 cuts that range.

    `low` must be a multiple of a power of two not smaller than the range, as it is for every node of a tree.
    """
    parts = []
    while low < high:
        width = 1 << ((high - low).bit_length() - 1)
        parts.append((low, low + width))
        low += width
    return parts


def range_root(low: int, high: int, subtree: SubtreeHash) -> bytes:
    """The root over leaves [low, high) of a tree node, from hashes of complete subtrees."""
    return fold([subtree(start, end) for start, end in complete_subtrees(low, high)])


def subtrees_in_memory(hashes: Sequence[bytes]) -> SubtreeHash:
    """Complete subtrees over leaf hashes held in a sequence; each level is computed once, when asked for."""
    levels: list[list[bytes]] = [list(hashes)]

    def subtree(low: int, high: int) -> bytes:
        level = (high - low).bit_length() - 1
        while len(levels) <= level:
            below = levels[-1]
            levels.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
        try:
            return levels[level][low >> level]
        except IndexError:
            raise TlogError("The tree has no such subtree.") from None

    return subtree
