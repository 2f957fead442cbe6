"""The tree and its proofs against an independent, recursive reading of RFC 9162."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.tlog import (
    EMPTY_ROOT,
    Frontier,
    ProofError,
    TlogError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    range_root,
    subtrees_in_memory,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

# --- the RFC's own recursive definitions, written from its text and sharing nothing with the product


def mth(data: list[bytes]) -> bytes:
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(bytes([0]) + data[0]).digest()
    k = largest_power_below(len(data))
    return hashlib.sha256(bytes([1]) + mth(data[:k]) + mth(data[k:])).digest()


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, data: list[bytes]) -> list[bytes]:
    if len(data) == 1:
        return []
    k = largest_power_below(len(data))
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def subproof(m: int, data: list[bytes], whole: bool) -> list[bytes]:
    if m == len(data):
        return [] if whole else [mth(data)]
    k = largest_power_below(len(data))
    if m <= k:
        return [*subproof(m, data[:k], whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]


def entries(size: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(size)]


def tree(size: int) -> list[bytes]:
    return [leaf_hash(item) for item in entries(size)]


# --- roots ----------------------------------------------------------------------------------------


def test_the_empty_tree_has_the_root_that_the_rfc_gives() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree_root([]) == EMPTY_ROOT == Frontier().root()


def test_the_leaf_hash_of_nothing_is_the_well_known_one() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_the_roots_of_the_published_test_leaves_come_out(size: int, root: str) -> None:
    leaves = [bytes.fromhex(item) for item in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )]  # fmt: skip
    assert tree_root(leaf_hash(item) for item in leaves[:size]).hex() == root


def test_every_size_to_seventy_has_the_recursive_root_whole_and_piece_by_piece() -> None:
    frontier = Frontier()
    for size in range(1, 71):
        frontier = frontier.extended([leaf_hash(entries(size)[-1])])
        assert frontier.root() == mth(entries(size)) == tree_root(tree(size))
        assert Frontier.decode(size, frontier.encode()) == frontier


@given(st.integers(0, 300), st.integers(0, 300))
def test_appending_in_two_batches_is_appending_in_one(first: int, second: int) -> None:
    hashes = tree(first + second)
    assert Frontier().extended(hashes[:first]).extended(hashes[first:]) == Frontier().extended(hashes)


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(TlogError):
        Frontier.decode(3, bytes(32))
    with pytest.raises(TlogError):
        Frontier.decode(1, bytes(31))
    with pytest.raises(TlogError):
        Frontier(-1, ())


def test_a_range_of_a_tree_has_the_recursive_root() -> None:
    subtree = subtrees_in_memory(tree(70))
    assert range_root(64, 70, subtree) == mth(entries(70)[64:])
    with pytest.raises(TlogError):
        subtree(64, 80)


# --- proofs ---------------------------------------------------------------------------------------


def test_every_inclusion_proof_to_size_thirty_three_is_the_recursive_one_and_verifies() -> None:
    for size in range(1, 34):
        data, hashes = entries(size), tree(size)
        subtree, root = subtrees_in_memory(hashes), mth(data)
        for index in range(size):
            proof = inclusion_proof(index, size, subtree)
            assert list(proof) == path(index, data)
            verify_inclusion(hashes[index], index, size, proof, root)


def test_every_consistency_proof_to_size_thirty_three_is_the_recursive_one_and_verifies() -> None:
    for size in range(1, 34):
        data, subtree = entries(size), subtrees_in_memory(tree(size))
        for old in range(1, size + 1):
            proof = consistency_proof(old, size, subtree)
            assert list(proof) == subproof(old, data, True)
            verify_consistency(old, size, mth(data[:old]), mth(data), proof)


@settings(max_examples=100)
@given(st.data())
def test_an_inclusion_proof_holds_for_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200))
    index, other = data.draw(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)))
    hashes = tree(size)
    proof, root = inclusion_proof(index, size, subtrees_in_memory(hashes)), tree_root(hashes)
    verify_inclusion(hashes[index], index, size, proof, root)
    damaged = list(proof)
    at = data.draw(st.integers(0, len(proof) - 1))
    damaged[at] = bytes([damaged[at][0] ^ 1]) + damaged[at][1:]
    wrong = [
        (node_hash(hashes[index], root), index, size, proof, root),
        (hashes[index], index, size, damaged, root),
        (hashes[index], index, size, proof[:-1], root),
        (hashes[index], index, size, (*proof, root), root),
        (hashes[index], index, size, proof, hashes[0]),
        (hashes[index], size, size, proof, root),
        (hashes[index], -1, size, proof, root),
        (hashes[index], index, size, (b"short", *proof[1:]), root),
    ]
    if other != index:
        wrong.append((hashes[index], other, size, proof, root))
    for arguments in wrong:
        with pytest.raises(ProofError):
            verify_inclusion(*arguments)


@settings(max_examples=100)
@given(st.data())
def test_a_consistency_proof_holds_for_no_other_history(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200))
    old = data.draw(st.integers(1, size - 1))
    hashes = tree(size)
    proof = consistency_proof(old, size, subtrees_in_memory(hashes))
    old_root, new_root = tree_root(hashes[:old]), tree_root(hashes)
    verify_consistency(old, size, old_root, new_root, proof)
    changed = [*hashes]
    changed[data.draw(st.integers(0, old - 1))] = leaf_hash(b"never happened")
    wrong = [
        (old, size, tree_root(changed[:old]), new_root, proof),
        (old, size, old_root, tree_root(changed), proof),
        (old, size, old_root, new_root, proof[:-1]),
        (old, size, old_root, new_root, (*proof, new_root)),
        (size, old, new_root, old_root, proof),
        (0, size, EMPTY_ROOT, new_root, proof),
        (size, size, new_root, new_root, proof),
    ]
    for arguments in wrong:
        with pytest.raises(ProofError):
            verify_consistency(*arguments)


def test_the_empty_and_the_equal_tree_need_no_proof() -> None:
    subtree, root = subtrees_in_memory(tree(5)), tree_root(tree(5))
    assert consistency_proof(0, 5, subtree) == consistency_proof(5, 5, subtree) == ()
    verify_consistency(0, 5, EMPTY_ROOT, root, ())
    verify_consistency(5, 5, root, root, ())
    with pytest.raises(ProofError):
        verify_consistency(0, 5, root, root, ())


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_proof_is_made_for_an_entry_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        inclusion_proof(index, size, subtrees_in_memory(tree(size)))
    with pytest.raises(ProofError):
        consistency_proof(size + 1, size, subtrees_in_memory(tree(size)))


@given(
    st.integers(-2, 40),
    st.integers(-2, 40),
    st.lists(st.binary(min_size=31, max_size=33), max_size=8),
)
def test_an_invented_proof_is_refused_and_nothing_else_happens(
    old: int, new: int, proof: list[bytes]
) -> None:
    root = leaf_hash(b"some root")
    with pytest.raises(ProofError):
        verify_inclusion(leaf_hash(b"x"), old, new, proof, root)
    with pytest.raises(ProofError):
        verify_consistency(old, new, leaf_hash(b"x"), root, proof)
