"""After a fault at Apple, of the line or of the certificate, phones are woken at once, and not in a storm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet import push
from pocketward.fleet.errors import PushUnavailable
from pocketward.fleet.models import Command
from pocketward.fleet.push_certificates import PushIdentity
from pocketward.kernel import clock
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apns import PushOutcome, PushRequest
from pocketward.spine.api import open_tasks, run_due
from pocketward.spine.models import Job
from tests.factories.push_service import Service
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.phones import HEALTHY
from tests.fleet.apple.push_certificates import upload

HOUR = timedelta(hours=1)
QUESTIONS = ("DeviceInformation", "SecurityInfo")


class Line(Service):
    """The push service behind a line that can be cut."""

    is_cut = False

    def send(self, identity: PushIdentity, request: PushRequest) -> PushOutcome:
        """Take a push, unless the line is cut."""
        if self.is_cut:
            raise PushUnavailable("ConnectError")
        return super().send(identity, request)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """No socket is open in this test: the connection is the only thing replaced."""
    line = Line()
    monkeypatch.setattr(push, "_send", line.send)
    return line


@pytest.fixture
def quiet(phone: Enrolled, practice: PracticeRecord, line: Line) -> Enrolled:
    """A phone with nothing left to do, of a practice with a push certificate."""
    upload(practice.id)
    phone.wire.work_through(HEALTHY)
    run_due()
    line.asked.clear()
    return phone


def pass_hours(hours: float, step: timedelta = timedelta(minutes=30)) -> timedelta:
    """Let the worker run while this time passes; how long it was."""
    start, gone = clock.now(), timedelta()
    while gone < timedelta(hours=hours):
        gone += step
        with clock.frozen(start + gone):
            run_due(1000)
    return gone


def test_after_36_hours_without_the_push_service_the_phone_is_woken_within_the_hour(
    quiet: Enrolled, line: Line, practice: PracticeRecord
) -> None:
    start = clock.now()
    line.is_cut = True
    gone = pass_hours(36)
    assert Job.objects.filter(kind="fleet.push", state=Job.DEAD).count() == 0
    assert "push-unreachable" in dict(open_tasks(practice.id))
    line.is_cut = False
    with clock.frozen(start + gone):
        pass_hours(1, timedelta(minutes=5))
    assert line.asked
    assert "push-unreachable" not in dict(open_tasks(practice.id))


def test_the_first_push_that_gets_through_wakes_all_the_others(
    quiet: Enrolled, enroll: Enroll, line: Line
) -> None:
    others = [enroll(serial=f"OTHER{number}") for number in range(3)]
    for other in others:
        other.wire.work_through(HEALTHY)
    run_due()
    start = clock.now()
    line.is_cut = True
    gone = pass_hours(6)
    line.is_cut = False
    line.asked.clear()
    with clock.frozen(start + gone):
        while not line.asked:
            gone += timedelta(minutes=2)
            with clock.frozen(start + gone):
                run_due(1000)
    with clock.frozen(start + gone + timedelta(minutes=1)):
        run_due(1000)
        assert Command.objects.filter(state="queued").count() == 0
        assert len(line.asked) <= 8


def test_a_good_certificate_after_a_day_of_a_refused_one_wakes_the_phones_at_once(
    quiet: Enrolled, line: Line, practice: PracticeRecord
) -> None:
    start = clock.now()
    line.say(403, "BadCertificate")
    gone = pass_hours(24)
    assert len(line.asked) <= 24 + 13 + 6  # hourly, the rounds, and the first tries
    line.say(200)
    line.asked.clear()
    with clock.frozen(start + gone):
        upload(practice.id, days=300)
        run_due()
        assert len(line.asked) == 1


def test_a_first_certificate_wakes_the_phones_that_waited_for_it(
    phone: Enrolled, enroll: Enroll, line: Line, practice: PracticeRecord
) -> None:
    enroll(serial="OTHER").wire.work_through(HEALTHY)
    enroll(serial="THIRD")
    run_due()
    assert line.asked == []
    upload(practice.id)
    run_due()
    with clock.frozen(clock.now() + timedelta(seconds=5)):
        run_due()
        assert len(line.asked) == 2


def test_asking_again_what_waits_already_pushes_to_the_phone(quiet: Enrolled, line: Line) -> None:
    fleet.ask(device_id=quiet.device_id, request_types=QUESTIONS)
    run_due()
    assert len(line.asked) == 1
    with clock.frozen(clock.now() + HOUR / 60):
        for _ in range(3):
            fleet.ask(device_id=quiet.device_id, request_types=QUESTIONS)
        run_due()
        assert len(line.asked) == 2


def test_a_silent_phone_is_pushed_to_twice_an_hour_at_most(quiet: Enrolled, line: Line) -> None:
    pass_hours(48)
    assert len(line.asked) <= 2 * 24 + 6
    assert Job.objects.filter(kind="fleet.push", state__in=Job.OPEN).count() <= 2


def test_a_phone_with_a_bad_token_is_tried_again_and_its_new_token_wakes_it(
    quiet: Enrolled, line: Line, practice: PracticeRecord
) -> None:
    line.say(400, "BadDeviceToken")
    fleet.ask(device_id=quiet.device_id, request_types=QUESTIONS)
    run_due()
    with clock.frozen(clock.now() + timedelta(seconds=20)):
        run_due()
        assert len(line.asked) == 2
        line.say(200)
        quiet.wire.update_token()
        run_due()
        assert len(line.asked) == 3
    assert [key for key, _ in open_tasks(practice.id) if key.startswith("push")] == []


def test_a_token_that_was_gone_is_followed_by_its_new_one(quiet: Enrolled, line: Line) -> None:
    line.say(410, "Unregistered")
    fleet.ask(device_id=quiet.device_id, request_types=QUESTIONS)
    run_due()
    line.say(200)
    quiet.wire.update_token()
    run_due()
    assert len(line.asked) == 2
