"""Inclusion and consistency proofs: made from subtree hashes, checked from nothing but the proof.

Making follows the definitions in RFC 9162 sections 2.1.3.1 and 2.1.4.1; checking follows the algorithms in
2.1.3.2 and 2.1.4.2. Proof elements run from the leaf towards the root.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from pocketward.protocols.tlog.errors import ProofError
from pocketward.protocols.tlog.merkle import EMPTY_ROOT, HASH_SIZE, SubtreeHash, node_hash, range_root

Proof = tuple[bytes, ...]


def _split(low: int, high: int) -> int:
    """Where the node over [low, high) has its right child: at the largest power of two below its width."""
    return low + (1 << ((high - low - 1).bit_length() - 1))


def inclusion_proof(index: int, size: int, subtree: SubtreeHash) -> Proof:
    """The audit path of leaf `index` in the tree of `size` leaves; ProofError when it is not in the tree."""
    if not 0 <= index < size:
        raise ProofError(f"There is no entry {index} in a ledger of {size}.")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = _split(low, high)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return tuple(range_root(start, end, subtree) for start, end in reversed(path))


def consistency_proof(old: int, new: int, subtree: SubtreeHash) -> Proof:
    """Proof that the first `old` leaves of the tree of `new` are the old tree; empty when old is 0 or new."""
    if not 0 <= old <= new:
        raise ProofError(f"A ledger of {new} cannot contain one of {old}.")
    if old in (0, new):
        return ()
    low, high, path, whole = 0, new, [], True
    while high != old:
        middle = _split(low, high)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low, whole = middle, False
    if not whole:
        path.append((low, high))
    return tuple(range_root(start, end, subtree) for start, end in reversed(path))


def _check_shape(proof: Sequence[bytes]) -> None:
    if len(proof) > 64 or any(len(item) != HASH_SIZE for item in proof):
        raise ProofError("The proof is not a short list of 32-byte hashes.")


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that this proof leads to from a leaf hash; ProofError when its length does not fit."""
    if not 0 <= index < size:
        raise ProofError(f"There is no entry {index} in a ledger of {size}.")
    _check_shape(proof)
    node, last, root = index, size - 1, leaf
    for item in proof:
        if last == 0:
            raise ProofError("The proof is too long.")
        if node & 1 or node == last:
            root = node_hash(item, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, item)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("The proof is too short.")
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """ProofError unless the leaf hash is entry `index` of the tree with this size and root."""
    if not hmac.compare_digest(root_from_inclusion(leaf, index, size, proof), root):
        raise ProofError()


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """ProofError unless the tree (new, new_root) begins with the tree (old, old_root)."""
    if not 0 <= old <= new:
        raise ProofError(f"A ledger of {new} cannot contain one of {old}.")
    _check_shape(proof)
    if old in (0, new):
        if proof or old_root != (new_root if old else EMPTY_ROOT):
            raise ProofError()
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofError("The proof is too short.")
    if _roots_from_consistency(old, new, path) != (old_root, new_root):
        raise ProofError()


def _roots_from_consistency(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes]:
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for item in path[1:]:
        if last == 0:
            raise ProofError("The proof is too long.")
        if node & 1 or node == last:
            first, second = node_hash(item, first), node_hash(item, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, item)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("The proof is too short.")
    return first, second
