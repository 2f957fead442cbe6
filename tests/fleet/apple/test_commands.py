"""The catalogue of Apple commands: each is built as Apple's schema wants it, and keeps only what it may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pocketward.fleet import guard
from pocketward.fleet.apple.catalogue import apple_command, apple_commands
from pocketward.fleet.apple.command_record import AppleCommand, CommandNotBuilt, CommandTarget
from pocketward.fleet.models import Command
from pocketward.protocols.apple_mdm import (
    command_plist,
    parse_command,
    read_plist,
    rights_for,
    validate_command,
    validate_reply,
    write_plist,
)
from pocketward.response.locating import _place
from tests.fleet.apple.phones import HEALTHY

OURS = CommandTarget(
    ownership="practice",
    supervised=True,
    os_version="18.1",
    access_rights=int(rights_for("practice")),
    management_profile="org.pocketward.prac_x.management",
    unlock_token=b"token",
)
THEIRS = CommandTarget(
    ownership="personal",
    supervised=False,
    os_version="18.1",
    access_rights=int(rights_for("personal")),
    management_profile="org.pocketward.prac_x.management",
    managed_apps=frozenset({"org.example.notes"}),
)
PARAMS: dict[str, dict[str, Any]] = {
    "InstallProfile": {"payload": b"<plist/>"},
    "RemoveProfile": {"identifier": "com.example.old"},
    "InstallApplication": {"identifier": "org.example.notes", "itunes_id": 123456},
    "RemoveApplication": {"identifier": "org.example.notes"},
    "DeviceLock": {"message": "Please return", "phone_number": "+1 207 555 0100"},
    "EnableLostMode": {"message": "Please return", "phone_number": "+1 207 555 0100", "footnote": "Seaview"},
}
EIGHTEEN = {
    *(
        "DeviceInformation",
        "SecurityInfo",
        "InstalledApplicationList",
        "ManagedApplicationList",
        "ProfileList",
    ),
    *("CertificateList", "InstallProfile", "RemoveProfile", "InstallApplication", "RemoveApplication"),
    *("DeviceLock", "ClearPasscode", "EnableLostMode", "DisableLostMode", "DeviceLocation"),
    *("PlayLostModeSound", "EraseDevice", "RestartDevice"),
}


def problems(entry: AppleCommand, keys: Mapping[str, Any], target: CommandTarget) -> tuple[Any, ...]:
    return validate_command(
        entry.request_type,
        keys,
        os_version=target.os_version,
        supervised=target.supervised,
        enrollment_kind="device",
        access_rights=target.access_rights,
    )


def test_the_catalogue_holds_the_eighteen_commands() -> None:
    assert set(apple_commands()) == EIGHTEEN
    assert apple_command("Dance") is None


@pytest.mark.parametrize("request_type", sorted(EIGHTEEN))
def test_each_command_is_built_as_apples_schema_wants_it(request_type: str) -> None:
    entry = apple_commands()[request_type]
    keys = entry.build(PARAMS.get(request_type, {}), OURS)
    assert problems(entry, keys, OURS) == ()
    assert parse_command(command_plist("c", request_type, keys)).params == keys


@pytest.mark.parametrize("request_type", sorted(EIGHTEEN))
def test_what_a_personal_phone_is_sent_needs_nothing_it_lacks(request_type: str) -> None:
    entry = apple_commands()[request_type]
    keys = entry.build(PARAMS.get(request_type, {}), THEIRS)
    refused = {problem.code for problem in problems(entry, keys, THEIRS)}
    possible = not entry.supervised_only and (
        entry.right is None or bool(entry.right & rights_for("personal"))
    )
    assert (refused == set()) is possible


def test_the_right_to_erase_is_erases_own_and_personal_phones_lack_it() -> None:
    erase = apple_commands()["EraseDevice"]
    assert erase.right is not None
    assert not erase.right & rights_for("personal")
    assert erase.destructive
    assert not erase.personal_allowed


def test_the_guard_and_the_catalogue_agree_on_what_destroys() -> None:
    assert {name for name, entry in apple_commands().items() if entry.destructive} == set(guard.DESTRUCTIVE)


def test_the_guards_lane_for_held_phones_is_containment_and_questions() -> None:
    lane = {name for name, entry in apple_commands().items() if entry.containment or entry.read_only}
    assert lane >= guard.LANE_OF_HELD
    assert not guard.NEVER_WHEN_HELD & lane


@pytest.mark.parametrize(
    "identifier", ["org.pocketward.prac_x.management", "org.pocketward.prac_other.management"]
)
def test_removing_a_management_profile_needs_the_queues_own_mark(identifier: str) -> None:
    entry = apple_commands()["RemoveProfile"]
    with pytest.raises(CommandNotBuilt):
        entry.build({"identifier": identifier, "remove_management": False}, OURS)
    with pytest.raises(CommandNotBuilt):
        entry.build({"identifier": identifier, "remove_management": "yes"}, OURS)
    assert entry.build({"remove_management": True}, OURS) == {"Identifier": OURS.management_profile}


def test_lost_mode_always_shows_something() -> None:
    assert apple_commands()["EnableLostMode"].build({}, OURS)["Message"]


def test_no_pin_is_ever_sent_to_a_phone() -> None:
    for name in ("EraseDevice", "DeviceLock"):
        assert "PIN" not in apple_commands()[name].build({"pin": "123456", "PIN": "123456"}, OURS)


@pytest.mark.parametrize("request_type", sorted(HEALTHY))
def test_the_answers_our_tests_play_are_answers_a_phone_may_give(request_type: str) -> None:
    found = validate_reply(
        request_type, HEALTHY[request_type], os_version="18.1", supervised=True, enrollment_kind="device"
    )
    assert found == ()


JSON_LIKE = st.recursive(
    st.booleans() | st.integers(-5, 5) | st.text("abc.", max_size=4) | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        *("QueryResponses", "SecurityInfo", "InstalledApplicationList", "ManagedApplicationList"),
        *("ProfileList", "CertificateList", "Identifier", "Name", "Status", "PayloadIdentifier", "Data"),
        *("IsManaged", "OSVersion", "Latitude"),
    ]
)
ODD = st.dictionaries(
    KEYS, JSON_LIKE | st.lists(st.dictionaries(KEYS, JSON_LIKE, max_size=3), max_size=3), max_size=4
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(EIGHTEEN)), ODD, st.sampled_from([OURS, THEIRS]))
def test_any_answer_is_read_without_failing_and_what_is_kept_can_be_written(
    request_type: str, payload: dict[str, Any], target: CommandTarget
) -> None:
    entry = apple_commands()[request_type]
    assert isinstance(entry.read(payload, target), dict)
    kept = entry.redact(payload, target)
    if kept is not None:
        assert read_plist(write_plist({"Answer": kept})) == {"Answer": kept}


SECRETS = ("PERSONAL-APP", "PERSONAL-PROFILE", "PERSONAL-NAME", "999-PHONE", "PERSONAL-STATUS")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_nothing_personal_is_read_or_kept_from_a_personal_phone(data: st.DataObject) -> None:
    """A phone that tells more than it was asked, in every way we know of (acceptance S5)."""
    app = st.fixed_dictionaries({"Identifier": st.sampled_from(["PERSONAL-APP", "org.example.notes"])})
    managed = data.draw(st.sampled_from([False, 1]))
    payload = {
        "InstalledApplicationList": data.draw(st.lists(app, max_size=4)),
        "ManagedApplicationList": {
            "PERSONAL-APP": data.draw(st.sampled_from([{"Status": "UserInstalledApp"}, {}, {"Status": 4}]))
        },
        "ProfileList": [{"PayloadIdentifier": "PERSONAL-PROFILE", "IsManaged": managed}],
        "CertificateList": [{"CommonName": "PERSONAL-NAME", "IsIdentity": True, "Data": b"x"}],
        "QueryResponses": {"PhoneNumber": "999-PHONE", "DeviceName": "PERSONAL-NAME", "IMEI": "999-PHONE"},
    }
    for entry in apple_commands().values():
        shown = str(entry.read(payload, THEIRS)) + str(entry.redact(payload, THEIRS))
        for secret in SECRETS:
            assert secret not in shown


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.booleans() | st.text(max_size=3)


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "Latitude": NUMBERS | st.floats(-90, 90),
            "Longitude": NUMBERS | st.floats(-180, 180),
            "HorizontalAccuracy": NUMBERS | st.floats(0, 5000),
            "Timestamp": NUMBERS,
        },
    )
)
@example({"Latitude": 0.0, "Longitude": 0.0, "Timestamp": "\x1f"})
def test_what_is_kept_of_a_place_is_a_place_on_earth_or_nothing(payload: dict[str, Any]) -> None:
    """An officer's page shows it later: it must be able to."""
    kept = apple_commands()["DeviceLocation"].redact(payload, OURS)
    assert apple_commands()["DeviceLocation"].redact(payload, THEIRS) is None
    if kept is None:
        return
    shown = _place(write_plist({"Answer": kept}))
    assert abs(shown.latitude) <= 90
    assert abs(shown.longitude) <= 180
    assert shown.accuracy_m is None or round(shown.accuracy_m) >= 0


def test_a_place_in_whole_degrees_is_kept() -> None:
    told = {"Latitude": 30, "Longitude": -90.25, "HorizontalAccuracy": 65, "Speed": 1.0}
    kept = apple_commands()["DeviceLocation"].redact(told, OURS)
    assert kept == {"latitude": 30.0, "longitude": -90.25, "horizontal_accuracy": 65.0}


def test_the_queue_knows_a_commands_lane_by_the_same_names() -> None:
    assert {entry.lane for entry in apple_commands().values()} == {"urgent", "normal"}
    assert Command.URGENT < Command.NORMAL
