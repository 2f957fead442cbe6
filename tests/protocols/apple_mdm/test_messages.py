"""Check-ins, reports and commands: read as phones send them, written as phones send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pocketward.protocols.apple_mdm import (
    Authenticate,
    CheckIn,
    CheckOut,
    CommandReport,
    DeclarativeManagement,
    ErrorItem,
    GetBootstrapToken,
    GetToken,
    MessageError,
    ReportStatus,
    SetBootstrapToken,
    TokenUpdate,
    UnknownCheckIn,
    UserAuthenticate,
    checkin_plist,
    command_plist,
    parse_checkin,
    parse_command,
    parse_message,
    parse_report,
    read_plist,
    report_plist,
    write_plist,
)

UDID = "00008110-000A11112222801E"
MESSAGES: list[CheckIn] = [
    Authenticate(
        udid=UDID,
        topic="com.apple.mgmt.External.x",
        os_version="18.1",
        build_version="22B83",
        product_name="iPhone15,2",
        serial_number="F2LXXXX",
        imei="35 123456 789012 3",
        meid="35123456789012",
    ),
    Authenticate(enrollment_id="2F7A", topic="com.apple.mgmt.External.x"),
    TokenUpdate(udid=UDID, topic="t", token=b"\x01" * 32, push_magic="m", unlock_token=b"u" * 900),
    TokenUpdate(
        enrollment_id="2F7A", topic="t", token=b"\x01" * 32, push_magic="m", awaiting_configuration=True
    ),
    TokenUpdate(
        udid=UDID, user_id="FFFF", user_short_name="a@example.org", topic="t", token=b"1", push_magic="m"
    ),
    CheckOut(udid=UDID, topic="t"),
    GetToken(udid=UDID, token_service_type="com.apple.maid", token_parameters={"PhoneUDID": "x"}),
    DeclarativeManagement(udid=UDID, endpoint="status", data=b"{}"),
    DeclarativeManagement(udid=UDID, endpoint="tokens"),
    SetBootstrapToken(udid=UDID, bootstrap_token=b"b"),
    SetBootstrapToken(udid=UDID),
    GetBootstrapToken(udid=UDID),
    UserAuthenticate(udid=UDID, digest_response="d"),
    UnknownCheckIn(udid=UDID, type_name="ReturnToFuture", content={"A": 1}),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda item: type(item).__name__)
def test_a_message_is_read_as_it_was_written(message: CheckIn) -> None:
    data = checkin_plist(message)
    read = parse_checkin(data)
    assert read == message
    assert read.raw == data
    assert read.unknown_keys == ()
    assert parse_message(data) == message


def test_a_phone_is_known_by_its_enrollment_id_or_else_its_udid() -> None:
    assert parse_checkin(checkin_plist(MESSAGES[0])).device_key == UDID
    personal = parse_checkin(checkin_plist(MESSAGES[1]))
    assert personal.device_key == "2F7A"
    assert personal.is_user_enrollment
    assert not personal.is_user_channel
    assert MESSAGES[4].is_user_channel


def test_unknown_keys_are_kept_and_named() -> None:
    content = read_plist(checkin_plist(MESSAGES[5])) | {"Zeta": 1, "Alpha": [2]}
    data = write_plist(content)
    read = parse_checkin(data)
    assert read.unknown_keys == ("Alpha", "Zeta")
    assert read_plist(read.raw) == content


def test_secrets_do_not_show_in_the_text_of_a_record() -> None:
    shown = repr(TokenUpdate(udid=UDID, topic="t", token=b"TTTT", push_magic="MMMM", unlock_token=b"UUUU"))
    assert "TTTT" not in shown
    assert "MMMM" not in shown
    assert "UUUU" not in shown


def test_an_empty_unlock_token_is_none() -> None:
    content = read_plist(checkin_plist(MESSAGES[2])) | {"UnlockToken": b""}
    read = parse_checkin(write_plist(content))
    assert isinstance(read, TokenUpdate)
    assert read.unlock_token is None


def without(message: CheckIn, key: str) -> dict[str, Any]:
    return {name: value for name, value in read_plist(checkin_plist(message)).items() if name != key}


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (MESSAGES[0], "Topic"),
        (MESSAGES[0], "UDID"),
        (MESSAGES[0], "MessageType"),
        (MESSAGES[2], "Token"),
        (MESSAGES[2], "PushMagic"),
        (MESSAGES[6], "TokenServiceType"),
        (MESSAGES[7], "Endpoint"),
    ],
)
def test_a_message_without_what_it_must_have_is_refused(message: CheckIn, key: str) -> None:
    with pytest.raises(MessageError):
        parse_checkin(write_plist(without(message, key)))


@pytest.mark.parametrize(
    ("key", "value"), [("Topic", 5), ("Token", "text"), ("UDID", True), ("AwaitingConfiguration", "yes")]
)
def test_a_value_of_the_wrong_kind_is_refused(key: str, value: Any) -> None:
    with pytest.raises(MessageError, match=key):
        parse_checkin(write_plist(read_plist(checkin_plist(MESSAGES[2])) | {key: value}))


def test_a_very_long_text_is_refused() -> None:
    with pytest.raises(MessageError, match="too long"):
        parse_checkin(write_plist(read_plist(checkin_plist(MESSAGES[0])) | {"SerialNumber": "x" * 5000}))


def test_an_idle_report_needs_no_command() -> None:
    report = parse_report(write_plist({"Status": "Idle", "UDID": UDID}))
    assert report.status is ReportStatus.IDLE
    assert report.command_uuid is None
    assert report.payload == {}


@pytest.mark.parametrize("status", ["Acknowledged", "Error", "NotNow", "CommandFormatError"])
def test_every_other_report_names_its_command(status: str) -> None:
    with pytest.raises(MessageError, match="which command"):
        parse_report(write_plist({"Status": status, "UDID": UDID}))


def test_a_report_is_read_as_it_was_written() -> None:
    report = CommandReport(
        enrollment_id="2F7A",
        status=ReportStatus.ERROR,
        command_uuid="c1",
        error_chain=(ErrorItem(code=12021, domain="MCMDMErrorDomain", localized="Nein", us_english="No"),),
        payload={
            "QueryResponses": {"OSVersion": "18.1", "LastCloudBackupDate": datetime(2026, 1, 1, tzinfo=UTC)}
        },
    )
    data = report_plist(report)
    assert parse_report(data) == report
    assert parse_message(data) == report
    assert parse_report(data).raw == data


@pytest.mark.parametrize("status", ["Perhaps", "", 5])
def test_an_unknown_status_is_refused(status: Any) -> None:
    with pytest.raises(MessageError):
        parse_report(write_plist({"Status": status, "UDID": UDID, "CommandUUID": "c"}))


@pytest.mark.parametrize("chain", ["text", [1], [{"ErrorCode": "x"}], [{"ErrorCode": True}]])
def test_a_malformed_chain_of_errors_is_refused(chain: Any) -> None:
    content = {"Status": "Error", "UDID": UDID, "CommandUUID": "c", "ErrorChain": chain}
    with pytest.raises(MessageError):
        parse_report(write_plist(content))


def test_a_command_is_read_as_it_was_written() -> None:
    command = parse_command(command_plist("c1", "DeviceLock", {"Message": "Bring me back"}))
    assert (command.command_uuid, command.request_type) == ("c1", "DeviceLock")
    assert command.params == {"Message": "Bring me back"}
    assert parse_command(command_plist("c2", "SecurityInfo")).params == {}


def test_parameters_cannot_turn_a_command_into_another() -> None:
    with pytest.raises(MessageError):
        command_plist("c1", "DeviceLock", {"RequestType": "EraseDevice"})


@pytest.mark.parametrize("content", [{}, {"Command": 1}, {"Command": {}}, {"Command": {"RequestType": "A"}}])
def test_what_is_no_command_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(MessageError):
        parse_command(write_plist(content))
