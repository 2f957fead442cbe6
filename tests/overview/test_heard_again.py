"""A phone that is heard again after a silence is so on the list, though it answers nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet import state
from pocketward.kernel import clock
from pocketward.overview import api as overview_api
from pocketward.overview.api import PhoneQuestion
from pocketward.practice.api import PracticeRecord
from pocketward.spine.api import event_bodies, run_due
from tests.web.clinic import Clinic


def line_of(practice: PracticeRecord) -> Any:
    (line,) = overview_api.phones(practice_id=practice.id, question=PhoneQuestion(), now=clock.now())
    return line


def times_heard_again(practice: PracticeRecord, device_id: UUID) -> list[int]:
    found = event_bodies(practice_id=practice.id, subject=f"device:{device_id}", limit=1000)
    return [event["silent_hours"] for event in found if event["kind"] == "fleet.device_heard_again"]


def test_a_phone_that_only_says_that_it_is_there_is_silent_no_more(practice: PracticeRecord) -> None:
    clinic = Clinic(practice)
    device_id = clinic.phone("Ward phone 7")
    clinic.report(device_id)
    run_due(1000)
    start = clock.now()
    with clock.frozen(start + timedelta(days=9)):
        assert line_of(practice).standing.status_at(clock.now()) == "silent"
        state.note_heard(device_id=device_id)
        run_due(1000)
        line, device = line_of(practice), fleet_api.get_device(device_id=device_id)
        assert line.standing.status_at(clock.now()) != "silent"
        assert line.heard_at == device.last_heard_at == clock.now()
        assert times_heard_again(practice, device_id) == [9 * 24]


def test_a_phone_that_speaks_all_the_time_makes_no_fact_of_it(practice: PracticeRecord) -> None:
    clinic = Clinic(practice)
    device_id = clinic.phone("Ward phone 7")
    clinic.report(device_id)
    start = clock.now()
    for hours in (2, 4, 15, 26):
        with clock.frozen(start + timedelta(hours=hours)):
            state.note_heard(device_id=device_id)
    assert times_heard_again(practice, device_id) == []
    with clock.frozen(start + timedelta(hours=38, minutes=59)):
        state.note_heard(device_id=device_id)
        state.note_heard(device_id=device_id)
    assert times_heard_again(practice, device_id) == [12]
