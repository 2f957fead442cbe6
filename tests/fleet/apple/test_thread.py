"""The thread: a phone joins, is asked, answers; its state becomes facts, its commands climb."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet.models import Command, Enrollment
from pocketward.kernel import clock
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apple_mdm import parse_profile, read_plist
from pocketward.spine.api import event_bodies, read_evidence
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.phones import HEALTHY

FIRST_ROUND = [
    "DeviceInformation",
    "SecurityInfo",
    "InstallProfile",
    "InstallProfile",
    "ManagedApplicationList",
    "InstalledApplicationList",
    "ProfileList",
    "CertificateList",
]


def values(device_id: UUID) -> dict[str, Any]:
    """The device's facts without age and source."""
    return {name: fact["value"] for name, fact in fleet.device_state(device_id=device_id).items()}


def kinds(practice: PracticeRecord) -> list[str]:
    """The kinds of all events so far, oldest first."""
    return [str(event["kind"]) for event in event_bodies(practice_id=practice.id)]


def test_a_new_phone_is_asked_everything_and_its_answers_become_facts(phone: Enrolled) -> None:
    done = phone.wire.work_through(HEALTHY)
    assert [item for item in done if item != "InstallApplication"][: len(FIRST_ROUND)] == FIRST_ROUND
    known = values(phone.device_id)
    assert known["os_version"] == "18.1"
    assert known["passcode_present"] is True
    assert known["hardware_encryption_caps"] == 3
    assert [app["identifier"] for app in known["installed_apps"]] == [
        "com.example.dating",
        "org.example.notes",
    ]
    assert phone.wire.next() is None


def test_each_fact_carries_its_source_and_age(phone: Enrolled) -> None:
    phone.wire.work_through(HEALTHY)
    fact = fleet.device_state(device_id=phone.device_id)["passcode_present"]
    assert fact["source"] == "SecurityInfo"
    assert fact["observed_at"]


def test_joining_is_recorded_step_by_step(phone: Enrolled, practice: PracticeRecord) -> None:
    phone.wire.work_through(HEALTHY)
    told = kinds(practice)
    for kind in (
        "device_authenticated",
        "device_enrolled",
        "device_state_reported",
        "command_proof_advanced",
    ):
        assert f"fleet.{kind}" in told
    assert told.index("fleet.device_authenticated") < told.index("fleet.device_enrolled")


def test_no_secret_of_the_phone_is_in_any_event_or_in_plain_in_its_row(
    phone: Enrolled, practice: PracticeRecord
) -> None:
    phone.wire.work_through(HEALTHY)
    for event in event_bodies(practice_id=practice.id):
        assert "unlock" not in str(event)
        assert "magic" not in str(event)
    row = Enrollment.objects.get(pk=phone.enrollment_id)
    assert (row.push_magic, row.unlock_token) == ("magic", b"unlock")


def test_the_access_identity_is_installed_with_a_challenge_made_at_hand_out(phone: Enrolled) -> None:
    command = phone.wire.next()
    while command is not None and command.request_type != "InstallProfile":
        command = phone.wire.next("Acknowledged", command, **HEALTHY.get(command.request_type, {}))
    assert command is not None
    profile = parse_profile(command.params["Payload"])
    (scep,) = profile.payloads_of("com.apple.security.scep")
    assert scep.content["PayloadContent"]["URL"].endswith("/scep/access")
    challenge = scep.content["PayloadContent"]["Challenge"]
    row = Command.objects.get(pk=UUID(command.command_uuid))
    assert challenge not in row.params


def test_an_unchanged_answer_writes_no_event_and_keeps_nothing(
    phone: Enrolled, practice: PracticeRecord
) -> None:
    phone.wire.work_through(HEALTHY)
    fleet.order_command(device_id=phone.device_id, request_type="SecurityInfo", by="system:test")
    before = kinds(practice).count("fleet.device_state_reported")
    phone.wire.work_through(HEALTHY)
    assert kinds(practice).count("fleet.device_state_reported") == before
    last = Command.objects.filter(device_id=phone.device_id, request_type="SecurityInfo").latest("ordered_at")
    assert last.evidence_digest == ""


def test_a_personal_phone_gives_away_nothing_but_what_is_managed(
    enroll: Enroll, practice: PracticeRecord
) -> None:
    phone = enroll(serial="PERSONAL01", ownership="personal")
    phone.wire.work_through(HEALTHY)
    known = values(phone.device_id)
    assert [app["identifier"] for app in known["installed_apps"]] == ["org.example.notes"]
    assert known["profiles"] == []
    assert {item["name"] for item in known["certificates"]} == {""}
    assert "imei" not in known
    for row in Command.objects.filter(device_id=phone.device_id).exclude(evidence_digest=""):
        kept = read_evidence(practice_id=practice.id, digest=row.evidence_digest)
        for secret in (b"com.example.dating", b"com.example.vpn", b"My mail", b"123456 789012"):
            assert secret not in kept


def test_a_personal_phone_is_asked_for_managed_things_only(enroll: Enroll) -> None:
    phone = enroll(serial="PERSONAL01", ownership="personal")
    asked: dict[str, dict[str, Any]] = {}
    command = phone.wire.next()
    while command is not None and len(asked) < 20:
        asked[command.request_type] = command.params
        command = phone.wire.next("Acknowledged", command, **HEALTHY.get(command.request_type, {}))
    assert asked["InstalledApplicationList"]["ManagedAppsOnly"] is True
    assert asked["ProfileList"] == {"ManagedOnly": True}
    assert asked["CertificateList"] == {"ManagedOnly": True}
    queries = asked["DeviceInformation"]["Queries"]
    assert "OSVersion" in queries
    for query in ("IMEI", "PhoneNumber", "WiFiMAC", "DeviceName"):
        assert query not in queries


def test_what_is_kept_of_an_answer_names_the_digest_of_the_whole(
    phone: Enrolled, practice: PracticeRecord
) -> None:
    phone.wire.work_through(HEALTHY)
    row = Command.objects.get(device_id=phone.device_id, request_type="SecurityInfo")
    kept = read_plist(read_evidence(practice_id=practice.id, digest=row.evidence_digest))
    assert kept["Answer"]["passcode_present"] is True
    assert len(kept["MessageDigest"]) == 64


@pytest.mark.parametrize("payload", [{}, {"SecurityInfo": "odd"}, {"SecurityInfo": {"PasscodePresent": 1}}])
def test_an_odd_answer_is_no_fact_and_no_fault(phone: Enrolled, payload: dict[str, Any]) -> None:
    done = phone.wire.work_through(HEALTHY | {"SecurityInfo": payload})
    assert "SecurityInfo" in done
    assert "passcode_present" not in values(phone.device_id)


def test_each_message_renews_the_age_of_its_own_facts_once_they_are_old(phone: Enrolled) -> None:
    phone.wire.work_through(HEALTHY)
    later = clock.now() + timedelta(hours=3)
    with clock.frozen(later):
        for request_type in ("DeviceInformation", "SecurityInfo"):
            fleet.order_command(device_id=phone.device_id, request_type=request_type, by="system:test")
        phone.wire.work_through(HEALTHY)
    facts = fleet.device_state(device_id=phone.device_id)
    for name in ("os_version", "passcode_present"):
        assert datetime.fromisoformat(str(facts[name]["observed_at"])) == later
