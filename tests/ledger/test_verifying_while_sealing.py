"""An honest ledger that grows while it is checked is not accused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from pocketward.ledger import api as ledger
from pocketward.ledger import beside, tree, verifying
from pocketward.practice.records import PracticeRecord

Ring = Callable[..., UUID]


def growing(found: Any, name: str, grow: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ledger grow right before and right after this function."""
    real = getattr(found, name)

    def around(*args: Any, **rest: Any) -> Any:
        grow()
        answer = real(*args, **rest)
        grow()
        return answer

    monkeypatch.setattr(found, name, around)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (tree, "head_of"),
        (verifying, "redactions"),
        (verifying, "rows_in_order"),
        (beside, "head_faults"),
        (beside, "kept_faults"),
        (beside, "rows_outside"),
        (beside, "unsealed"),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_entries_sealed_while_it_is_checked_are_no_fault(
    practice: PracticeRecord, ring: Ring, monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    ring("first")
    ledger.seal_pending()
    busy: list[bool] = []

    def grow() -> None:
        if busy:
            return
        busy.append(True)
        ring("another")
        assert ledger.seal_pending() >= 1
        ledger.publish(practice_id=practice.id)
        busy.clear()

    growing(place, name, grow, monkeypatch)
    report = ledger.verify(practice_id=practice.id)
    assert [fault.sentence for fault in report.faults] == []
    assert report.size >= 1


def test_entries_sealed_between_any_two_rows_are_no_fault(
    practice: PracticeRecord, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        ring(f"bell {number}")
    ledger.seal_pending()
    real = verifying.rows_in_order

    def slowly(*args: Any) -> Iterator[Any]:
        for row in real(*args):
            ring("another")
            assert ledger.seal_pending() >= 1
            ledger.publish(practice_id=practice.id)
            yield row

    monkeypatch.setattr(verifying, "rows_in_order", slowly)
    report = ledger.verify(practice_id=practice.id)
    assert [fault.sentence for fault in report.faults] == []
