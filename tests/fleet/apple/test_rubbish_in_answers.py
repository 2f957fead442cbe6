"""Signed messages of a phone gone mad: a clear answer each time, no fault of ours, no lost command."""

from __future__ import annotations

import plistlib
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pocketward.fleet import api as fleet
from pocketward.fleet.apple import endpoints
from pocketward.practice.records import Member, PracticeRecord
from pocketward.protocols.apple_mdm import Command as WireCommand
from pocketward.spine.api import event_bodies
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import HEALTHY, TOPIC, WirePhone

CLEAR = {200, 400, 403, 404, 410}
# What property lists can say, or try to, and databases may not like.
NASTY = ("\x00", "a\x00b", "\ud800", "é" * 300, "'; DROP TABLE fleet_device; --", "{{7*7}}", "\u202e", "")
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=20))
values = st.recursive(
    st.one_of(
        texts, st.integers(-(2**63), 2**63 - 1), st.booleans(), st.binary(max_size=20),
        st.floats(allow_nan=True, allow_infinity=True),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


def written(content: dict[str, Any]) -> bytes:
    """An XML property list, by the standard library and not by our own careful writer."""
    return plistlib.dumps(content, fmt=plistlib.FMT_XML, skipkeys=True)


def send(phone: WirePhone, kind: str, content: dict[str, Any]) -> int:
    """The status of the answer; what Python cannot even write is sent as rubbish instead."""
    try:
        body = written(content)
    except (ValueError, OverflowError, TypeError):
        body = repr(content).encode("utf-8", "replace")
    return phone.put(kind, body).status


@pytest.fixture
def quiet(phone: Enrolled) -> Enrolled:
    """A phone with nothing left to do."""
    phone.wire.work_through(HEALTHY)
    return phone


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("field", ["SerialNumber", "UDID", "ProductName", "OSVersion", "Topic", "Surprise"])
def test_a_phone_that_joins_under_an_odd_name_gets_a_clear_answer(
    practice: PracticeRecord, owner: Member, field: str, text: str
) -> None:
    ticket = fleet.create_enrollment_ticket(
        practice_id=practice.id, member_id=owner.id, ownership="practice", kind="iphone", label="x",
        by="system:test",
    )  # fmt: skip
    wire = WirePhone(practice.id, issue(practice.id, ticket.enrollment_id))
    content = {
        "MessageType": "Authenticate", "UDID": wire.udid, "Topic": TOPIC, "SerialNumber": wire.serial,
        "OSVersion": "18.1", "BuildVersion": "22B83", "ProductName": "iPhone15,4", field: text,
    }  # fmt: skip
    assert send(wire, "checkin", content) in CLEAR


@settings(
    max_examples=40, deadline=None, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(answer=st.dictionaries(texts, values, max_size=4), data=st.data())
def test_an_answer_full_of_rubbish_ends_its_command_and_breaks_nothing(
    quiet: Enrolled, answer: dict[str, Any], data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(sorted(HEALTHY)))
    fleet.ask(device_id=quiet.device_id, request_types=(kind,))
    command = quiet.wire.next()
    assert command is not None
    key = next(iter(HEALTHY[kind]))
    known = HEALTHY[kind][key]
    names = sorted(known) if isinstance(known, dict) else ["Identifier", "Name"]
    inner = {data.draw(st.sampled_from(names)): data.draw(values), **{k: v for k, v in answer.items() if k}}
    payload: dict[str, Any] = {key: inner if isinstance(known, dict) else [inner]}
    report = {
        "Status": "Acknowledged", "UDID": quiet.wire.udid, "CommandUUID": command.command_uuid, **payload,
    }  # fmt: skip
    assert send(quiet.wire, "connect", report) in CLEAR
    end(quiet, command)


@pytest.mark.parametrize("number", [str(2**63), str(-(2**64)), "9" * 4000, "0x" + "F" * 40])
def test_a_number_larger_than_any_of_apples_counts_as_not_told_and_its_answer_is_taken_in(
    quiet: Enrolled, number: str
) -> None:
    fleet.ask(device_id=quiet.device_id, request_types=("SecurityInfo",))
    command = quiet.wire.next()
    assert command is not None
    report = {
        "Status": "Acknowledged", "UDID": quiet.wire.udid, "CommandUUID": command.command_uuid,
        "SecurityInfo": HEALTHY["SecurityInfo"]["SecurityInfo"]
        | {"HardwareEncryptionCaps": 4711, "PasscodePresent": False},
    }  # fmt: skip
    # Python's own writer refuses what a phone can say.
    body = written(report).replace(b"<integer>4711<", f"<integer>{number}<".encode())
    assert quiet.wire.put("connect", body).status == 200
    assert fleet.get_command(command_id=UUID(command.command_uuid)).state == "acknowledged"
    assert fleet.device_state(device_id=quiet.device_id)["passcode_present"]["value"] is False


def end(phone: Enrolled, command: WireCommand) -> None:
    """What was refused as unreadable is offered again; nothing is lost."""
    state = fleet.get_command(command_id=UUID(command.command_uuid)).state
    if state == "delivered":
        assert command.request_type in phone.wire.work_through(HEALTHY)
    else:
        assert state == "acknowledged"
        phone.wire.work_through(HEALTHY)


def test_unknown_keys_are_kept_in_the_count_and_never_refused(quiet: Enrolled) -> None:
    content = {
        "MessageType": "TokenUpdate", "UDID": quiet.wire.udid, "Topic": TOPIC, "Token": b"\x0a" * 32,
        "PushMagic": "magic", "KeyOfTheFuture": {"deep": [1, 2]},
    }  # fmt: skip
    assert send(quiet.wire, "checkin", content) == 200
    fleet.ask(device_id=quiet.device_id, request_types=("SecurityInfo",))
    command = quiet.wire.next()
    assert command is not None
    answer = HEALTHY["SecurityInfo"] | {"AnotherFutureKey": "x"}
    assert quiet.wire.report("Acknowledged", command, **answer).status == 200
    assert fleet.get_command(command_id=UUID(command.command_uuid)).state == "acknowledged"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([(b"pocketward-client-certificate", b"MIIB")], "spoofed_proxy_header"),
        ([(b"pocketward-proxy-secret", b"guess")], "spoofed_proxy_header"),
        ([(b"mdm-signature", b"AAAA"), (b"mdm_signature", b"AAAA")], "doubled_header"),
        ([(b"mdm-signature", b"not base64!")], "bad_signature"),
        ([(b"mdm-signature", b"\xff\xfe")], "bad_signature"),
        ([], "unsigned"),
    ],
)
def test_headers_that_prove_nothing_are_refused_with_a_security_event(
    practice: PracticeRecord, headers: list[tuple[bytes, bytes]], reason: str
) -> None:
    network = f"net-{reason}-{len(headers)}-{headers[:1]}"[:60]
    answer = endpoints.serve_message(practice.id, "connect", headers, b"<plist/>", network)
    assert answer.status == 403
    refused = [
        body["reason"] for body in event_bodies(practice_id=practice.id)
        if body["kind"] == "fleet.device_message_refused"
    ]  # fmt: skip
    assert refused[-1] == reason


def test_a_reply_to_another_enrollments_command_changes_nothing_of_it(
    quiet: Enrolled, enroll: Enroll
) -> None:
    other = enroll(serial="OTHERPHONE")
    command = other.wire.next()
    assert command is not None
    assert quiet.wire.report("Acknowledged", command).status == 200
    assert quiet.wire.report("NotNow", command).status == 200
    found = [
        item for item in fleet.commands(device_id=other.device_id) if str(item.id) == command.command_uuid
    ]
    assert not found or found[0].state == "delivered"
