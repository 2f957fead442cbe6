"""Pages read the ledger through these."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection

from pocketward.ledger import api as ledger
from pocketward.ledger.errors import NoSuchEntry
from pocketward.practice import api as practice_api
from pocketward.practice.records import PracticeRecord
from pocketward.protocols import tlog
from pocketward.spine.api import practice_scope

Ring = Callable[..., UUID]


@pytest.fixture
def sealed(practice: PracticeRecord, ring: Ring) -> PracticeRecord:
    ring("door", by="member:1", name="Dana Example", subject="device:1")
    ring("window", by="member:2", name="Ben Sample", subject="device:1")
    ring("José’s gate", by="member:1", name="Dana Example", subject="device:2")
    ledger.seal_pending()
    return practice


def found(practice: PracticeRecord, **filters: object) -> list[int]:
    return [entry.index for entry in ledger.entries(practice_id=practice.id, **filters)]  # type: ignore[arg-type]


def test_filters_join_by_and(sealed: PracticeRecord) -> None:
    assert found(sealed, kinds=("test.rang",)) == [3, 2, 1]
    assert found(sealed, kinds=("test.",)) == [3, 2, 1]
    assert found(sealed, kinds=("test.", "practice.practice_created")) == [3, 2, 1, 0]
    assert found(sealed, actor="member:1") == [3, 1]
    assert found(sealed, actor="member:1", subject="device:1") == [1]
    assert found(sealed, case_ref="case_none") == []


def test_text_is_searched_in_the_content_in_any_case(sealed: PracticeRecord) -> None:
    assert found(sealed, text="WINDOW") == [2]
    assert found(sealed, text="dana ex") == [3, 1]
    assert found(sealed, text="José’s") == [3]
    assert found(sealed, text="100%_nothing") == []


def test_pages_follow_each_other(sealed: PracticeRecord) -> None:
    assert found(sealed, limit=2) == [3, 2]
    assert found(sealed, limit=2, before_index=2) == [1, 0]
    assert found(sealed, limit=0) == [3], "a page has at least one entry"


def test_an_entry_names_who_and_what(sealed: PracticeRecord) -> None:
    entry = ledger.entry(practice_id=sealed.id, index=2).entry
    assert (entry.kind, entry.actor, entry.actor_name, entry.subject) == (
        "test.rang", "member:2", "Ben Sample", "device:1",
    )  # fmt: skip
    assert entry.body is not None and entry.body["bell"] == "window"
    assert ledger.index_of(practice_id=sealed.id, event_id=entry.event_id) == 2


def test_a_proof_can_be_checked_without_us(sealed: PracticeRecord) -> None:
    proof = ledger.entry(practice_id=sealed.id, index=2)
    key = tlog.parse_verifier_key(proof.verifier_key)
    signed = tlog.verify_proof_file(proof.proof_file, proof.leaf, key)
    assert signed.checkpoint.size == proof.size == 4
    assert proof.event is not None and proof.record_key is not None
    assert tlog.matches(tlog.parse_leaf(proof.leaf).commitment, proof.record_key, proof.event)
    assert proof.holds


def test_a_changed_event_shows_as_not_holding(sealed: PracticeRecord) -> None:
    event = ledger.entry(practice_id=sealed.id, index=2).entry.event_id
    with connection.cursor() as cursor:
        cursor.execute("UPDATE spine_event SET body = %s WHERE event_id = %s", [b'{"bell":"x"}', event.hex])
    assert not ledger.entry(practice_id=sealed.id, index=2).holds
    assert ledger.entry(practice_id=sealed.id, index=1).holds


@pytest.mark.parametrize("index", [-1, 4])
def test_an_entry_that_is_not_there_is_said_so(sealed: PracticeRecord, index: int) -> None:
    with pytest.raises(NoSuchEntry):
        ledger.entry(practice_id=sealed.id, index=index)


def test_another_practice_sees_nothing_of_it(sealed: PracticeRecord) -> None:
    other = practice_api.create_practice(name="Elm Street Therapy", by="system:test")
    with practice_scope(other.id):
        assert found(sealed) == []
        assert ledger.latest_checkpoint(practice_id=sealed.id) is None
        with pytest.raises(NoSuchEntry):
            ledger.entry(practice_id=sealed.id, index=0)


def test_waiting_facts_are_counted(sealed: PracticeRecord, ring: Ring) -> None:
    assert ledger.waiting(practice_id=sealed.id) == 0
    event = ring()
    assert ledger.waiting(practice_id=sealed.id) == 1
    assert ledger.index_of(practice_id=sealed.id, event_id=event) is None
