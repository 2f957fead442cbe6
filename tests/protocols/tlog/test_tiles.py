"""Tiles, entry bundles and their paths, as c2sp.org/tlog-tiles writes them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.tlog import (
    Tile,
    TileError,
    consistency_proof,
    inclusion_proof,
    join_entries,
    join_hashes,
    leaf_hash,
    parse_tile_path,
    split_entries,
    split_hashes,
    subtrees_in_memory,
    subtrees_in_tiles,
    tiles_of,
    tree_root,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(3, 1234067, 8), "tile/3/x001/x234/067.p/8"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(1, 1000), "tile/1/x001/000"),
    ],
)
def test_a_tile_has_the_path_the_specification_gives(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == (tile, False)


def test_an_entry_bundle_lies_beside_its_tile() -> None:
    assert Tile(0, 1234067, 8).entries_path == "tile/entries/x001/x234/067.p/8"
    assert parse_tile_path("tile/entries/x001/x234/067.p/8") == (Tile(0, 1234067, 8), True)
    with pytest.raises(TileError):
        _ = Tile(1, 0).entries_path


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000", "tile/64/000", "tile/0/0", "tile/0/x000/000", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/000.p/08", "tile/0/1000", "tile/0/x001/x234/067.p/", "tile/-1/000", "/tile/0/000",
        "tile/0/000\n", "tile/entries/", "tile/0/００0", "tile/0/../000", "checkpoint", "",
    ],
)  # fmt: skip
def test_any_other_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(TileError):
        parse_tile_path(path)


@given(st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_every_tile_path_reads_back(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile_path(tile.path) == (tile, False)


@given(st.text(alphabet="tile/0123456789xp.entries", max_size=40))
def test_a_path_parses_only_when_it_is_how_the_tile_is_written(path: str) -> None:
    try:
        tile, entries = parse_tile_path(path)
    except TileError:
        return
    assert (tile.entries_path if entries else tile.path) == path


def test_a_tree_of_seventy_thousand_has_the_tiles_the_specification_counts() -> None:
    found = Counter((tile.level, tile.width) for tile in tiles_of(70_000))
    assert found == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}


def test_a_tree_of_one_full_tile_has_a_parent_of_width_one() -> None:
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@given(st.integers(0, 140_000), st.integers(0, 3_000))
def test_the_tiles_of_growth_are_those_that_differ(before: int, more: int) -> None:
    assert set(tiles_of(before + more, after=before)) == set(tiles_of(before + more)) - set(tiles_of(before))


def store(hashes: list[bytes]) -> dict[Tile, bytes]:
    found = {}
    for tile in tiles_of(len(hashes)):
        span = 256**tile.level
        start = tile.index * 256 * span
        found[tile] = join_hashes(
            [tree_root(hashes[at : at + span]) for at in range(start, start + tile.width * span, span)]
        )
    return found


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_proofs_made_from_tiles_are_those_made_from_all_the_leaves(data: st.DataObject) -> None:
    size = data.draw(st.one_of(st.integers(1, 600), st.sampled_from([255, 256, 257, 1000, 2304])))
    hashes = [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]
    tiles, memory = subtrees_in_tiles(size, store(hashes).__getitem__), subtrees_in_memory(hashes)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert inclusion_proof(index, size, tiles) == inclusion_proof(index, size, memory)
    assert consistency_proof(old, size, tiles) == consistency_proof(old, size, memory)


def test_a_tile_of_the_wrong_width_is_refused_when_read() -> None:
    with pytest.raises(TileError):
        subtrees_in_tiles(3, lambda tile: bytes(64))(0, 2)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_an_entry_bundle_reads_back(entries: list[bytes]) -> None:
    assert split_entries(join_entries(entries)) == tuple(entries)


def test_an_entry_is_as_long_as_two_bytes_can_say_and_no_longer() -> None:
    assert split_entries(join_entries([bytes(65_535)])) == (bytes(65_535),)
    with pytest.raises(TileError):
        join_entries([bytes(65_536)])


@given(st.binary(max_size=600))
def test_any_bytes_are_a_bundle_that_writes_back_or_are_refused(data: bytes) -> None:
    try:
        entries = split_entries(data)
    except TileError:
        return
    assert join_entries(entries) == data


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33), bytes(257 * 32)])
def test_a_tile_that_is_empty_cut_or_too_wide_is_refused(data: bytes) -> None:
    with pytest.raises(TileError):
        split_hashes(data)


@pytest.mark.parametrize("entries", [[], [b""] * 257])
def test_a_bundle_of_no_or_too_many_entries_is_refused(entries: list[bytes]) -> None:
    with pytest.raises(TileError):
        join_entries(entries)
    with pytest.raises(TileError):
        split_entries(b"\x00\x00" * len(entries))
    with pytest.raises(TileError):
        join_hashes([bytes(32)] * len(entries))


@pytest.mark.parametrize("parts", [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_there_is_no_tile_outside_the_tree(parts: tuple[int, int, int]) -> None:
    with pytest.raises(TileError):
        Tile(*parts)
