"""The wire log: what it names, and the secrets that it never shows."""

from __future__ import annotations

import plistlib
from typing import Any

import httpx
from devicelab.wire import KEPT_EXCHANGES, MASK, SHOWN_LENGTH, WireLog, readable

from pocketward.protocols.apple_mdm import command_plist

SECRET = b"sixteen secret by"
URL = "https://localhost:8443/device/prac_1/connect"


def exchange(log: WireLog, sent: bytes, answered: bytes = b"", url: str = URL, status: int = 200) -> Any:
    request = httpx.Request("PUT", url, content=sent)
    return log.take("Ben's iPhone", httpx.Response(status, content=answered, request=request))


def token_update(**more: Any) -> bytes:
    secrets = {"Token": SECRET, "PushMagic": SECRET.decode(), "UnlockToken": SECRET}
    return plistlib.dumps({"MessageType": "TokenUpdate"} | secrets | more)


def test_tokens_and_magic_are_masked_and_the_rest_is_readable() -> None:
    made = exchange(WireLog(), token_update(Topic="com.apple.mgmt.External.x"))
    assert made.what == "TokenUpdate"
    assert "com.apple.mgmt.External.x" in made.sent
    assert made.sent.count(MASK) == 3
    assert SECRET.decode() not in made.sent
    assert plistlib.dumps(SECRET).splitlines()[3].decode().strip() not in made.sent


def test_a_secret_deep_inside_is_masked_too() -> None:
    body = plistlib.dumps(
        {"A": [{"B": {"Challenge": "tell nobody", "Name": "x"}}], "Pin": [{"Passcode": "1234"}]}
    )
    shown = readable(body, "application/xml")
    assert "tell nobody" not in shown
    assert "1234" not in shown
    assert "<string>x</string>" in shown


def test_a_message_that_is_cut_for_its_length_is_masked_before_the_cut() -> None:
    long = token_update(Aaa="x" * (SHOWN_LENGTH - 150))
    shown = readable(long, "application/xml")
    assert "[cut here]" in shown
    assert SECRET.decode() not in shown


def test_bytes_that_are_no_property_list_are_measured_and_not_shown() -> None:
    shown = readable(b"\x30\x82" + SECRET * 3, "application/x-pki-message; charset=x")
    assert shown == "[53 bytes, application/x-pki-message]"
    assert readable(b"<broken" + SECRET, "text/xml") == "[24 bytes, text/xml]"


def test_an_unknown_value_of_bytes_is_never_shown() -> None:
    shown = readable(plistlib.dumps({"Whatever": SECRET}), "application/xml")
    assert "[17 bytes kept secret]" in shown


def test_an_answer_is_named_after_the_command_it_answers() -> None:
    log = WireLog()
    first = exchange(log, plistlib.dumps({"Status": "Idle"}), command_plist("u-1", "SecurityInfo", {}))
    then = exchange(log, plistlib.dumps({"Status": "NotNow", "CommandUUID": "u-1"}))
    assert (first.what, first.answer) == ("Idle", "SecurityInfo")
    assert (then.what, then.answer) == ("NotNow SecurityInfo", "")


def test_the_ticket_in_an_enrollment_address_is_masked() -> None:
    made = exchange(WireLog(), b"", url="https://localhost:8443/device/prac_1/enroll/abc123ticket")
    assert made.path == f"/device/prac_1/enroll/{MASK}"
    assert made.what == "Enrollment profile"


def test_the_list_has_no_bodies_is_filtered_by_phone_and_forgets_the_oldest() -> None:
    log = WireLog()
    for _ in range(KEPT_EXCHANGES + 5):
        exchange(log, plistlib.dumps({"Status": "Idle"}))
    listed = log.list()
    assert len(listed) == KEPT_EXCHANGES
    assert listed[-1]["number"] == KEPT_EXCHANGES + 5
    assert "sent" not in listed[0]
    assert log.list("Ana's iPhone") == []
    assert log.find(1) is None
    assert log.find(KEPT_EXCHANGES) is not None
