"""A phone that joins: it can be reached before it says how."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from devicelab.apns import PushService
from devicelab.phone import phone as phones
from devicelab.phone.state import Identity, Management, PhoneState
from devicelab.world import PhoneSpec

TOKEN, TOPIC, MAGIC = b"\x07" * 32, "com.apple.mgmt.External.lab", "the magic"


def identity() -> Identity:
    """A key and a certificate for it, signed by itself."""
    key = rsa.generate_private_key(65537, 2048)
    name, start = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "phone")]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5, start, start + timedelta(days=1))
    return Identity(builder.sign(key, SHA256()).public_bytes(Encoding.DER), key)


def management() -> Management:
    """What an enrollment leaves on a phone."""
    return Management(
        identity=identity(),
        topic=TOPIC,
        server_url="https://localhost/connect",
        check_in_url="https://localhost/check-in",
        access_rights=8191,
        profile_identifier="org.example.management",
        push_token=TOKEN,
        push_magic=MAGIC,
    )


def test_a_push_that_comes_before_the_answer_to_its_token_wakes_the_phone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    push, told, answers = PushService(), [], []

    async def join(*_: object) -> Management:
        return management()

    def serve(request: httpx.Request) -> httpx.Response:
        body = request.content
        told.append("connect" if request.url.path == "/connect" else "check-in")
        if b"<string>TokenUpdate</string>" in body:
            # The product has written the token down and pushes at once; its answer is still on its way.
            headers = {"apns-topic": TOPIC, "apns-push-type": "mdm", "apns-priority": "10"}
            magic = json.dumps({"mdm": MAGIC}).encode()
            answers.append(push.take(TOPIC, f"/3/device/{TOKEN.hex()}", headers, magic))
        return httpx.Response(200)

    async def live() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as http:
            phone = phones.Phone(PhoneState(PhoneSpec(name="New iPhone", serial="F2LX0001")), http, push)
            await phone.enroll("https://localhost/enroll/ticket")
            async with asyncio.timeout(20):
                while "connect" not in told:
                    await asyncio.sleep(0.01)
            await phone.stop()

    monkeypatch.setattr(phones, "join", join)
    asyncio.run(live())
    assert answers == [(200, b"")]
    assert told == ["check-in", "check-in", "connect"]
