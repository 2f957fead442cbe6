"""Verification finds whatever was changed, and says where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.kernel.canonical import canonical_json
from pocketward.ledger import api as ledger
from pocketward.ledger import guard, rounds
from pocketward.ledger.models import LedgerHead, SealedEntry
from pocketward.ledger.records import VerifyReport
from pocketward.practice.records import PracticeRecord
from pocketward.protocols import tlog

Ring = Callable[..., UUID]
SIZE = 9
ERASURE = 8


class Undo(Exception):
    """Ends a block and takes back what it did."""


@contextmanager
def undone() -> Iterator[None]:
    """Take back every change of the block, so that one sealed ledger serves many tamperings."""
    try:
        with transaction.atomic():
            yield
            raise Undo
    except Undo:
        pass


def run(sql: str, *values: Any) -> int:
    """Raw SQL, as somebody with the database file would; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows by raw SQL; ids as SQLite keeps them."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [tuple(it.hex if isinstance(it, UUID) else it for it in row) for row in cursor.fetchall()]


@pytest.fixture
def sealed(practice: PracticeRecord, ring: Ring) -> PracticeRecord:
    """A ledger of nine entries under four checkpoints; entry 4 is redacted, by entry 8."""
    for number in range(SIZE - 2):
        ring(f"bell {number}", subject=f"bell:{number}")
    for limit in (3, 2, 3):
        ledger.seal_pending(limit=limit)
    victim = ledger.entry(practice_id=practice.id, index=4).entry.event_id
    ledger.redact(practice_id=practice.id, event_id=victim, reason="asked for", by="system:test")
    ledger.seal_pending()
    ledger.publish(practice_id=practice.id, rebuild=True)
    return practice


def check(practice: PracticeRecord) -> VerifyReport:
    return ledger.verify(practice_id=practice.id)


def named(report: VerifyReport, index: int) -> bool:
    """Whether the first bad entry is this one; the erasure in entry 8 also vouches for entry 4."""
    first = 4 if index == ERASURE and report.first_bad == 4 else index
    return report.first_bad == first and any(fault.index == index for fault in report.faults)


def event_of(index: int) -> str:
    return str(SealedEntry.objects.values_list("event_id", flat=True).get(index=index).hex)


def test_an_untouched_ledger_verifies(sealed: PracticeRecord) -> None:
    report = check(sealed)
    assert report.faults == ()
    assert report.ok and report.first_bad is None
    assert (report.size, report.checkpoints, report.waiting, report.redacted) == (SIZE, 4, 0, (4,))
    head = ledger.latest_checkpoint(practice_id=sealed.id)
    assert head is not None and report.root == head.root.hex()


def test_a_ledger_that_has_nothing_yet_verifies(practice: PracticeRecord) -> None:
    report = check(practice)
    assert report.ok and report.size == 0 and report.waiting == 1


def test_facts_that_wait_for_their_seal_are_counted_and_no_fault(sealed: PracticeRecord, ring: Ring) -> None:
    ring()
    report = check(sealed)
    assert report.ok and report.waiting == 1


# --- one row at a time: edits, deletions, insertions, swaps in every sealed table ----------------

EVENT_EDITS = {
    "kind": "test.rung", "version": 2, "occurred_at": "2020-01-01 00:00:00", "actor": "member:x",
    "subject": "bell:99", "case_ref": "case_x", "body": b"{}", "event_id": uuid4().hex, "seq": 1_000,
}  # fmt: skip
ENTRY_EDITS = {
    "event_id": uuid4().hex, "index": 1_000, "batch": 7, "leaf": b"{}", "key": b"nonsense",
}  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(index=st.integers(0, SIZE - 1), column=st.sampled_from(sorted(EVENT_EDITS)))
def test_an_edited_event_is_found_and_named(sealed: PracticeRecord, index: int, column: str) -> None:
    with undone():
        changed = run(
            f'UPDATE spine_event SET "{column}" = %s WHERE event_id = %s',
            EVENT_EDITS[column],
            event_of(index),
        )
        assert changed == 1
        assert named(check(sealed), index)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(index=st.integers(0, SIZE - 1), column=st.sampled_from(sorted(ENTRY_EDITS)))
