"""Whoever asks for a refusal that never was keeps no page from anybody else."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from pocketward.kernel.ids import public_id, uuid7
from pocketward.practice.api import PracticeRecord
from pocketward.web.refused import views

OLD = UUID(int=uuid7().int - (60_000 << 80))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long pages waited, each time; no time passes."""
    found: list[float] = []
    monkeypatch.setattr(views.time, "sleep", found.append)
    return found


def ask(number: str) -> int:
    return Client(HTTP_HOST="localhost").get(f"/refused/{number}").status_code


def test_only_a_number_of_the_last_seconds_is_waited_for(
    practice: PracticeRecord, waits: list[float]
) -> None:
    for number in ("nothing", "dec_zzz", public_id("dev", uuid7()), public_id("dec", OLD)):
        assert ask(number) == 401
    assert waits == []
    assert ask(public_id("dec", uuid7())) == 401
    assert waits == list(views.PATIENCE_S)


def test_no_more_threads_wait_at_once_than_leave_room_for_others(
    practice: PracticeRecord, waits: list[float]
) -> None:
    for _ in range(views.MOST_WAITING):
        assert views._WAITING.acquire(blocking=False)
    try:
        assert ask(public_id("dec", uuid7())) == 401
        assert waits == []
    finally:
        for _ in range(views.MOST_WAITING):
            views._WAITING.release()
    assert ask(public_id("dec", uuid7())) == 401
    assert waits != []
