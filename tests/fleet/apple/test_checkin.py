"""Check-in messages beside the ordinary thread: doubles, strangers, and what only Macs send."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet.models import Enrollment
from pocketward.kernel.crypto import sha256_hex
from pocketward.practice.records import Member, PracticeRecord
from pocketward.protocols.apple_mdm import (
    CheckIn,
    CheckOut,
    DeclarativeManagement,
    GetBootstrapToken,
    GetToken,
    UnknownCheckIn,
    UserAuthenticate,
)
from pocketward.spine.api import event_bodies
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import TOPIC, WirePhone


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (GetToken(udid="U", token_service_type="com.apple.maid"), 400),
        (DeclarativeManagement(udid="U", endpoint="tokens"), 404),
        (UserAuthenticate(udid="U"), 410),
        (GetBootstrapToken(udid="U"), 200),
        (UnknownCheckIn(udid="U", type_name="FromTheFuture", content={"A": 1}), 200),
    ],
    ids=lambda item: type(item).__name__,
)
def test_other_messages_get_a_clear_answer(phone: Enrolled, message: CheckIn, status: int) -> None:
    assert phone.wire.check_in(replace(message, udid=phone.wire.udid)).status == status


@pytest.mark.parametrize(
    "kind",
    [
        "fleet.device_authenticated", "fleet.device_enrolled", "fleet.enrollment_checked_out",
        "fleet.unknown_reply_received",
    ],
)  # fmt: skip
def test_what_a_message_causes_carries_the_digest_of_its_bytes(
    phone: Enrolled, practice: PracticeRecord, kind: str
) -> None:
    phone.wire.next("Acknowledged", str(uuid4()))
    assert phone.wire.check_in(CheckOut(udid=phone.wire.udid, topic=TOPIC)).status == 200
    sent = {sha256_hex(body) for body in phone.wire.sent}
    (event,) = [item for item in event_bodies(practice_id=practice.id) if item["kind"] == kind]
    assert event["message_digest"] in sent


def test_a_second_phone_with_the_same_ticket_is_refused(phone: Enrolled, practice: PracticeRecord) -> None:
    thief = WirePhone(practice.id, issue(practice.id, phone.enrollment_id), "THIEFPHONE")
    assert thief.authenticate().status == 403
    assert [device.serial for device in fleet.devices(practice_id=practice.id)] == [phone.wire.serial]


def test_a_stranger_with_no_certificate_of_ours_is_refused(phone: Enrolled, practice: PracticeRecord) -> None:
    from tests.protocols.test_cms import make_certificate, make_key

    key = make_key("p256")
    stranger = WirePhone(practice.id, (make_certificate("p256"), key), phone.wire.serial)  # type: ignore[arg-type]
    assert stranger.authenticate().status == 403
    assert stranger.report().status == 403
    refused = [
        event["reason"]
        for event in event_bodies(practice_id=practice.id)
        if event["kind"] == "fleet.device_message_refused"
    ]
    assert refused == ["unknown_certificate"]


def test_the_same_phone_authenticating_again_keeps_its_place(
    phone: Enrolled, practice: PracticeRecord
) -> None:
    assert phone.wire.authenticate().status == 200
    assert Enrollment.objects.get(pk=phone.enrollment_id).push_magic is None
    assert phone.wire.update_token().status == 200
    assert len(fleet.devices(practice_id=practice.id)) == 1


def test_a_push_token_before_authenticate_is_refused(practice: PracticeRecord, clinician: Member) -> None:
    ticket = fleet.create_enrollment_ticket(
        practice_id=practice.id,
        member_id=clinician.id,
        ownership="practice",
        kind="ipad",
        label="x",
        by="system:test",
    )
    eager = WirePhone(practice.id, issue(practice.id, ticket.enrollment_id), "EAGERPHONE")
    assert eager.update_token().status == 403
    assert eager.report().status == 403