def test_an_edited_entry_is_found_and_named(sealed: PracticeRecord, index: int, column: str) -> None:
    with undone():
        sql = f'UPDATE ledger_sealedentry SET "{column}" = %s WHERE "index" = %s'
        assert run(sql, ENTRY_EDITS[column], index) == 1
        assert check(sealed).first_bad == index


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    index=st.integers(0, SIZE - 1), at=st.floats(0, 0.999), table=st.sampled_from(["event", "leaf", "key"])
)
def test_one_flipped_bit_of_stored_bytes_is_found_and_named(
    sealed: PracticeRecord, index: int, at: float, table: str
) -> None:
    name, column, key = {
        "event": ("spine_event", "body", "event_id"),
        "leaf": ("ledger_sealedentry", "leaf", "event_id"),
        "key": ("ledger_sealedentry", "key", "event_id"),
    }[table]
    event = event_of(index)
    stored = bytearray(ask(f"SELECT {column} FROM {name} WHERE {key} = %s", event)[0][0] or b"")
    if not stored:
        return
    stored[int(at * len(stored))] ^= 1
    with undone():
        run(f"UPDATE {name} SET {column} = %s WHERE {key} = %s", bytes(stored), event)
        assert named(check(sealed), index)


@pytest.mark.parametrize("table", ["spine_event", "ledger_sealedentry"])
@pytest.mark.parametrize("index", range(SIZE))
def test_a_deleted_event_or_entry_is_found_and_named(sealed: PracticeRecord, table: str, index: int) -> None:
    with undone():
        assert run(f"DELETE FROM {table} WHERE event_id = %s", event_of(index)) == 1
        assert named(check(sealed), index)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pair=st.sets(st.integers(0, SIZE - 1), min_size=2, max_size=2),
    what=st.sampled_from(["seq", "body", "index", "leaf", "key"]),
)
def test_two_swapped_values_are_found_and_the_first_is_named(
    sealed: PracticeRecord, pair: set[int], what: str
) -> None:
    one, two = sorted(pair)
    table = "spine_event" if what in ("seq", "body") else "ledger_sealedentry"
    first, second = event_of(one), event_of(two)
    (a,), (b,) = (ask(f'SELECT "{what}" FROM {table} WHERE event_id = %s', key)[0] for key in (first, second))
    with undone():
        parked = -5 if what in ("seq", "index") else b""
        for value, key in ((parked, first), (a, second), (b, first)):
            run(f'UPDATE {table} SET "{what}" = %s WHERE event_id = %s', value, key)
        report = check(sealed)
        assert not report.ok
        allowed = {one, two} if what == "key" and a is None else {one}
        if what == "body" and two == ERASURE:
            # Without the erasure's own record, the erased entry cannot be told from a blanked one.
            allowed.add(4)
        assert report.first_bad in allowed


COLUMNS = {
    "ledger_checkpoint": ("id", "number", "size", "signed_at", "note"),
    "ledger_ledgerhead": ("id", "origin", "public_key", "signing_key", "size", "frontier"),
}
NEW_VALUES = {
    "id": uuid4().hex, "number": 77, "size": 1, "signed_at": "2020-01-01 00:00:00", "note": b"x\n",
    "origin": "elsewhere.example/ledger", "public_key": bytes(32), "signing_key": b"zz",
    "frontier": bytes(64),
}  # fmt: skip


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, names in COLUMNS.items() for c in names])
def test_an_edited_checkpoint_or_head_is_found(sealed: PracticeRecord, table: str, column: str) -> None:
    where = "WHERE number = 1" if table == "ledger_checkpoint" else ""
    value = 4 if (table, column) == ("ledger_checkpoint", "size") else NEW_VALUES[column]
    with undone():
        assert run(f'UPDATE {table} SET "{column}" = %s {where}', value) == 1
        report = check(sealed)
        assert not report.ok
        # A checkpoint covers entries, the first of which is named; the head covers all or none.
        assert table == "ledger_ledgerhead" or report.first_bad == 3


@pytest.mark.parametrize(("number", "first"), [(0, 0), (1, 3), (2, 5), (3, 8)])
def test_a_deleted_checkpoint_is_found_with_the_first_entry_it_covered(
    sealed: PracticeRecord, number: int, first: int
) -> None:
    with undone():
        assert run("DELETE FROM ledger_checkpoint WHERE number = %s", number) == 1
        assert check(sealed).first_bad == first


