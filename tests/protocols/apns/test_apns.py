"""Pushes: asked for as Apple's service expects, and every answer turned into one known meaning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.apns import (
    REASONS,
    PushError,
    PushResult,
    mdm_push,
    read_push,
    read_response,
    response_body,
    topic_of_certificate,
)

TOPIC = "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555"


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=100), st.text(min_size=1, max_size=60), st.integers(0, 2**33))
def test_the_service_reads_what_we_ask(token: bytes, magic: str, expiration: int) -> None:
    magic = magic.encode("utf-8", "replace").decode()
    push = mdm_push(token=token, topic=TOPIC, push_magic=magic, expiration=expiration, apns_id=UUID(int=7))
    seen = read_push(push.path, dict(push.headers), push.body)
    assert (seen.token, seen.topic, seen.push_magic) == (token, TOPIC, magic)
    assert (seen.push_type, seen.priority, seen.expiration, seen.apns_id) == (
        "mdm",
        10,
        expiration,
        UUID(int=7),
    )


def test_a_push_has_apples_path_headers_and_body() -> None:
    push = mdm_push(token=b"\xab\xcd", topic=TOPIC, push_magic="word", expiration=1700000000)
    assert push.path == "/3/device/abcd"
    assert dict(push.headers) == {
        "apns-topic": TOPIC,
        "apns-push-type": "mdm",
        "apns-priority": "10",
        "apns-expiration": "1700000000",
    }
    assert push.body == b'{"mdm":"word"}'


@pytest.mark.parametrize(("token", "topic", "magic"), [(b"", TOPIC, "m"), (b"t", "", "m"), (b"t", TOPIC, "")])
def test_a_phone_that_gave_nothing_to_push_to_is_not_pushed(token: bytes, topic: str, magic: str) -> None:
    with pytest.raises(PushError):
        mdm_push(token=token, topic=topic, push_magic=magic, expiration=0)


def test_a_push_does_not_show_its_token_or_word() -> None:
    shown = repr(mdm_push(token=b"\xab\xcd", topic=TOPIC, push_magic="hidden-word", expiration=0))
    assert "abcd" not in shown
    assert "hidden-word" not in shown


@pytest.mark.parametrize(
    ("path", "changes", "body", "reason"),
    [
        ("/3/other", {}, b'{"mdm":"m"}', "BadPath"),
        ("/3/device/xyz", {}, b'{"mdm":"m"}', "BadDeviceToken"),
        ("/3/device/abc", {}, b'{"mdm":"m"}', "BadDeviceToken"),
        ("/3/device/ab", {"apns-topic": ""}, b'{"mdm":"m"}', "MissingTopic"),
        ("/3/device/ab", {"apns-push-type": "alert"}, b'{"mdm":"m"}', "InvalidPushType"),
        ("/3/device/ab", {"apns-priority": "7"}, b'{"mdm":"m"}', "BadPriority"),
        ("/3/device/ab", {"apns-expiration": "soon"}, b'{"mdm":"m"}', "BadExpirationDate"),
        ("/3/device/ab", {"apns-id": "x"}, b'{"mdm":"m"}', "BadMessageId"),
        ("/3/device/ab", {}, b"", "PayloadEmpty"),
        ("/3/device/ab", {}, b"x" * 5000, "PayloadTooLarge"),
        ("/3/device/ab", {}, b"{", "BadPayload"),
        ("/3/device/ab", {}, b"[" * 4000, "BadPayload"),
        ("/3/device/ab", {}, b'{"mdm":5}', "BadPayload"),
    ],
)
def test_the_service_refuses_with_its_own_words(
    path: str, changes: dict[str, str], body: bytes, reason: str
) -> None:
    headers = {"apns-topic": TOPIC, "apns-push-type": "mdm"} | changes
    with pytest.raises(PushError) as refused:
        read_push(path, headers, body)
    assert refused.value.reason == reason


@pytest.mark.parametrize("word", sorted(REASONS))
def test_every_word_of_the_service_has_its_meaning(word: str) -> None:
    known = REASONS[word]
    outcome = read_response(known.status, {"apns-id": "x"}, response_body(word))
    assert outcome.result is known.result
    assert outcome.reason == word
    assert known.sentence


def test_an_accepted_push_keeps_its_id() -> None:
    outcome = read_response(200, {"Apns-Id": "ABC"}, b"")
    assert outcome.result is PushResult.ACCEPTED
    assert outcome.apns_id == "ABC"
    assert not (outcome.token_is_dead or outcome.may_retry or outcome.operator_must_act)


def test_a_dead_token_says_since_when() -> None:
    when = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    outcome = read_response(410, {}, response_body("Unregistered", when))
    assert outcome.token_is_dead
    assert outcome.unregistered_since == when


def test_throttling_says_when_to_come_back() -> None:
    outcome = read_response(429, {"Retry-After": "30"}, response_body("TooManyRequests"))
    assert outcome.may_retry
    assert outcome.retry_after == 30
    assert read_response(429, {"Retry-After": "9" * 30}, b"").retry_after is None


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, PushResult.ACCEPTED),
        (400, PushResult.BAD_REQUEST),
        (403, PushResult.CERTIFICATE_REFUSED),
        (410, PushResult.UNREGISTERED),
        (429, PushResult.THROTTLED),
        (502, PushResult.SERVER_FAULT),
        (302, PushResult.BAD_REQUEST),
    ],
)
def test_a_status_without_a_known_word_still_has_a_meaning(status: int, result: PushResult) -> None:
    assert read_response(status, {}, b"<html>").result is result
    assert read_response(status, {}, b'{"reason":"Surprise"}').result is result


def test_a_word_that_contradicts_its_status_decides_nothing() -> None:
    assert read_response(403, {}, b'{"reason":"TooManyRequests"}').result is PushResult.CERTIFICATE_REFUSED
    assert read_response(410, {}, b'{"reason":"BadTopic"}').result is PushResult.UNREGISTERED


def test_a_refused_certificate_calls_for_the_operator() -> None:
    assert read_response(403, {}, response_body("BadCertificate")).operator_must_act
    assert read_response(400, {}, response_body("DeviceTokenNotForTopic")).operator_must_act


@settings(max_examples=200, deadline=None)
@given(
    st.integers(100, 599),
    st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=3),
    st.binary(),
)
def test_any_answer_is_read_without_failing(status: int, headers: dict[str, str], body: bytes) -> None:
    assert (read_response(status, headers, body).result is PushResult.ACCEPTED) is (status == 200)


def push_certificate(*uids: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, "APSP")]
    name = x509.Name([*names, *(x509.NameAttribute(NameOID.USER_ID, uid) for uid in uids)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5, start, start + timedelta(days=365))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_the_topic_is_the_uid_of_the_push_certificate() -> None:
    assert topic_of_certificate(push_certificate(TOPIC)) == TOPIC


@pytest.mark.parametrize("uids", [(), ("com.example.app",), (TOPIC, TOPIC + "6")])
def test_a_certificate_without_one_management_topic_is_refused(uids: tuple[str, ...]) -> None:
    with pytest.raises(PushError):
        topic_of_certificate(push_certificate(*uids))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_random_bytes_are_no_push_certificate(data: bytes) -> None:
    with pytest.raises(PushError):
        topic_of_certificate(data)
