"""The facts say what may be done with which enrollment; the traps of reading them are tested one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.apple_mdm import (
    Authenticate,
    CheckIn,
    TokenUpdate,
    capabilities,
    checkin_plist,
    command_names,
    device_information_queries,
    facts_release,
    read_plist,
    rights_for,
    validate_checkin,
    validate_command,
    validate_payload,
    validate_reply,
)
from pocketward.protocols.apple_mdm.validation import Problem


def codes(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.code for problem in problems}


def on_device(request_type: str, params: dict[str, Any], **situation: Any) -> set[str]:
    given_situation: dict[str, Any] = {
        "os_version": "18.1",
        "supervised": False,
        "enrollment_kind": "device",
    } | situation
    return codes(validate_command(request_type, params, **given_situation))


def test_the_facts_name_their_release_and_49_commands_of_iphones() -> None:
    assert facts_release() == "iOS 18.1"
    assert len(command_names()) == 49


def test_24_commands_are_possible_under_user_enrollment() -> None:
    assert sum(item.possible for item in capabilities("user", False).commands) == 24


@pytest.mark.parametrize("request_type", ["EraseDevice", "ClearPasscode", "EnableLostMode", "DeviceLocation"])
def test_a_phone_under_user_enrollment_can_be_neither_erased_nor_located(request_type: str) -> None:
    able = capabilities("user", False)
    assert not able.may(request_type)
    assert "forbidden_in_user_enrollment" in able.why_not(request_type)


def test_locating_needs_supervision() -> None:
    assert capabilities("device", False).why_not("DeviceLocation") == ("needs_supervision",)
    assert capabilities("device", True).may("DeviceLocation")
    assert not capabilities("device", None).may("DeviceLocation")


def test_a_personal_enrollment_lacks_the_right_to_erase() -> None:
    able = capabilities("device", True, access_rights=rights_for("personal"))
    assert able.why_not("EraseDevice") == ("needs_access_right",)
    assert able.may("DeviceLock")
    assert capabilities("device", True, access_rights=rights_for("practice")).may("EraseDevice")
    assert able.why_not("NoSuchCommand") == ("unknown_command",)


def test_what_is_hidden_under_user_enrollment_is_not_asked() -> None:
    personal, practice = capabilities("user", False), capabilities("device", True)
    for key in ("SerialNumber", "IMEI", "UDID", "PhoneNumber", "WiFiMAC", "IsMDMLostModeEnabled"):
        assert not personal.sees("DeviceInformation", key)
        assert practice.sees("DeviceInformation", key)
        assert key not in device_information_queries("user", False)
    assert personal.sees("DeviceInformation", "OSVersion")
    assert not personal.sees("SecurityInfo", "PasscodePresent")
    assert personal.sees("SecurityInfo", "PasscodeCompliant")


def test_the_queries_follow_rights_and_version() -> None:
    queries = device_information_queries(
        "device", True, access_rights=rights_for("personal"), os_version="15.0"
    )
    assert "OSVersion" in queries
    assert "PhoneNumber" not in queries
    assert "SupplementalBuildVersion" not in queries


PHONES: list[tuple[CheckIn, str]] = [
    (Authenticate(udid="u", topic="t", serial_number="s", imei="i", os_version="18.1"), "device"),
    (Authenticate(enrollment_id="e", topic="t", os_version="18.1"), "user"),
    (TokenUpdate(udid="u", topic="t", token=b"t", push_magic="m", unlock_token=b"u"), "device"),
    (TokenUpdate(enrollment_id="e", topic="t", token=b"t", push_magic="m"), "user"),
]


@pytest.mark.parametrize(("message", "kind"), PHONES)
def test_correct_messages_pass_although_the_schema_calls_both_identifiers_required(
    message: CheckIn, kind: Any
) -> None:
    found = validate_checkin(
        read_plist(checkin_plist(message)), os_version="18.1", supervised=False, enrollment_kind=kind
    )
    assert found == ()


def test_a_serial_number_under_user_enrollment_is_a_fault() -> None:
    message = read_plist(checkin_plist(Authenticate(udid="u", topic="t", serial_number="s")))
    found = validate_checkin(message, os_version="18.1", supervised=False, enrollment_kind="user")
    assert {(item.code, item.path) for item in found} == {
        ("forbidden_in_user_enrollment", "UDID"),
        ("forbidden_in_user_enrollment", "SerialNumber"),
        ("missing_key", "EnrollmentID"),
    }


def test_unknown_messages_and_keys_from_phones_are_warnings() -> None:
    for message in (
        {"MessageType": "Later"},
        {"MessageType": "CheckOut", "UDID": "u", "Topic": "t", "New": 1},
    ):
        found = validate_checkin(message, os_version=None, supervised=None, enrollment_kind="device")
        assert [item.severity for item in found] == ["warning"]


def test_a_pin_belongs_to_macs() -> None:
    assert on_device("EraseDevice", {"PIN": "123456"}) == {"not_on_ios"}
    assert on_device("DeviceLock", {"PIN": "123456"}) == {"not_on_ios"}
    assert on_device("SetFirmwarePassword", {"NewPassword": "x"}) == {"not_on_ios"}


def test_keys_newer_than_the_device_are_refused_and_unknown_versions_not_judged() -> None:
    params = {"ReturnToService": {"Enabled": True}}
    assert on_device("EraseDevice", params, os_version="16.7") == {"needs_newer_os"}
    assert on_device("EraseDevice", params, os_version="17") == set()
    assert on_device("EraseDevice", params, os_version=None) == set()
    assert on_device("EraseDevice", params, os_version="strange") == set()


def test_inner_keys_are_checked_too() -> None:
    assert on_device("EraseDevice", {"ReturnToService": {}}) == {"missing_key"}
    assert on_device("EraseDevice", {"ReturnToService": {"Enabled": 1}}) == {"wrong_type"}
    assert on_device("EraseDevice", {"ReturnToService": {"Enabled": True, "Later": 1}}) == {"unknown_key"}
    assert on_device("EraseDevice", {"PreserveDataPlan": "yes"}) == {"wrong_type"}


def test_settings_are_told_apart_by_their_item() -> None:
    good = {"Item": "OrganizationInfo", "OrganizationInfo": {"OrganizationName": "Seaview"}}
    assert on_device("Settings", {"Settings": [good]}) == set()
    assert on_device("Settings", {"Settings": [{"Item": "Nothing"}]}) == {"not_a_choice"}
    assert on_device("Settings", {"Settings": [{"Item": "Bluetooth", "Enabled": True}]}) == {
        "needs_supervision"
    }
    assert on_device("Settings", {"Settings": [{"Item": "DeviceName"}]}, supervised=True) == {"missing_key"}
    hostname = [{"Item": "HostName", "HostName": "x"}]
    assert on_device("Settings", {"Settings": hostname}, supervised=True) == {"not_a_choice"}


def test_asking_for_what_cannot_be_told_is_a_warning() -> None:
    found = validate_command(
        "DeviceInformation",
        {"Queries": ["OSVersion", "SerialNumber"]},
        os_version="18.1",
        supervised=False,
        enrollment_kind="user",
    )
    assert [(item.code, item.severity) for item in found] == [("forbidden_in_user_enrollment", "warning")]
    assert on_device("DeviceInformation", {"Queries": ["Horoscope"]}) == {"not_a_choice"}
    assert on_device("DeviceInformation", {}) == {"missing_key"}


def test_unknown_commands_and_missing_rights_are_named() -> None:
    assert on_device("Dance", {}) == {"unknown_command"}
    assert on_device("EraseDevice", {}, access_rights=int(rights_for("personal"))) == {"needs_access_right"}
    assert on_device("EraseDevice", {}, access_rights=8) == set()


def test_a_personal_phone_may_not_answer_its_serial_number() -> None:
    payload = {"QueryResponses": {"OSVersion": "18.1", "SerialNumber": "F2L"}}
    situation: dict[str, Any] = {"os_version": "18.1", "supervised": False}
    assert validate_reply("DeviceInformation", payload, enrollment_kind="device", **situation) == ()
    found = validate_reply("DeviceInformation", payload, enrollment_kind="user", **situation)
    assert [(item.code, item.path) for item in found] == [
        ("forbidden_in_user_enrollment", "QueryResponses.SerialNumber")
    ]


def test_apps_by_any_name_are_held_against_one_description() -> None:
    app = {
        "Status": "Managed",
        "ManagementFlags": 1,
        "UnusedRedemptionCode": "",
        "HasConfiguration": False,
        "HasFeedback": False,
        "IsValidated": True,
        "ExternalVersionIdentifier": 1,
    }
    situation: dict[str, Any] = {"os_version": "18.1", "supervised": False, "enrollment_kind": "device"}
    good = {"ManagedApplicationList": {"org.example.notes": app}}
    assert validate_reply("ManagedApplicationList", good, **situation) == ()
    bad = {"ManagedApplicationList": {"org.example.notes": app | {"Status": 4}}}
    assert codes(validate_reply("ManagedApplicationList", bad, **situation)) == {"wrong_type"}


def test_ranges_choices_and_repetition_of_payloads_are_checked() -> None:
    common = {"PayloadType": "t", "PayloadVersion": 1, "PayloadIdentifier": "i", "PayloadUUID": "u"}
    situation: dict[str, Any] = {"os_version": "18.1", "supervised": False, "enrollment_kind": "device"}

    def found(payload_type: str, content: dict[str, Any]) -> set[str]:
        return codes(validate_payload(payload_type, common | content, **situation))

    assert found("com.apple.mobiledevice.passwordpolicy", {"minLength": 17}) == {"out_of_range"}
    assert found("com.apple.mobiledevice.passwordpolicy", {"minLength": True}) == {"wrong_type"}
    scep = {"URL": "u", "Subject": [[["CN"]]], "Keysize": 2000}
    assert found("com.apple.security.scep", {"PayloadContent": scep}) == {"out_of_range", "not_a_choice"}
    assert found("com.example.nothing", {}) == {"unknown_payload"}


def test_passcode_keys_are_ignored_under_user_enrollment() -> None:
    content = {
        "PayloadType": "com.apple.mobiledevice.passwordpolicy",
        "PayloadVersion": 1,
        "PayloadIdentifier": "i",
        "PayloadUUID": "u",
        "minLength": 8,
    }
    found = validate_payload(
        "com.apple.mobiledevice.passwordpolicy",
        content,
        os_version="18.1",
        supervised=False,
        enrollment_kind="user",
    )
    assert [(item.code, item.severity) for item in found] == [("ignored_in_user_enrollment", "warning")]


def test_shared_ipad_rules_hold_on_shared_ipads_only() -> None:
    quota = {"Settings": [{"Item": "SharedDeviceConfiguration", "ResidentUsers": 3}]}
    assert on_device("Settings", quota, supervised=True) == {"needs_shared_ipad"}
    assert on_device("Settings", quota, supervised=True, shared=True) == set()
    assert "forbidden_on_shared_ipad" in on_device("ClearPasscode", {"UnlockToken": b"x"}, shared=True)


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELD = st.sampled_from(["Settings", "Item", "Queries", "ReturnToService", "Enabled", "QueryResponses", "x"])


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(command_names()),
    st.dictionaries(FIELD, JSON_LIKE | st.dictionaries(FIELD, JSON_LIKE, max_size=3), max_size=4),
)
def test_validation_never_fails_whatever_it_is_given(request_type: str, content: dict[str, Any]) -> None:
    for check in (validate_command, validate_reply):
        found = check(request_type, content, os_version="18.1", supervised=False, enrollment_kind="user")
        assert len(found) <= 100
