"""What a check-in costs, in statements: time is the machine's, statements are ours (docs/decisions/0040)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pocketward.access import api as access
from pocketward.fleet import api as fleet
from pocketward.posture import api as posture
from pocketward.practice.api import PracticeRecord
from pocketward.spine import reactions, unit
from pocketward.spine.api import Event
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.phones import HEALTHY

# Savepoints of the test's own transaction are BEGIN and COMMIT in the product.
TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def statements(captured: CaptureQueriesContext) -> list[str]:
    """The statements that read or write rows."""
    return [one["sql"] for one in captured.captured_queries if not one["sql"].startswith(TRANSACTION)]


def writes(captured: CaptureQueriesContext) -> list[str]:
    """The statements that write rows."""
    return [sql for sql in statements(captured) if not sql.startswith("SELECT")]


@contextmanager
def counted_chain(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many statements the safety chain itself made, for each transaction."""
    counts: list[int] = []
    handle = reactions._handle

    def count(one: unit.Unit, events: Sequence[Event]) -> None:
        with CaptureQueriesContext(connection) as captured:
            handle(one, events)
        counts.append(len(statements(captured)))

    monkeypatch.setattr(reactions, "_handle", count)
    yield counts


@pytest.fixture
def quiet(phone: Enrolled, practice: PracticeRecord) -> Enrolled:
    """A healthy phone with nothing left to do, in a practice with its record systems."""
    access.prepare_practice(practice_id=practice.id, by="system:test")
    phone.wire.work_through(HEALTHY)
    phone.wire.next()
    return phone


def answer(phone: Enrolled, **security: Any) -> CaptureQueriesContext:
    """Order SecurityInfo, let the phone answer with these changes, and capture the answer's statements."""
    fleet.order_command(
        device_id=phone.device_id, request_type="SecurityInfo", params={}, by="system:test", urgent=True
    )
    command = phone.wire.next()
    told = copy.deepcopy(HEALTHY["SecurityInfo"])
    told["SecurityInfo"] |= security
    with CaptureQueriesContext(connection) as captured:
        phone.wire.report("Acknowledged", command, **told)
    return captured


def test_an_unchanged_check_in_writes_nothing(quiet: Enrolled) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert quiet.wire.next() is None
    assert writes(captured) == []
    assert len(statements(captured)) <= (1 if connection.vendor == "sqlite" else 2)


def test_an_unchanged_answer_writes_its_commands_end_and_nothing_else(quiet: Enrolled) -> None:
    tables = {sql.split('"')[1] for sql in writes(answer(quiet))}
    assert tables == {"fleet_command", "fleet_commandproof", "spine_event", "spine_job"}


def test_a_verdict_that_flips_costs_at_most_ten_statements_inside_the_chain(
    quiet: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted_chain(monkeypatch) as counts:
        for present in (False, True):
            counts.clear()
            answer(quiet, PasscodePresent=present)
            found = posture.device_posture(device_id=quiet.device_id)
            assert found is not None
            results = {one["id"]: one["result"] for one in found.checks}
            assert results["passcode_set"] == ("pass" if present else "fail")
            assert max(counts) <= 10, counts


def test_a_changed_fact_that_moves_no_verdict_costs_at_most_four_in_the_chain(
    quiet: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted_chain(monkeypatch) as counts:
        answer(quiet, PasscodeCompliant=False)
        assert counts
        assert max(counts) <= 4, counts


def test_the_whole_answer_that_flips_a_verdict_stays_within_what_was_measured(quiet: Enrolled) -> None:
    assert len(statements(answer(quiet, PasscodePresent=False))) <= 32
