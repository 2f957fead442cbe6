"""The published log: standard files that any reader of tlog-tiles can use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from pocketward.ledger import api as ledger
from pocketward.ledger import rounds
from pocketward.ledger.models import SealedEntry
from pocketward.practice.records import PracticeRecord
from pocketward.protocols import tlog

Ring = Callable[..., UUID]


def test_a_reader_with_only_the_files_can_prove_every_entry(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    for number in range(9):
        ring(str(number))
    ledger.seal_pending()
    key = tlog.parse_verifier_key((ledger_folder / "log.vkey").read_text())
    head = tlog.open_checkpoint((ledger_folder / "checkpoint").read_bytes(), key).checkpoint
    subtree = tlog.subtrees_in_tiles(head.size, lambda tile: (ledger_folder / tile.path).read_bytes())
    (tile,) = tlog.tiles_of(head.size)
    entries = tlog.split_entries((ledger_folder / tile.entries_path).read_bytes())
    for index, entry in enumerate(entries):
        proof = tlog.inclusion_proof(index, head.size, subtree)
        tlog.verify_inclusion(tlog.leaf_hash(entry), index, head.size, proof, head.root)
    assert len(entries) == 10


def test_a_full_tile_takes_the_place_of_its_partial_ones(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    ring()
    ledger.seal_pending()
    assert (ledger_folder / "tile/0/000.p/2").exists()
    for number in range(255):
        ring(str(number))
    ledger.seal_pending()
    ledger.publish(practice_id=practice.id)
    assert (ledger_folder / "tile/0/000").stat().st_size == 8192
    assert not (ledger_folder / "tile/0/000.p").exists()
    assert not (ledger_folder / "tile/entries/000.p").exists()
    assert (ledger_folder / "tile/0/001.p/1").stat().st_size == 32
    assert (ledger_folder / "tile/1/000.p/1").stat().st_size == 32
    assert ledger.verify(practice_id=practice.id).ok


def test_files_are_written_at_once_and_then_at_intervals(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    ledger.seal_pending()
    first = (ledger_folder / "checkpoint").read_bytes()
    ring()
    ledger.seal_pending()
    assert (ledger_folder / "checkpoint").read_bytes() == first
    size, moment = rounds._memory.published[practice.id]
    rounds._memory.published[practice.id] = (size, moment - rounds.PUBLISH_SECONDS)
    assert ledger.seal_pending() == 0
    assert (ledger_folder / "checkpoint").read_bytes() != first


def test_what_a_crash_left_out_is_written_again_from_the_rows(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    ring()
    ledger.seal_pending()
    before = {path: path.read_bytes() for path in ledger_folder.rglob("*") if path.is_file()}
    for path in before:
        path.unlink()
    assert ledger.publish(practice_id=practice.id, rebuild=True) == SealedEntry.objects.count()
    after = {path: path.read_bytes() for path in ledger_folder.rglob("*") if path.is_file()}
    assert after == {path: data for path, data in before.items() if path.name != "last-checkpoint"}
    assert not list(ledger_folder.rglob("*.new"))


def test_nothing_is_published_before_anything_is_sealed(
    practice: PracticeRecord, ledger_folder: Path
) -> None:
    assert ledger.publish(practice_id=practice.id) == 0
    assert not ledger_folder.exists()
