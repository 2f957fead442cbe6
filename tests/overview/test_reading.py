"""Lists, filters and numbers agree at any moment, and cost the same for any number of phones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.kernel import clock
from pocketward.overview import api as overview_api
from pocketward.overview.api import SORTS, VIEWS, WORST_FIRST, PhoneQuestion
from pocketward.overview.models import DeviceRow
from pocketward.overview.standing import OK
from pocketward.posture import api as posture_api
from pocketward.posture.feed import redate, shipped_feed
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import run_due
from pocketward.web.components import words
from tests.factories.many_phones import many_phones
from tests.web.clinic import Clinic

CountedQueries = Callable[[int], AbstractContextManager[Any]]
SECONDS = st.none() | st.integers(-3, 3)


@pytest.fixture
def phones(practice: PracticeRecord) -> PracticeRecord:
    """Twelve phones on the list."""
    many_phones(practice.id, 12)
    overview_api.rebuild(practice_id=practice.id)
    return practice


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip
@given(kinds=st.lists(st.tuples(st.sampled_from((0, 1, 3, 4)), SECONDS, SECONDS), min_size=12, max_size=12))
def test_time_counts_the_same_in_the_list_the_filters_and_the_numbers(
    phones: PracticeRecord, kinds: list[tuple[int, int | None, int | None]]
) -> None:
    now = clock.now().replace(microsecond=0)
    rows = list(DeviceRow.objects.order_by("label_key"))
    for row, (settled, silent, stale) in zip(rows, kinds):
        row.settled = settled
        row.silent_at = None if silent is None else now + timedelta(seconds=silent)
        row.stale_at = None if stale is None else now + timedelta(milliseconds=500 * stale)
    DeviceRow.objects.bulk_update(rows, ["settled", "silent_at", "stale_at"])
    lines = overview_api.phones(practice_id=phones.id, question=PhoneQuestion(), now=now)
    shown = Counter(line.standing.status_at(now) for line in lines)
    numbers = overview_api.phone_counts(practice_id=phones.id, now=now)
    assert numbers.by_status == {status: shown[status] for status in WORST_FIRST}
    assert [line.standing.status_at(now) for line in lines] == sorted(shown.elements(), key=WORST_FIRST.index)
    for status in WORST_FIRST:
        wanted = PhoneQuestion(status=status)
        found = overview_api.phones(practice_id=phones.id, question=wanted, now=now)
        assert len(found) == shown[status]
        assert {line.standing.status_at(now) for line in found} <= {status}
        assert overview_api.phone_counts(practice_id=phones.id, now=now, question=wanted).found == len(found)
    assert overview_api.attention(practice_id=phones.id, now=now)[0] == 12 - shown["ok"]


def test_a_fact_past_its_limit_is_unknown_though_no_event_came(practice: PracticeRecord) -> None:
    posture_api.import_feed(data=redate(shipped_feed(), clock.now()))
    clinic = Clinic(practice)
    clinic.report(clinic.phone("Ana’s iPhone 15"))
    while run_due():
        pass
    DeviceRow.objects.update(settled=OK, reason="")
    row = DeviceRow.objects.get()
    assert row.stale_at is not None

    def status_at(moment: datetime) -> str:
        states = overview_api.phone_counts(practice_id=practice.id, now=moment).by_status
        return next(status for status, count in states.items() if count)

    first = min(row.stale_at, row.silent_at)
    assert status_at(first - timedelta(seconds=1)) == "ok"
    assert status_at(row.stale_at + timedelta(seconds=1)) in ("unknown", "silent")
    assert status_at(row.silent_at + timedelta(seconds=1)) == "silent"
    DeviceRow.objects.update(silent_at=row.silent_at + timedelta(days=9))
    assert status_at(row.stale_at + timedelta(seconds=1)) == "unknown"


def test_the_five_words_are_those_of_the_pages() -> None:
    assert WORST_FIRST == words.WORST_FIRST


def test_names_are_found_without_accents_and_ordered_as_people_count(practice: PracticeRecord) -> None:
    clinic = Clinic(practice)
    zoe = practice_api.add_member(practice_id=practice.id, full_name="Zoë Ejemplo", by="system:test")
    for label in ("Rounds iPad 10", "Rounds iPad 2", "rounds iPad 1"):
        clinic.phone(label, member=zoe if label.endswith("2") else None)
    while run_due():
        pass

    def labels(**question: str) -> list[str]:
        found = overview_api.phones(
            practice_id=practice.id, question=PhoneQuestion(**question), now=clock.now()
        )
        return [line.label for line in found]

    assert labels(sort="name") == ["rounds iPad 1", "Rounds iPad 2", "Rounds iPad 10"]
    assert labels(q="zoe rounds") == ["Rounds iPad 2"]
    assert labels(q="100%") == labels(q="_") == []
    assert overview_api.count_people(practice_id=practice.id, q="EJEMPLO zoë") == (1, 1)


@pytest.mark.parametrize("number", [3, 130])
def test_a_list_costs_as_many_statements_for_3_phones_as_for_130(
    practice: PracticeRecord, number: int, django_assert_num_queries: CountedQueries
) -> None:
    many_phones(practice.id, number)
    overview_api.rebuild(practice_id=practice.id)
    now = clock.now()
    for sort in SORTS:
        for view in VIEWS:
            question = PhoneQuestion(view=view, sort=sort, q="ward")
            with django_assert_num_queries(1):
                found = overview_api.phones(practice_id=practice.id, question=question, now=now)
            with django_assert_num_queries(1):
                numbers = overview_api.phone_counts(practice_id=practice.id, now=now, question=question)
            assert len(found) == min(numbers.found, overview_api.PER_PAGE)
    with django_assert_num_queries(2):
        overview_api.attention(practice_id=practice.id, now=now)


def test_pages_together_are_the_whole_list_once(phones: PracticeRecord) -> None:
    now = clock.now()
    for sort in SORTS:
        question = PhoneQuestion(sort=sort)
        whole = overview_api.phones(practice_id=phones.id, question=question, now=now, limit=None)
        parts = [
            overview_api.phones(practice_id=phones.id, question=question, now=now, first=first, limit=5)
            for first in (0, 5, 10)
        ]
        assert [len(part) for part in parts] == [5, 5, 2]
        assert sum(parts, ()) == whole
        assert len({line.device_id for line in whole}) == 12


def test_a_phone_that_changes_hands_is_counted_for_whoever_has_it(
    practice: PracticeRecord, owner: Member, clinician: Member
) -> None:
    from pocketward.fleet import api as fleet_api

    device_id = Clinic(practice).phone("Ana’s iPhone 15", member=owner)
    for holder in (owner, clinician, None):
        fleet_api.assign_device(
            device_id=device_id, member_id=holder.id if holder else None, by="system:test"
        )
        while run_due():
            pass
        counted = {line.member_id: line.phones for line in overview_api.people(practice_id=practice.id)}
        assert counted == {person.id: int(person == holder) for person in (owner, clinician)}
