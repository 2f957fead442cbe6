"""A message's record says what the message says, key by key; what lacks something is refused.

What each message must and may hold stands here once more, as Apple names it, beside the reader's own list.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.apple_mdm import (
    CheckIn,
    CommandReport,
    ErrorItem,
    MessageError,
    UnknownCheckIn,
    command_plist,
    parse_checkin,
    parse_command,
    parse_message,
    parse_report,
    write_plist,
)

MANY = settings(max_examples=80, deadline=None)
Content = dict[str, Any]
Kinds = dict[str, type]
SENDER: Kinds = {"UDID": str, "EnrollmentID": str, "UserID": str, "UserShortName": str}
# What a message must hold, and what it may hold besides.
CHECK_INS: dict[str, tuple[Kinds, Kinds]] = {
    "Authenticate": (
        {"Topic": str},
        dict.fromkeys(
            ("OSVersion", "BuildVersion", "ProductName", "SerialNumber", "IMEI", "MEID", "DeviceName",
             "Model", "ModelName"), str,
        ),
    ),
    "TokenUpdate": (
        {"Topic": str, "Token": bytes, "PushMagic": str},
        {"UnlockToken": bytes, "AwaitingConfiguration": bool},
    ),
    "CheckOut": ({"Topic": str}, {}),
    "GetToken": ({"TokenServiceType": str}, {"TokenParameters": dict}),
    "DeclarativeManagement": ({"Endpoint": str}, {"Data": bytes}),
    "SetBootstrapToken": ({}, {"BootstrapToken": bytes}),
    "GetBootstrapToken": ({}, {}),
    "UserAuthenticate": ({}, {"DigestResponse": str}),
    "ReturnToFuture": ({}, {}),
}  # fmt: skip
STATUSES = ("Idle", "Acknowledged", "Error", "NotNow", "CommandFormatError")
ERROR: Kinds = {
    "ErrorCode": int,
    "ErrorDomain": str,
    "LocalizedDescription": str,
    "USEnglishDescription": str,
}
# A Mac's own keys, of no use to a phone's record.
PASSED_OVER = {"EnrollmentUserID", "UserLongName", "NotOnConsole"}

TEXT = st.text("aZñ &<", min_size=1, max_size=5)
OF_KIND: dict[type, st.SearchStrategy[Any]] = {
    str: TEXT, bytes: st.binary(min_size=1, max_size=5), bool: st.booleans(), int: st.integers(-9, 99_999),
    dict: st.dictionaries(TEXT, TEXT, max_size=2),
}  # fmt: skip
SCALARS = st.one_of(*OF_KIND.values()) | st.sampled_from(["", b"", 0]) | st.lists(TEXT, max_size=2)
ALL_KEYS = sorted(
    {*SENDER, *PASSED_OVER, "MessageType", "Status", "CommandUUID", "ErrorChain", "AuthToken", "Other"}
    | {key for must, may in CHECK_INS.values() for key in (*must, *may)}
)
DAMAGE = st.dictionaries(st.sampled_from(ALL_KEYS), SCALARS | st.none(), min_size=1, max_size=2)


def of_kinds(must: Kinds, may: Kinds) -> st.SearchStrategy[Content]:
    """Dictionaries with all of `must` and some of `may`, from a phone that names itself."""
    needed = must | {"UDID": str}
    return st.fixed_dictionaries(
        {key: OF_KIND[kind] for key, kind in needed.items()},
        optional={key: OF_KIND[kind] for key, kind in (SENDER | may).items() if key not in needed},
    )


CHECK_IN = st.sampled_from(sorted(CHECK_INS)).flatmap(
    lambda name: of_kinds(*CHECK_INS[name]).map(lambda content: {"MessageType": name} | content)
)
CHAIN = st.lists(st.fixed_dictionaries({key: OF_KIND[kind] for key, kind in ERROR.items()}), max_size=2)
REPORT = st.builds(
    lambda content, status, chain: content | {"Status": status, "ErrorChain": chain, "QueryResponses": {}},
    of_kinds({"CommandUUID": str}, {"Answer": str}), st.sampled_from(STATUSES), CHAIN,
)  # fmt: skip


def damaged(content: Content, damage: Content) -> Content:
    """The same with other values; None takes a key away."""
    return {key: value for key, value in (content | damage).items() if value is not None}


def taken(read: Callable[[bytes], Any], content: Content) -> Any:
    """What is read; None when it is refused as no message."""
    try:
        return read(write_plist(content))
    except MessageError:
        return None


def holds(content: Content, kinds: Kinds) -> bool:
    """Whether what is there is of its kind."""
    return all(type(content[key]) is kind for key, kind in kinds.items() if key in content)


def is_check_in(content: Content) -> bool:
    name = content.get("MessageType")
    if not isinstance(name, str) or not name or not is_named(content):
        return False
    must, may = CHECK_INS.get(name, ({}, {}))
    return holds(content, must | may) and all(content.get(key) for key in must)


def is_named(content: Content) -> bool:
    return holds(content, SENDER) and bool(content.get("UDID") or content.get("EnrollmentID"))


def is_report(content: Content) -> bool:
    chain = content.get("ErrorChain", [])
    return (
        is_named(content)
        and holds(content, {"Status": str, "CommandUUID": str, "ErrorChain": list})
        and content.get("Status") in STATUSES
        and bool(content.get("CommandUUID") or content["Status"] == "Idle")
        and all(isinstance(item, dict) and holds(item, ERROR) for item in chain)
    )


def attribute(key: str) -> str:
    """A key of Apple's as an attribute is named: UserShortName is user_short_name, OSVersion os_version."""
    return re.sub("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key).lower()


def says_the_same(read: CheckIn, content: Content) -> None:
    """Every attribute is the value of its key, an empty one is none; every other key is named, or kept."""
    attributes = {one.name for one in fields(read)} - {"raw", "unknown_keys", "content", "type_name"}
    said = {attribute(key): value for key, value in content.items()}
    for name in attributes:
        assert (getattr(read, name) or None) == (said.get(name) or None), name
    rest = {key: value for key, value in content.items() if attribute(key) not in attributes}
    assert rest.pop("MessageType") == getattr(read, "type_name", read.message_type)
    if isinstance(read, UnknownCheckIn):
        assert read.content == rest
    else:
        assert set(read.unknown_keys) == set(rest) - PASSED_OVER - {"AuthToken"}


def reports_the_same(read: CommandReport, content: Content) -> None:
    """The envelope is the report's own, everything outside of it the payload, untouched."""
    for key in (*SENDER, "CommandUUID", "Status"):
        assert (getattr(read, attribute(key)) or None) == (content.get(key) or None), key
    chain = content.get("ErrorChain", [])
    named = ("code", "domain", "localized", "us_english")
    told = [{name: item[key] for name, key in zip(named, ERROR, strict=True)} for item in chain]
    assert read.error_chain == tuple(ErrorItem(**item) for item in told)
    inside = {*SENDER, *PASSED_OVER, "CommandUUID", "Status", "ErrorChain"}
    assert read.payload == {key: value for key, value in content.items() if key not in inside}


@pytest.mark.parametrize("name", sorted(CHECK_INS))
def test_every_kind_of_message_has_its_own_record_with_every_value_in_its_place(name: str) -> None:
    must, may = CHECK_INS[name]
    content: Content = {"MessageType": name, "Other": 1}
    for key, kind in (SENDER | must | may).items():
        content[key] = {str: key, bytes: key.encode(), bool: True, dict: {key: key}}[kind]
    read = parse_checkin(write_plist(content))
    assert type(read).__name__ == ("UnknownCheckIn" if name == "ReturnToFuture" else name)
    says_the_same(read, content)


def good_and_damaged(
    good: Content,
    damage: Content,
    *,
    read: Callable[[bytes], Any],
    says: Callable[[Any, Content], None],
    is_one: Callable[[Content], bool],
) -> None:
    """The good one is read as what it says, the damaged one too where it still is one; else it is refused."""
    says(read(write_plist(good)), good)
    content = damaged(good, damage)
    found = taken(read, content)
    assert (found is not None) == is_one(content)
    if found is not None:
        says(found, content)


@MANY
@given(CHECK_IN, DAMAGE)
def test_a_check_in_is_read_as_what_it_says_or_refused(good: Content, damage: Content) -> None:
    good_and_damaged(good, damage, read=parse_checkin, says=says_the_same, is_one=is_check_in)


@MANY
@given(REPORT, DAMAGE)
def test_a_report_is_read_as_what_it_says_or_refused(good: Content, damage: Content) -> None:
    good_and_damaged(good, damage, read=parse_report, says=reports_the_same, is_one=is_report)


@MANY
@given(CHECK_IN | REPORT, DAMAGE)
def test_one_address_for_both_reads_each_as_its_own(good: Content, damage: Content) -> None:
    for content in (good, damaged(good, damage)):
        own = parse_checkin if "MessageType" in content else parse_report
        assert taken(parse_message, content) == taken(own, content)
    assert taken(parse_message, good) is not None


@MANY
@given(TEXT, TEXT, st.dictionaries(TEXT, SCALARS, max_size=3), SCALARS | st.none())
def test_a_command_is_read_as_what_it_says_or_refused(
    uuid: str, kind: str, params: Content, value: Any
) -> None:
    read = parse_command(command_plist(uuid, kind, params))
    assert (read.command_uuid, read.request_type, read.params) == (uuid, kind, params)
    is_text = isinstance(value, str) and value != ""
    good = {"CommandUUID": uuid, "Command": {"RequestType": kind} | params}
    for content in (
        damaged(good, {"CommandUUID": value}),
        damaged(good, {"Command": damaged({}, {"RequestType": value})}),
    ):
        found = taken(parse_command, content)
        assert (found is not None) == is_text
        if found is not None:
            assert value in (found.command_uuid, found.request_type)