def test_two_swapped_checkpoints_are_found(sealed: PracticeRecord) -> None:
    notes = ask("SELECT note FROM ledger_checkpoint ORDER BY number")
    with undone():
        run("UPDATE ledger_checkpoint SET note = %s WHERE number = 1", notes[2][0])
        run("UPDATE ledger_checkpoint SET note = %s WHERE number = 2", notes[1][0])
        assert check(sealed).first_bad == 3


def test_a_deleted_head_is_found(sealed: PracticeRecord) -> None:
    with undone():
        run("DELETE FROM ledger_ledgerhead")
        assert not check(sealed).ok


def test_a_removed_tail_is_found_by_the_checkpoint_kept_outside(sealed: PracticeRecord) -> None:
    """Everything after entry 4 goes, consistently; only the second place can tell."""
    keep = tlog.Frontier().extended(
        tlog.leaf_hash(bytes(row.leaf)) for row in SealedEntry.objects.filter(index__lt=5).order_by("index")
    )
    with undone():
        last = ask('SELECT event_id FROM ledger_sealedentry WHERE "index" >= 5')
        for (event,) in last:
            run("DELETE FROM spine_event WHERE event_id = %s", event)
        run('DELETE FROM ledger_sealedentry WHERE "index" >= 5')
        run("DELETE FROM ledger_checkpoint WHERE size > 5")
        run("UPDATE ledger_ledgerhead SET size = 5, frontier = %s", keep.encode())
        assert any("only 5" in fault.sentence for fault in check(sealed).faults)


# --- insertions ------------------------------------------------------------------------------------


def test_an_event_put_in_among_sealed_ones_is_found_and_placed(sealed: PracticeRecord) -> None:
    with undone():
        for seq, event in ask("SELECT seq, event_id FROM spine_event ORDER BY seq DESC"):
            if event in (event_of(index) for index in range(3, SIZE)):
                run("UPDATE spine_event SET seq = %s WHERE seq = %s", seq + 1, seq)
        gap = ask("SELECT seq FROM spine_event WHERE event_id = %s", event_of(2))[0][0] + 1
        run(
            "INSERT INTO spine_event (seq, practice_id, event_id, kind, version, occurred_at, actor, "
            "subject, case_ref, body, xid) SELECT %s, practice_id, %s, kind, version, occurred_at, actor, "
            "subject, case_ref, body, 0 FROM spine_event WHERE event_id = %s",
            gap, uuid4().hex, event_of(2),
        )  # fmt: skip
        report = check(sealed)
        assert any("put in" in fault.sentence and fault.index == 3 for fault in report.faults)
        assert report.first_bad == 3


def test_an_entry_put_in_behind_the_end_is_found_and_named(sealed: PracticeRecord) -> None:
    with undone():
        run(
            'INSERT INTO ledger_sealedentry (event_id, practice_id, "index", batch, leaf, key) '
            'SELECT %s, practice_id, 9, batch, leaf, key FROM ledger_sealedentry WHERE "index" = 8',
            uuid4().hex,
        )
        assert check(sealed).first_bad == SIZE


@pytest.mark.parametrize(("number", "size", "first"), [(4, 20, 9), (-1, 1, 0), (9, 4, 3)])
def test_a_checkpoint_put_in_is_found_and_placed(
    sealed: PracticeRecord, number: int, size: int, first: int
) -> None:
    with undone():
        run(
            "INSERT INTO ledger_checkpoint (id, practice_id, number, size, signed_at, note) "
            "SELECT %s, practice_id, %s, %s, signed_at, note FROM ledger_checkpoint WHERE number = 0",
            uuid4().hex, number, size,
        )  # fmt: skip
        assert check(sealed).first_bad == first


# --- an attacker who holds the keys but not the signature of the past -----------------------------


def test_a_forged_entry_that_fits_its_forged_event_still_misses_the_signed_root(
    sealed: PracticeRecord,
) -> None:
    row = SealedEntry.objects.get(index=3)
    leaf = tlog.parse_leaf(bytes(row.leaf))
    body = bytes(ask("SELECT body FROM spine_event WHERE event_id = %s", event_of(3))[0][0])
    forged = body.replace(b"bell 2", b"bell 9")
    assert forged != body
    new = tlog.Leaf(
        log=leaf.log, index=3, event=leaf.event, seq=leaf.seq, kind=leaf.kind, time=leaf.time,
        commitment=tlog.commit(row.key, forged),
    )  # fmt: skip
    with undone():
        run("UPDATE spine_event SET body = %s WHERE event_id = %s", forged, event_of(3))
        run('UPDATE ledger_sealedentry SET leaf = %s WHERE "index" = 3', new.encode())
        report = check(sealed)
        assert report.first_bad == 3
        assert {fault.place for fault in report.faults} >= {"tree", "file"}


