"""Sealing: every committed fact gets one number, whatever the sealers do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from pocketward.kernel import clock
from pocketward.ledger import api as ledger
from pocketward.ledger import guard, rounds, sealing
from pocketward.ledger.models import Checkpoint, FullTile, LedgerHead, SealedEntry
from pocketward.practice import api as practice_api
from pocketward.practice.records import PracticeRecord
from pocketward.protocols import tlog
from pocketward.spine.api import open_tasks, practice_scope

Ring = Callable[..., UUID]


def head() -> LedgerHead:
    found: LedgerHead = LedgerHead.objects.get()
    return found


def test_facts_are_sealed_in_the_order_they_were_recorded(practice: PracticeRecord, ring: Ring) -> None:
    bells = [ring(f"bell {number}") for number in range(5)]
    assert ledger.seal_pending() == 6
    page = ledger.entries(practice_id=practice.id)
    assert [entry.index for entry in page] == [5, 4, 3, 2, 1, 0]
    assert [entry.event_id for entry in reversed(page)][1:] == bells
    assert page[-1].kind == "practice.practice_created"


def test_a_quiet_round_seals_nothing_and_writes_nothing(
    practice: PracticeRecord, ring: Ring, django_assert_num_queries: Callable[[int], object]
) -> None:
    ring()
    assert ledger.seal_pending() == 2
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        assert ledger.seal_pending() == 0
    assert Checkpoint.objects.count() == 1


def test_the_leaf_holds_a_commitment_and_nothing_of_the_event(practice: PracticeRecord, ring: Ring) -> None:
    ring("the front door", name="Dana Example")
    ledger.seal_pending()
    row = SealedEntry.objects.get(index=1)
    leaf = json.loads(bytes(row.leaf))
    assert set(leaf) == {"v", "log", "index", "event", "seq", "kind", "time", "commitment"}
    assert b"front door" not in bytes(row.leaf) and b"Dana" not in bytes(row.leaf)
    with connection.cursor() as cursor:
        cursor.execute('SELECT key FROM ledger_sealedentry WHERE "index" = 1')
        assert row.key not in bytes(cursor.fetchone()[0])


def test_a_checkpoint_is_signed_for_each_batch_at_the_products_time(
    practice: PracticeRecord, ring: Ring
) -> None:
    with clock.frozen(datetime(2026, 11, 24, 9, 30, 15, 999, tzinfo=UTC)):
        ring()
        ledger.seal_pending()
    signed = ledger.latest_checkpoint(practice_id=practice.id)
    assert signed is not None
    opened = tlog.open_checkpoint(signed.note, tlog.parse_verifier_key(signed.verifier_key))
    assert opened.checkpoint.size == signed.size == 2
    assert opened.signed_at == int(datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC).timestamp())
    assert signed.origin == f"localhost/ledger/{practice.id}"
    assert signed.number == 0


def test_a_batch_takes_at_most_what_it_may_and_the_next_goes_on(practice: PracticeRecord, ring: Ring) -> None:
    for _ in range(6):
        ring()
    assert [ledger.seal_pending(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert list(Checkpoint.objects.order_by("number").values_list("number", "size")) == [
        (0, 3), (1, 6), (2, 7),
    ]  # fmt: skip
    assert ledger.verify(practice_id=practice.id).ok


def test_the_root_is_the_one_that_all_the_leaves_give_at_once(practice: PracticeRecord, ring: Ring) -> None:
    for _ in range(7):
        ring()
        ledger.seal_pending()
    leaves = [bytes(row.leaf) for row in SealedEntry.objects.order_by("index")]
    signed = ledger.latest_checkpoint(practice_id=practice.id)
    assert signed is not None
    assert signed.root == tlog.tree_root(tlog.leaf_hash(leaf) for leaf in leaves)


def test_full_tiles_are_stored_once_complete(practice: PracticeRecord, ring: Ring) -> None:
    for number in range(257):
        ring(str(number))
    while ledger.seal_pending(limit=100):
        pass
    (tile,) = FullTile.objects.all()
    leaves = [bytes(row.leaf) for row in SealedEntry.objects.order_by("index")]
    assert tlog.split_hashes(bytes(tile.hashes)) == tuple(tlog.leaf_hash(leaf) for leaf in leaves[:256])
    assert ledger.entry(practice_id=practice.id, index=3).holds
    assert ledger.entry(practice_id=practice.id, index=257).holds
    assert ledger.verify(practice_id=practice.id).ok


def test_each_practice_has_a_log_and_a_key_of_its_own(practice: PracticeRecord, ring: Ring) -> None:
    ring()
    other = practice_api.create_practice(name="Elm Street Therapy", by="system:test")
    assert ledger.seal_pending() == 3
    with practice_scope(other.id):
        theirs = ledger.latest_checkpoint(practice_id=other.id)
        assert [entry.index for entry in ledger.entries(practice_id=other.id)] == [0]
    ours = ledger.latest_checkpoint(practice_id=practice.id)
    assert ours is not None and theirs is not None
    assert ours.verifier_key != theirs.verifier_key
    with pytest.raises(tlog.SignatureError):
        tlog.open_checkpoint(theirs.note, tlog.parse_verifier_key(ours.verifier_key))


def test_one_practice_can_be_sealed_by_itself(practice: PracticeRecord, ring: Ring) -> None:
    other = practice_api.create_practice(name="Elm Street Therapy", by="system:test")
    assert ledger.seal_pending(practice_id=other.id) == 1
    assert ledger.latest_checkpoint(practice_id=practice.id) is None
    assert ledger.waiting(practice_id=practice.id) == 1


def test_a_sealer_with_an_old_view_fails_on_a_key_and_changes_nothing(
    practice: PracticeRecord, ring: Ring
) -> None:
    ring()
    old = sealing._held_head(practice.id)
    events, mark = sealing.unsealed_events(
        practice_id=practice.id, sealed=sealing.seals(), low_water=0, limit=10
    )
    ledger.seal_pending()
    from django.db import transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        sealing._append(old, events, mark)
    assert SealedEntry.objects.count() == 2
    assert ledger.verify(practice_id=practice.id).ok


# --- the fork guard ------------------------------------------------------------------------------


def test_the_newest_checkpoint_is_kept_outside_the_database(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    ring()
    ledger.seal_pending()
    signed = ledger.latest_checkpoint(practice_id=practice.id)
    assert signed is not None
    assert (ledger_folder / guard.LAST).read_bytes() == signed.note


def test_nothing_is_sealed_below_a_newer_checkpoint(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    ring()
    ledger.seal_pending()
    ring()
    rounds.forget()
    key = head().signing_key
    newer = tlog.sign_checkpoint(
        tlog.Checkpoint(head().origin, 5, bytes(32)), sealing.Ed25519PrivateKey.from_private_bytes(key), 7
    )
    (ledger_folder / guard.LAST).write_bytes(newer)
    assert ledger.seal_pending() == 0
    assert SealedEntry.objects.count() == 2
    assert any("only 2" in sentence for _, sentence in open_tasks(practice.id))
    assert ledger.waiting(practice_id=practice.id) == 1


def test_nothing_is_sealed_beside_another_history(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    ring()
    ledger.seal_pending()
    key = sealing.Ed25519PrivateKey.from_private_bytes(head().signing_key)
    fork = tlog.sign_checkpoint(tlog.Checkpoint(head().origin, 1, tlog.leaf_hash(b"other")), key, 7)
    (ledger_folder / guard.LAST).write_bytes(fork)
    rounds.forget()
    ring()
    assert ledger.seal_pending() == 0
    assert any("history differs" in sentence for _, sentence in open_tasks(practice.id))


def test_an_older_kept_checkpoint_of_the_same_history_is_fine(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    notes = []
    for _ in range(3):
        ring()
        ledger.seal_pending()
        notes.append((ledger_folder / guard.LAST).read_bytes())
    (ledger_folder / guard.LAST).write_bytes(notes[0])
    rounds.forget()
    ring()
    assert ledger.seal_pending() == 1
    assert (ledger_folder / guard.LAST).read_bytes() not in notes


def test_sealing_goes_on_and_the_task_closes_once_the_guard_is_content(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    ledger.seal_pending()
    kept = (ledger_folder / guard.LAST).read_bytes()
    (ledger_folder / guard.LAST).write_bytes(b"not a note")
    rounds.forget()
    ring()
    assert ledger.seal_pending() == 0
    assert open_tasks(practice.id)
    (ledger_folder / guard.LAST).write_bytes(kept)
    assert ledger.seal_pending() == 0, "it rests first"
    rounds._memory.resting[practice.id] = 0.0
    assert ledger.seal_pending() == 1
    assert not open_tasks(practice.id)


def test_one_log_that_cannot_go_on_stops_no_other(
    practice: PracticeRecord, ring: Ring, ledger_folder: Path
) -> None:
    ledger.seal_pending()
    (ledger_folder / guard.LAST).write_bytes(b"not a note")
    rounds.forget()
    ring()
    other = practice_api.create_practice(name="Elm Street Therapy", by="system:test")
    assert ledger.seal_pending() == 1
    with practice_scope(other.id):
        assert ledger.latest_checkpoint(practice_id=other.id) is not None
