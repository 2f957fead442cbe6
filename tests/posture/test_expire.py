"""The timer: a phone that falls silent is judged anew when its facts get too old, however often it spoke."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pocketward.access import api as access
from pocketward.access.models import DeviceAccess
from pocketward.kernel import clock
from pocketward.policy import api as policy
from pocketward.posture import api as posture
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies, run_due
from pocketward.spine.models import Job
from tests.access.clinic import Phone, register_ehr

SHORTER = policy.template().replace("_hours: 36", "_hours: 6")


@pytest.fixture
def phone(practice: PracticeRecord, clinician: Member) -> Phone:
    """A phone that may open a record system of the practice, and has not spoken yet."""
    access.prepare_practice(practice_id=practice.id, by="system:test")
    register_ehr(practice)
    return Phone(practice, clinician)


def tell_every_three_hours(phone: Phone, times: int) -> datetime:
    """The phone speaks so often; when it spoke last."""
    start = clock.now()
    for number in range(times):
        with clock.frozen(start + timedelta(hours=3 * number)):
            phone.tell()
            run_due()
    return start + timedelta(hours=3 * (times - 1))


def said(phone: Phone) -> str:
    found = posture.device_posture(device_id=phone.device_id)
    assert found is not None
    return found.posture


def is_open(phone: Phone) -> bool:
    return bool(DeviceAccess.objects.get(device_id=phone.device_id).open)


def closings(practice: PracticeRecord) -> int:
    return len(list(event_bodies(practice_id=practice.id, kinds=("access.records_closed",))))


@pytest.mark.parametrize("reports", [1, 2, 5])
def test_a_silent_phone_is_closed_on_every_page_and_in_the_ledger_when_the_gate_closes_it(
    practice: PracticeRecord, phone: Phone, reports: int
) -> None:
    last = tell_every_three_hours(phone, reports)
    found = posture.device_posture(device_id=phone.device_id)
    assert found is not None
    assert found.fresh_until > last + timedelta(hours=3)
    closed_before = closings(practice)
    hour = last
    while hour < found.fresh_until - timedelta(hours=3):
        hour += timedelta(hours=3)
        with clock.frozen(hour):
            run_due()
            assert said(phone) == "compliant"
            assert is_open(phone)
    with clock.frozen(found.fresh_until + timedelta(seconds=2)):
        run_due()
        assert said(phone) == "unknown"
        assert not is_open(phone)
    changed = list(event_bodies(practice_id=practice.id, kinds=("posture.posture_changed",)))
    assert changed[-1]["posture"] == "unknown"
    assert closings(practice) == closed_before + 1


def test_a_phone_that_keeps_speaking_has_one_timer_and_stays_open(phone: Phone) -> None:
    last = tell_every_three_hours(phone, 40)
    with clock.frozen(last):
        assert said(phone) == "compliant"
        assert is_open(phone)
    assert Job.objects.filter(kind="posture.expire", state__in=Job.OPEN).count() == 1


def test_a_shorter_limit_brings_the_timer_forward(practice: PracticeRecord, phone: Phone) -> None:
    last = tell_every_three_hours(phone, 2)
    with clock.frozen(last + timedelta(minutes=1)):
        policy.set_policy(practice_id=practice.id, text=SHORTER, reason="sooner", by="system:test")
        run_due()
        assert said(phone) == "compliant"
    with clock.frozen(last + timedelta(hours=6, seconds=2)):
        run_due()
        assert said(phone) == "unknown"
        assert not is_open(phone)
