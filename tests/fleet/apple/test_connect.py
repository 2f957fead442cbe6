"""A phone at the wire that is slow, stubborn, confused or lying."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pocketward.fleet import api as fleet
from pocketward.fleet.errors import CommandRefused
from pocketward.kernel import clock
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apple_mdm import ErrorItem, TokenUpdate, checkin_plist
from pocketward.spine.api import event_bodies, open_tasks
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import HEALTHY, TOPIC, WirePhone


def events(practice: PracticeRecord, kind: str) -> list[dict[str, Any]]:
    """All events of one kind."""
    return [event for event in event_bodies(practice_id=practice.id) if event["kind"] == kind]


@pytest.fixture
def quiet(phone: Enrolled) -> Enrolled:
    """A phone with nothing left to do."""
    phone.wire.work_through(HEALTHY)
    return phone


def state_of(phone: Enrolled, request_type: str) -> str:
    """The state of the newest command of this type."""
    found = [item for item in fleet.commands(device_id=phone.device_id) if item.request_type == request_type]
    return found[0].state


def order(phone: Enrolled, request_type: str, **params: Any) -> None:
    fleet.order_command(
        device_id=phone.device_id, request_type=request_type, params=params, by="system:test", urgent=True
    )


def test_an_idle_phone_costs_one_read_and_no_write(
    quiet: Enrolled, django_assert_max_num_queries: CaptureQueriesContext
) -> None:
    quiet.wire.next()
    # On PostgreSQL the newest event says nothing about older ones, so who is asking is looked up each time.
    reads = 1 if connection.vendor == "sqlite" else 2
    with django_assert_max_num_queries(reads):  # type: ignore[operator]
        assert quiet.wire.next() is None


def test_what_is_remembered_of_an_idle_phone_ends_with_the_next_event(quiet: Enrolled) -> None:
    assert quiet.wire.next() is None
    assert quiet.wire.next() is None
    order(quiet, "SecurityInfo")
    command = quiet.wire.next()
    assert command is not None
    assert command.request_type == "SecurityInfo"


def test_what_is_remembered_does_not_outlive_the_certificate(quiet: Enrolled) -> None:
    assert quiet.wire.next() is None
    with clock.frozen(clock.now() + timedelta(days=400)):
        assert quiet.wire.report().status == 403


def test_not_now_is_offered_again_at_the_next_idle_and_holds_nothing_up(quiet: Enrolled) -> None:
    order(quiet, "SecurityInfo")
    order(quiet, "ProfileList")
    first = quiet.wire.next()
    assert first is not None
    second = quiet.wire.next("NotNow", first)
    assert second is not None
    assert second.request_type != first.request_type
    assert quiet.wire.next("Acknowledged", second, **HEALTHY[second.request_type]) is None
    again = quiet.wire.next()
    assert again is not None
    assert again.command_uuid == first.command_uuid


def test_an_error_ends_the_command_with_the_phones_words(quiet: Enrolled) -> None:
    order(quiet, "DeviceLock", message="x")
    command = quiet.wire.next()
    errors = (ErrorItem(code=12021, domain="MCMDMErrorDomain", us_english="Not a valid request type"),)
    assert quiet.wire.next("Error", command, errors=errors) is None
    assert state_of(quiet, "DeviceLock") == "failed"
    assert "12021" in fleet.commands(device_id=quiet.device_id)[0].error


def test_of_a_personal_phones_error_its_number_is_kept_and_none_of_its_words(
    enroll: Enroll, practice: PracticeRecord
) -> None:
    phone = enroll(ownership="personal")
    phone.wire.work_through(HEALTHY)
    words = "Diary of Ben could not be replaced"
    errors = (
        ErrorItem(code=12021, domain="MCMDMErrorDomain", us_english=words, localized=words),
        ErrorItem(code=7, domain=words),
    )
    order(phone, "DeviceLock", message="x")
    assert phone.wire.next("Error", phone.wire.next(), errors=errors) is None
    (told,) = [
        item for item in fleet.commands(device_id=phone.device_id) if item.request_type == "DeviceLock"
    ]
    assert (told.state, told.error) == ("failed", "MCMDMErrorDomain 12021; another domain 7")
    assert "Diary" not in str(event_bodies(practice_id=practice.id))


def test_a_command_the_phone_cannot_read_ends_as_failed(quiet: Enrolled) -> None:
    order(quiet, "DeviceLock", message="x")
    assert quiet.wire.next("CommandFormatError", quiet.wire.next()) is None
    assert state_of(quiet, "DeviceLock") == "failed"


def test_an_answer_to_a_command_never_given_is_stored_and_told_but_not_refused(
    quiet: Enrolled, practice: PracticeRecord
) -> None:
    assert quiet.wire.report("Acknowledged", str(uuid4())).status == 200
    assert quiet.wire.report("NotNow", "no-uuid-at-all").status == 200
    assert len(events(practice, "fleet.unknown_reply_received")) == 2
    assert any(key.startswith("unknown-reply") for key, _ in open_tasks(practice.id))


def test_a_duplicate_answer_is_harmless(quiet: Enrolled) -> None:
    order(quiet, "SecurityInfo")
    command = quiet.wire.next()
    quiet.wire.next("Acknowledged", command, **HEALTHY["SecurityInfo"])
    quiet.wire.next("Acknowledged", command, SecurityInfo={"PasscodePresent": False})
    assert fleet.device_state(device_id=quiet.device_id)["passcode_present"]["value"] is True


def test_a_command_we_cannot_build_is_refused_and_the_next_takes_its_place(quiet: Enrolled) -> None:
    order(quiet, "InstallApplication")
    order(quiet, "SecurityInfo")
    command = quiet.wire.next()
    assert command is not None
    assert command.request_type == "SecurityInfo"
    assert state_of(quiet, "InstallApplication") == "refused"


def test_of_the_certificates_a_phone_lists_only_its_own_identity_counts_as_ours(
    quiet: Enrolled, enroll: Enroll
) -> None:
    other = enroll(serial="OTHERPHONE")
    listed = fleet.device_state(device_id=quiet.device_id)["certificates"]["value"]
    purposes = {item["name"]: item["purpose"] for item in listed}
    assert purposes == {"device identity": "management", "My mail": ""}
    order(quiet, "CertificateList")
    taken = [{"CommonName": "taken", "IsIdentity": True, "Data": other.wire.der}]
    command = quiet.wire.next()
    quiet.wire.next("Acknowledged", command, CertificateList=taken)
    (only,) = fleet.device_state(device_id=quiet.device_id)["certificates"]["value"]
    assert (only["purpose"], only["not_after"]) == ("", "")


def test_naming_our_own_profile_in_an_ordinary_order_does_not_remove_the_management(
    quiet: Enrolled, practice: PracticeRecord
) -> None:
    from pocketward.fleet.apple.command_record import profile_identifier
    from pocketward.kernel.ids import public_id

    ours = profile_identifier(public_id("prac", practice.id), "management")
    for more in ({}, {"remove_management": True}):
        with pytest.raises(CommandRefused):
            order(quiet, "RemoveProfile", identifier=ours, **more)
    assert quiet.wire.next() is None


def test_a_command_above_the_phones_system_is_refused_with_the_reason(enroll: Enroll) -> None:
    answers: dict[str, Any] = {"QueryResponses": {"OSVersion": "9.0", "IsSupervised": False}}
    phone = enroll(serial="OLDPHONE01")
    phone.wire.work_through(HEALTHY | {"DeviceInformation": answers})
    order(phone, "EnableLostMode", message="x")
    assert phone.wire.next() is None
    refused = fleet.commands(device_id=phone.device_id)[0]
    assert refused.state == "refused"
    assert "newer iOS" in refused.error


def test_another_phones_signature_opens_nothing(
    quiet: Enrolled, enroll: Enroll, practice: PracticeRecord
) -> None:
    other = enroll(serial="OTHERPHONE")
    forged = WirePhone(practice.id, (other.wire.certificate, other.wire.key), quiet.wire.serial)
    assert forged.report().status == 403
    assert forged.update_token(token=b"thief", push_magic="thief").status == 403
    assert events(practice, "fleet.device_message_refused")[-1]["reason"] == "wrong_device"


def test_a_message_changed_on_the_way_is_refused(quiet: Enrolled, practice: PracticeRecord) -> None:
    body = checkin_plist(TokenUpdate(udid=quiet.wire.udid, topic=TOPIC, token=b"x", push_magic="y"))
    assert quiet.wire.put("checkin", body, signed=body + b" ").status == 403
    assert events(practice, "fleet.device_message_refused")[-1]["reason"] == "bad_signature"


def test_a_certificate_of_the_other_purpose_is_refused(quiet: Enrolled, practice: PracticeRecord) -> None:
    access = issue(practice.id, quiet.enrollment_id, "access")
    assert WirePhone(practice.id, access, quiet.wire.serial).report().status == 403
    assert events(practice, "fleet.device_message_refused")[-1]["reason"] == "wrong_purpose"


def test_a_revoked_identity_is_refused(quiet: Enrolled, practice: PracticeRecord) -> None:
    from pocketward.pki import api as pki

    pki.revoke_device(device_id=quiet.device_id, purposes=("management",), reason="lost", by="system:test")
    assert quiet.wire.report().status == 403


@pytest.mark.parametrize("body", [b"", b"<plist>", b"<plist><dict/></plist>", b"\x00" * 50])
def test_a_signed_message_that_cannot_be_read_is_a_clear_400(quiet: Enrolled, body: bytes) -> None:
    assert quiet.wire.put("connect", body).status == 400
    assert quiet.wire.put("checkin", body).status == 400


def test_the_same_refusal_is_recorded_once_a_minute(quiet: Enrolled, practice: PracticeRecord) -> None:
    before = len(events(practice, "fleet.device_message_refused"))
    for _ in range(5):
        quiet.wire.put("connect", b"<x/>")
    assert len(events(practice, "fleet.device_message_refused")) <= before + 1


def test_the_channel_of_a_person_on_a_shared_ipad_does_not_take_the_devices_token(quiet: Enrolled) -> None:
    message = TokenUpdate(udid=quiet.wire.udid, user_id="FFFF", topic=TOPIC, token=b"user", push_magic="user")
    assert quiet.wire.check_in(message).status == 200
    from pocketward.fleet.models import Enrollment

    assert Enrollment.objects.get(pk=quiet.enrollment_id).push_magic == "magic"


def test_a_later_token_update_without_unlock_token_keeps_the_old_one(quiet: Enrolled) -> None:
    from pocketward.fleet.models import Enrollment

    assert quiet.wire.update_token(push_magic="new", unlock_token=None).status == 200
    row = Enrollment.objects.get(pk=quiet.enrollment_id)
    assert (row.push_magic, row.unlock_token) == ("new", b"unlock")


def test_lost_mode_is_proven_by_what_the_phone_says_afterwards(quiet: Enrolled) -> None:
    order(quiet, "EnableLostMode", message="Please return")
    command = quiet.wire.next()
    assert command is not None
    assert command.params == {"Message": "Please return"}
    question = quiet.wire.next("Acknowledged", command)
    assert question is not None
    assert question.request_type == "DeviceInformation"
    assert state_of(quiet, "EnableLostMode") == "acknowledged"
    quiet.wire.next("Acknowledged", question, QueryResponses={"IsMDMLostModeEnabled": True})
    assert state_of(quiet, "EnableLostMode") == "corroborated"


def test_a_place_is_evidence_of_the_case_and_no_device_state(
    quiet: Enrolled, practice: PracticeRecord
) -> None:
    fleet.mark_lost(device_ids=(quiet.device_id,), case_ref="case_1", by="system:test")
    fleet.order_command(
        device_id=quiet.device_id,
        request_type="DeviceLocation",
        case_ref="case_1",
        by="system:test",
        urgent=True,
    )
    place = {
        "Latitude": 43.6,
        "Longitude": -70.2,
        "HorizontalAccuracy": 12.0,
        "Timestamp": "2026-11-24T08:00:00Z",
    }
    quiet.wire.next("Acknowledged", quiet.wire.next(), **place)
    (told,) = events(practice, "fleet.location_received")
    assert told["case_ref"] == "case_1"
    assert "43.6" not in str(told)
    assert "latitude" not in fleet.device_state(device_id=quiet.device_id)


def test_check_out_ends_the_enrollment(quiet: Enrolled, practice: PracticeRecord) -> None:
    assert quiet.wire.check_out().status == 200
    assert events(practice, "fleet.enrollment_checked_out")
    assert quiet.wire.report().status == 403
