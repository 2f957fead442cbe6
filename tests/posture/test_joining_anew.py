"""A phone that joins anew is unknown until it reports, and opens records with its first report."""

from __future__ import annotations

from datetime import timedelta

from pocketward.access.models import DeviceAccess
from pocketward.kernel import clock
from pocketward.overview import api as overview_api
from pocketward.posture import api as posture_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import run_due
from tests.web.clinic import Clinic


def test_a_phone_that_joins_anew_within_a_minute_and_says_the_same_opens_again(
    practice: PracticeRecord, owner: Member
) -> None:
    clinic, start = Clinic(practice), clock.now()
    with clock.frozen(start):
        device = clinic.phone("Ben’s iPhone", member=owner)
        clinic.report(device)
    before = DeviceAccess.objects.get(device_id=device).posture
    with clock.frozen(start + timedelta(seconds=20)):
        clinic.made -= 1  # the same serial number
        assert clinic.phone("Ben’s iPhone", member=owner) == device
        found = posture_api.device_posture(device_id=device)
        assert found is not None
        assert found.posture == DeviceAccess.objects.get(device_id=device).posture == "unknown"
        run_due(1000)
        (line,) = overview_api.phones_by_id(practice_id=practice.id, device_ids=[device])
        assert line.standing.status_at(clock.now()) == "unknown"
        assert line.standing.reason_at(clock.now()) == "joined_anew"
    with clock.frozen(start + timedelta(seconds=40)):
        clinic.report(device)
    found = posture_api.device_posture(device_id=device)
    assert found is not None
    assert found.posture == DeviceAccess.objects.get(device_id=device).posture == before == "compliant"


def test_a_phone_that_joins_for_the_first_time_has_no_posture_before_it_reports(
    practice: PracticeRecord, owner: Member
) -> None:
    device = Clinic(practice).phone("Ben’s iPhone", member=owner)
    assert posture_api.device_posture(device_id=device) is None
