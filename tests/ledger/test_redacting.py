"""Erasing what an entry said keeps every proof, and says so."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import connection

from pocketward.ledger import api as ledger
from pocketward.ledger.errors import (
    AlreadyRedacted,
    CannotRedact,
    NoSuchEntry,
    NotSealedYet,
    ReasonMissing,
    ReasonTooLong,
)
from pocketward.ledger.models import SealedEntry
from pocketward.practice.records import PracticeRecord
from pocketward.protocols import tlog

Ring = Callable[..., UUID]


def redact(practice: PracticeRecord, event_id: UUID, reason: str = "asked for by the person") -> int:
    return ledger.redact(
        practice_id=practice.id, event_id=event_id, reason=reason, by="member:1", by_name="Dana Example"
    )


def test_after_an_erasure_every_old_proof_still_holds(practice: PracticeRecord, ring: Ring) -> None:
    bells = [ring(f"bell {number}", name="Ben Sample") for number in range(4)]
    ledger.seal_pending()
    before = [ledger.entry(practice_id=practice.id, index=index) for index in range(5)]
    assert redact(practice, bells[1]) == 2
    ledger.seal_pending()
    for proof in before:
        tlog.verify_proof_file(proof.proof_file, proof.leaf, tlog.parse_verifier_key(proof.verifier_key))
        assert ledger.entry(practice_id=practice.id, index=proof.entry.index).holds
    report = ledger.verify(practice_id=practice.id)
    assert report.ok and report.redacted == (2,)


def test_the_words_and_the_key_are_gone_from_the_rows(practice: PracticeRecord, ring: Ring) -> None:
    bell = ring("a very private bell", name="Ben Sample")
    ledger.seal_pending()
    redact(practice, bell)
    proof = ledger.entry(practice_id=practice.id, index=1)
    assert proof.event is None and proof.record_key is None and proof.entry.body is None
    assert proof.entry.redacted and proof.entry.actor_name == ""
    assert SealedEntry.objects.get(index=1).key is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM spine_event")
        assert all(b"private bell" not in bytes(row[0]) for row in cursor.fetchall())
    assert not ledger.entries(practice_id=practice.id, text="private bell")


def test_the_erasure_is_a_fact_that_says_who_and_why_and_not_what(
    practice: PracticeRecord, ring: Ring
) -> None:
    bell = ring("a very private bell")
    ledger.seal_pending()
    redact(practice, bell, "typed into the wrong field")
    ledger.seal_pending()
    (entry,) = ledger.entries(practice_id=practice.id, kinds=("ledger.entry_redacted",))
    assert entry.body is not None
    assert (entry.actor_name, entry.body["reason"]) == ("Dana Example", "typed into the wrong field")
    assert entry.subject == f"event:{bell}" and entry.body["index"] == 1
    assert "private" not in str(entry.body)


def test_an_erasure_is_counted_as_one_before_it_is_sealed_itself(
    practice: PracticeRecord, ring: Ring
) -> None:
    bell = ring()
    ledger.seal_pending()
    redact(practice, bell)
    report = ledger.verify(practice_id=practice.id)
    assert report.ok and report.redacted == (1,) and report.waiting == 1


def test_what_cannot_be_erased_says_why(practice: PracticeRecord, ring: Ring) -> None:
    bell = ring()
    with pytest.raises(NotSealedYet):
        redact(practice, bell)
    ledger.seal_pending()
    with pytest.raises(ReasonMissing):
        redact(practice, bell, "  ")
    with pytest.raises(ReasonTooLong):
        redact(practice, bell, "x" * 201)
    redact(practice, bell)
    with pytest.raises(AlreadyRedacted):
        redact(practice, bell)
    with pytest.raises(NoSuchEntry):
        redact(practice, uuid4())
    ledger.seal_pending()
    (erasure,) = ledger.entries(practice_id=practice.id, kinds=("ledger.entry_redacted",))
    with pytest.raises(CannotRedact):
        redact(practice, erasure.event_id)
