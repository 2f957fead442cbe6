"""Two clocks: the product's, which a demo moves, and the machine's, which nothing moves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pocketward.kernel import clock

SLACK = timedelta(seconds=20)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """The offset file of a demo, in use for this test."""
    before = clock._offset.path
    clock.set_offset_file(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.set_offset_file(before)


def ahead() -> timedelta:
    """How far the product's clock is before the machine's."""
    return clock.now() - clock.true_now()


def test_without_an_offset_both_say_the_same(file: Path) -> None:
    assert abs(ahead()) < SLACK
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("seconds", [40 * 3600, -90, 0, 10 * 365 * 86400])
def test_a_written_offset_moves_the_products_clock_alone(file: Path, seconds: int) -> None:
    machine = datetime.now(UTC)
    clock.write_offset(file, seconds)
    assert abs(ahead() - timedelta(seconds=seconds)) < SLACK
    assert abs(clock.true_now() - machine) < SLACK


def test_each_new_offset_is_seen_at_the_next_reading(file: Path) -> None:
    for seconds in (3600, 7200, 0, 86400):
        clock.write_offset(file, seconds)
        assert abs(ahead() - timedelta(seconds=seconds)) < SLACK


def test_a_file_that_goes_away_does_not_throw_the_clock_back(file: Path) -> None:
    clock.write_offset(file, 3600)
    assert ahead() > timedelta(minutes=59)
    file.unlink()
    assert ahead() > timedelta(minutes=59)


def test_nobody_reads_half_an_offset(file: Path) -> None:
    """Writers replace the file whole; a reader in between sees the one before or the one after."""
    stop = threading.Event()
    seen: list[timedelta] = []

    def read() -> None:
        while not stop.is_set():
            clock._offset.stamp = (-1, -1)
            seen.append(clock._offset.read())

    clock.write_offset(file, 111_111)
    reader = threading.Thread(target=read)
    reader.start()
    for number in range(200):
        clock.write_offset(file, 111_111 if number % 2 else 222_222)
    stop.set()
    reader.join()
    assert set(seen) <= {timedelta(seconds=111_111), timedelta(seconds=222_222)}


def test_a_test_may_hold_the_clock_for_its_own_context_only() -> None:
    moment = datetime(2026, 3, 1, 7, tzinfo=timezone(timedelta(hours=-5)))
    elsewhere: list[datetime] = []
    with clock.frozen(moment):
        assert clock.now() == moment
        assert clock.now().tzinfo is UTC
        other = threading.Thread(target=lambda: elsewhere.append(clock.now()))
        other.start()
        other.join()
        with clock.frozen(moment + timedelta(days=1)):
            assert clock.now() == moment + timedelta(days=1)
        assert clock.now() == moment
        assert clock.true_now() != moment
    assert elsewhere[0] != moment
    assert clock.now() != moment


def test_a_moment_without_a_zone_cannot_be_held() -> None:
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 3, 1)):  # noqa: DTZ001
        raise AssertionError("never reached")
