"""Which questions are asked again, and how a new policy reaches the phones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet import push
from pocketward.fleet.apple import enrollment_profile
from pocketward.fleet.models import Command
from pocketward.kernel import clock
from pocketward.policy import api as policy
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apple_mdm import parse_profile, validate_payload
from pocketward.spine.api import run_due
from tests.factories.push_service import Service
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.phones import HEALTHY
from tests.fleet.apple.push_certificates import upload

APPS = policy.template().replace(
    "required_apps: []", "required_apps:\n  - {id: org.example.notes, name: Notes, app_store: 123456}"
)
PASSCODE = "com.apple.mobiledevice.passwordpolicy"


@pytest.fixture
def quiet(phone: Enrolled) -> Enrolled:
    """A phone with nothing left to do."""
    phone.wire.work_through(HEALTHY)
    return phone


def waiting(phone: Enrolled) -> list[str]:
    rows = Command.objects.filter(device_id=phone.device_id, finished_at=None).order_by("id")
    return list(rows.values_list("request_type", flat=True))


def test_health_is_asked_again_every_two_hours_and_lists_once_a_day(quiet: Enrolled) -> None:
    now = clock.now()
    for turn in range(1, 13):
        with clock.frozen(now + timedelta(hours=2 * turn, minutes=turn)):
            run_due()
            asked = quiet.wire.work_through(HEALTHY)
            lists = "ProfileList" in asked
            assert {"DeviceInformation", "SecurityInfo"} <= set(asked)
            assert lists is (turn == 12)


def test_a_phone_that_was_away_for_days_is_asked_everything_at_once(quiet: Enrolled) -> None:
    with clock.frozen(clock.now() + timedelta(days=9)):
        run_due()
        assert {"SecurityInfo", "InstalledApplicationList", "CertificateList"} <= set(waiting(quiet))


def test_a_question_that_waits_is_not_queued_twice_yet_the_phone_is_pushed_to(
    quiet: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(quiet.wire.practice_id)
    service = Service()
    monkeypatch.setattr(push, "_send", service.send)
    now = clock.now()
    for hours in (3, 6, 9):
        service.asked.clear()
        with clock.frozen(now + timedelta(hours=hours)):
            run_due()
        assert service.asked
    assert waiting(quiet) == ["DeviceInformation", "SecurityInfo"]


def test_an_ended_enrollment_is_asked_nothing_more(quiet: Enrolled) -> None:
    quiet.wire.check_out()
    with clock.frozen(clock.now() + timedelta(hours=5)):
        run_due()
    assert waiting(quiet) == []


def test_a_new_policy_reaches_every_phone_with_its_apps(
    quiet: Enrolled, enroll: Enroll, practice: PracticeRecord
) -> None:
    other = enroll(serial="OTHERPHONE")
    other.wire.work_through(HEALTHY)
    policy.set_policy(practice_id=practice.id, text=APPS, reason="notes for everybody", by="system:test")
    run_due()
    for phone in (quiet, other):
        assert waiting(phone) == ["InstallProfile", "InstallApplication", "SecurityInfo"]
    command = quiet.wire.next()
    assert command is not None
    profile = parse_profile(command.params["Payload"])
    (passcode,) = profile.payloads_of(PASSCODE)
    assert passcode.content["minLength"] == 6
    app = quiet.wire.next("Acknowledged", command)
    assert app is not None
    assert app.params["iTunesStoreID"] == 123456


def test_a_second_change_does_not_queue_the_profile_twice(quiet: Enrolled, practice: PracticeRecord) -> None:
    for length in (7, 8):
        text = policy.template().replace("min_length: 6", f"min_length: {length}")
        policy.set_policy(practice_id=practice.id, text=text, reason="longer", by="system:test")
        run_due()
    assert waiting(quiet) == ["InstallProfile", "SecurityInfo"]
    command = quiet.wire.next()
    assert command is not None
    (passcode,) = parse_profile(command.params["Payload"]).payloads_of(
        "com.apple.mobiledevice.passwordpolicy"
    )
    assert passcode.content["minLength"] == 8


def test_the_policy_profile_obeys_apples_schema(quiet: Enrolled, practice: PracticeRecord) -> None:
    policy.set_policy(practice_id=practice.id, text=policy.template(), reason="again", by="system:test")
    run_due()
    command = quiet.wire.next()
    assert command is not None
    profile = parse_profile(command.params["Payload"])
    for item in profile.content["PayloadContent"]:
        found = validate_payload(
            item["PayloadType"], item, os_version="18.1", supervised=False, enrollment_kind="device"
        )
        assert found == ()


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"minLength": 17}, "minLength"),
        ({"minLength": "8"}, "minLength"),
        ({"minLenght": 8}, "minLenght"),
    ],
)
def test_a_payload_that_apples_schema_does_not_know_never_leaves_and_holds_nothing_up(
    quiet: Enrolled,
    practice: PracticeRecord,
    monkeypatch: pytest.MonkeyPatch,
    keys: dict[str, Any],
    named: str,
) -> None:
    wanted = (("com.apple.mobiledevice.passwordpolicy", keys),)
    monkeypatch.setattr(enrollment_profile.policy_api, "apple_payloads", lambda **_: wanted)
    policy.set_policy(practice_id=practice.id, text=policy.template(), reason="again", by="system:test")
    run_due()
    command = quiet.wire.next()
    assert command is not None
    assert command.request_type == "SecurityInfo"
    (refused,) = [
        item for item in fleet.commands(device_id=quiet.device_id)
        if item.request_type == "InstallProfile" and item.state == "refused"
    ]  # fmt: skip
    assert named in refused.error


def test_an_installed_policy_is_proven_by_the_list_of_profiles(
    quiet: Enrolled, practice: PracticeRecord
) -> None:
    policy.set_policy(practice_id=practice.id, text=policy.template(), reason="again", by="system:test")
    run_due()
    command = quiet.wire.next()
    assert command is not None
    profile = parse_profile(command.params["Payload"])
    question = quiet.wire.next("Acknowledged", command)
    while question is not None and question.request_type != "ProfileList":
        question = quiet.wire.next("Acknowledged", question, **HEALTHY[question.request_type])
    assert question is not None
    listed = {"PayloadIdentifier": profile.identifier, "PayloadUUID": profile.uuid, "IsManaged": True}
    quiet.wire.next("Acknowledged", question, ProfileList=[listed])
    done = [
        item for item in fleet.commands(device_id=quiet.device_id) if item.request_type == "InstallProfile"
    ]
    assert done[0].state == "corroborated"