def test_signing_everything_again_is_found_by_a_checkpoint_from_elsewhere(sealed: PracticeRecord) -> None:
    mailed = guard.read_last(sealed.id)
    head = LedgerHead.objects.get()
    key = Ed25519PrivateKey.from_private_bytes(head.signing_key)
    other = tlog.sign_checkpoint(tlog.Checkpoint(head.origin, 4, tlog.leaf_hash(b"another past")), key, 3)
    assert ledger.verify(practice_id=sealed.id, against=mailed).ok
    report = ledger.verify(practice_id=sealed.id, against=other)
    assert any("history differs" in fault.sentence for fault in report.faults)
    assert not ledger.verify(practice_id=sealed.id, against=b"not a note").ok


# --- redaction ---------------------------------------------------------------------------------------


def test_content_that_is_gone_without_a_recorded_erasure_is_found(sealed: PracticeRecord) -> None:
    with undone():
        run("UPDATE spine_event SET body = %s WHERE event_id = %s", b"", event_of(2))
        run('UPDATE ledger_sealedentry SET key = NULL WHERE "index" = 2')
        report = check(sealed)
        assert report.first_bad == 2
        assert "no erasure is recorded" in report.faults[0].sentence


def test_words_put_back_into_an_erased_entry_are_found(sealed: PracticeRecord) -> None:
    with undone():
        run("UPDATE spine_event SET body = %s WHERE event_id = %s", canonical_json({"a": 1}), event_of(4))
        assert check(sealed).first_bad == 4


# --- tiles and files -----------------------------------------------------------------------------------


def test_a_changed_tile_names_the_entry(practice: PracticeRecord, ring: Ring) -> None:
    for number in range(256):
        ring(str(number))
    ledger.seal_pending(limit=500)
    hashes = bytearray(ask("SELECT hashes FROM ledger_fulltile")[0][0])
    hashes[32 * 77] ^= 1
    with undone():
        run("UPDATE ledger_fulltile SET hashes = %s", bytes(hashes))
        assert check(practice).first_bad == 77
    edits = ("DELETE FROM ledger_fulltile", 'UPDATE ledger_fulltile SET "index" = 5')
    insert = (
        'INSERT INTO ledger_fulltile (id, practice_id, level, "index", hashes) '
        f"SELECT '{uuid4().hex}', practice_id, %s, %s, hashes FROM ledger_fulltile"
    )
    inserted = [(insert % where, first) for where, first in (((0, 1), 256), ((1, 0), 0), ((0, 70_000), 257))]
    for sql, first in (*((sql, 0) for sql in edits), *inserted):
        with undone():
            run(sql)
            assert check(practice).first_bad == first
    assert check(practice).ok


@pytest.mark.parametrize("name", ["tile/entries/000.p/9", "tile/0/000.p/9", "checkpoint", "log.vkey"])
def test_a_changed_published_file_is_found(sealed: PracticeRecord, ledger_folder: Path, name: str) -> None:
    path = ledger_folder / name
    good = path.read_bytes()
    path.write_bytes(good[:-6] + bytes([good[-6] ^ 1]) + good[-5:])
    assert not check(sealed).ok
    ledger.publish(practice_id=sealed.id, rebuild=True)
    assert path.read_bytes() == good
    assert check(sealed).ok


def test_a_published_entry_that_was_changed_is_named(sealed: PracticeRecord, ledger_folder: Path) -> None:
    path = ledger_folder / "tile/entries/000.p/9"
    entries = list(tlog.split_entries(path.read_bytes()))
    entries[6] = entries[6].replace(b"test", b"tent")
    path.write_bytes(tlog.join_entries(entries))
    assert check(sealed).first_bad == 6


def test_a_fault_is_looked_at_twice(sealed: PracticeRecord, ledger_folder: Path) -> None:
    rounds.forget()
    report = ledger.verify(practice_id=sealed.id, home=ledger_folder.parent.parent)
    assert report.ok
