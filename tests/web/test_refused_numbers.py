"""Whoever asks for a refusal that never was keeps no page from anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def no_room() -> Iterator[None]:
    """As many others wait as may."""
    for _ in range(views.MOST_WAITING):
        assert views._WAITING.acquire(blocking=False)
    try:
        yield
    finally:
        for _ in range(views.MOST_WAITING):
            views._WAITING.release()


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
    with no_room():
        assert ask(public_id("dec", uuid7())) == 200
        assert ask("nothing") == 401
        assert waits == []
    assert ask(public_id("dec", uuid7())) == 401
    assert waits != []


def test_whoever_finds_no_room_comes_back_by_itself_twice_and_no_more(
    practice: PracticeRecord, waits: list[float]
) -> None:
    browser = Client(HTTP_HOST="localhost")
    place = f"/refused/{public_id('dec', uuid7())}?lang=es"
    with no_room():
        for _ in range(views.MOST_TURNS):
            page = browser.get(place)
            assert (page.status_code, page["Content-Language"], "Un momento." in page.content.decode()) == (
                200, "es", True,
            )  # fmt: skip
            refresh = re.search(r'http-equiv="refresh" content="2; url=([^"]+)"', page.content.decode())
            assert refresh
            place = refresh[1].replace("&amp;", "&")
        assert browser.get(place).status_code == 401
    assert waits == []
    assert browser.get(place).status_code == 401
    assert waits == list(views.PATIENCE_S)
