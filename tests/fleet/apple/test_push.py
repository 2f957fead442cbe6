"""Waking phones: what each answer of Apple's service changes, and when a phone is woken again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet import push
from pocketward.fleet.errors import PushCertificateRefused
from pocketward.fleet.models import Command, Enrollment
from pocketward.kernel import clock
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apns import read_push
from pocketward.spine.api import event_bodies, open_tasks, run_due
from pocketward.spine.models import Job
from tests.factories.push_service import Service
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.phones import HEALTHY
from tests.fleet.apple.push_certificates import TOPIC, upload


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """No socket is open in this test: the connection is the only thing replaced."""
    service = Service()
    monkeypatch.setattr(push, "_send", service.send)
    return service


@pytest.fixture
def waiting(phone: Enrolled, practice: PracticeRecord) -> Enrolled:
    """A phone with one command to fetch and no old pushes, of a practice with a push certificate."""
    upload(practice.id)
    phone.wire.work_through(HEALTHY)
    Job.objects.all().update(state=Job.DONE)
    fleet.order_command(device_id=phone.device_id, request_type="DeviceLock", by="system:test", urgent=True)
    return phone


def newest(phone: Enrolled) -> Command:
    found: Command = Command.objects.filter(device_id=phone.device_id).latest("ordered_at")
    return found


def told(practice: PracticeRecord, kind: str) -> list[dict[str, Any]]:
    return [event for event in event_bodies(practice_id=practice.id) if event["kind"] == kind]


def test_an_order_wakes_the_phone_with_its_own_word_and_climbs_a_rung(
    waiting: Enrolled, service: Service
) -> None:
    run_due()
    (request,) = service.asked
    seen = read_push(request.path, dict(request.headers), request.body)
    assert (seen.token, seen.topic, seen.push_magic) == (b"\x0a" * 32, TOPIC, "magic")
    assert seen.expiration > clock.true_now().timestamp() + 6 * 86_400
    assert newest(waiting).state == "pushed"


def test_a_phone_without_work_is_not_woken(waiting: Enrolled, service: Service) -> None:
    waiting.wire.work_through(HEALTHY)
    run_due()
    assert service.asked == []


def test_a_silent_phone_is_woken_again_until_it_has_fetched_its_work(
    waiting: Enrolled, service: Service
) -> None:
    run_due()
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        run_due()
        assert len(service.asked) == 2
        waiting.wire.work_through(HEALTHY)
    with clock.frozen(clock.now() + timedelta(minutes=45)):
        run_due()
    assert len(service.asked) == 2


def test_a_token_that_is_gone_is_told_once_and_not_pushed_to_again(
    waiting: Enrolled, service: Service, practice: PracticeRecord
) -> None:
    service.say(410, "Unregistered")
    run_due()
    assert len(told(practice, "fleet.push_token_dead")) == 1
    assert Enrollment.objects.get(pk=waiting.enrollment_id).token_dead_at is not None
    fleet.order_command(device_id=waiting.device_id, request_type="SecurityInfo", by="system:test")
    run_due()
    assert len(service.asked) == 1


def test_a_bad_token_proves_nothing_and_asks_the_operator(
    waiting: Enrolled, service: Service, practice: PracticeRecord
) -> None:
    service.say(400, "BadDeviceToken")
    run_due()
    assert told(practice, "fleet.push_token_dead") == []
    assert any(key.startswith("push:") for key, _ in open_tasks(practice.id))


@pytest.mark.parametrize(("status", "reason"), [(429, "TooManyRequests"), (503, "ServiceUnavailable")])
def test_a_service_that_is_busy_is_asked_again(
    waiting: Enrolled, service: Service, status: int, reason: str
) -> None:
    service.say(status, reason)
    run_due()
    assert newest(waiting).state == "queued"
    service.say(200)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        run_due()
    assert newest(waiting).state == "pushed"


def test_a_refused_certificate_becomes_a_task_and_its_success_closes_it(
    waiting: Enrolled, service: Service, practice: PracticeRecord
) -> None:
    service.say(403, "BadCertificate")
    run_due()
    assert "push-certificate" in dict(open_tasks(practice.id))
    service.say(200)
    fleet.order_command(device_id=waiting.device_id, request_type="SecurityInfo", by="system:test")
    run_due()
    assert "push-certificate" not in dict(open_tasks(practice.id))


def test_a_missing_certificate_becomes_a_task(
    phone: Enrolled, service: Service, practice: PracticeRecord
) -> None:
    run_due()
    assert service.asked == []
    assert "push-certificate" in dict(open_tasks(practice.id))


def test_a_certificate_of_another_topic_is_refused_while_phones_live(
    waiting: Enrolled, practice: PracticeRecord
) -> None:
    with pytest.raises(PushCertificateRefused):
        upload(practice.id, TOPIC + "2")


def test_a_test_push_proves_the_certificate_by_an_invented_token(
    waiting: Enrolled, service: Service, practice: PracticeRecord
) -> None:
    service.say(400, "BadDeviceToken")
    assert push.push_test(practice_id=practice.id).works
    record = fleet.push_certificate(practice_id=practice.id)
    assert record is not None
    assert record.proven_at is not None
    service.say(403, "BadCertificate")
    assert not push.push_test(practice_id=practice.id).works
    token = read_push(service.asked[0].path, dict(service.asked[0].headers), service.asked[0].body).token
    assert token != b"\x0a" * 32


def test_a_practice_without_certificate_is_told_so_by_the_test_push(practice: PracticeRecord) -> None:
    assert "no push certificate" in push.push_test(practice_id=practice.id).sentence


@pytest.mark.parametrize(("days", "alarm"), [(100, None), (50, 60), (20, 30), (10, 14), (3, 7)])
def test_the_end_of_the_certificate_is_told_in_time(
    practice: PracticeRecord, days: int, alarm: int | None
) -> None:
    upload(practice.id, days=days)
    run_due()
    keys = [key for key, _ in open_tasks(practice.id) if key.startswith("push-expiry")]
    assert keys == ([f"push-expiry:{alarm}"] if alarm else [])


def test_the_certificate_is_looked_at_every_day(practice: PracticeRecord) -> None:
    upload(practice.id, days=61)
    run_due()
    with clock.frozen(clock.now() + timedelta(days=3)):
        run_due()
        keys = [key for key, _ in open_tasks(practice.id)]
    assert "push-expiry:60" in keys
