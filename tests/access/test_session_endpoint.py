"""The app's own host: a one-time code becomes a host-only cookie, bound to the device that showed itself."""

from __future__ import annotations

import base64
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings

from pocketward.access import api as access
from pocketward.access.endpoints import start
from pocketward.access.models import GateSession
from pocketward.gate.identity import read_certificate
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice.api import Member, PracticeRecord
from tests.access.clinic import HOST, Door, Phone, later


def ask(
    practice: PracticeRecord, code: str, *, host: str = HOST, secret: str = "", certificate: bytes = b""
) -> tuple[int, dict[bytes, bytes]]:
    """What the endpoint answers to a code."""
    headers = {
        b"host": [b"gate"],
        b"pocketward-proxy-secret": [(secret or settings.POCKETWARD.proxy_secret).encode()],
        b"x-forwarded-host": [host.encode()],
        b"x-forwarded-proto": [b"https"],
    }
    if certificate:
        headers[b"pocketward-client-certificate"] = [certificate]
    status, found = start(headers, {"code": [f"{public_id('prac', practice.id)}.{code}"]}, "http")
    return status, dict(found)


def new_code(member: Member, app_id: UUID) -> str:
    """A fresh one-time code."""
    return access.issue_code(app_id=app_id, member_id=member.id, strength="passkey", auth_at=clock.true_now())


def der_of(header: bytes) -> bytes:
    """As Caddy passes it."""
    certificate = read_certificate(header)
    assert isinstance(certificate, x509.Certificate)
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER))


@pytest.mark.parametrize("is_base64", [False, True])
def test_the_cookie_opens_the_door_on_the_phone_that_brought_the_code(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door, is_base64: bool
) -> None:
    shown = der_of(phone.header) if is_base64 else phone.header
    status, headers = ask(practice, new_code(clinician, ehr), certificate=shown)
    assert (status, headers[b"location"]) == (303, b"/notes")
    cookie = headers[b"set-cookie"].decode()
    assert "HttpOnly" in cookie and "Secure" in cookie and "SameSite=Lax" in cookie
    assert "Domain" not in cookie
    assert GateSession.objects.get().device_id_seen == phone.device_id
    token = cookie.partition("=")[2].partition(";")[0]
    assert door.ask(phone, token).status == 204
    assert door.ask(None, token).status != 204


def test_a_code_works_once_on_its_own_host_for_a_minute(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID
) -> None:
    code = new_code(clinician, ehr)
    assert ask(practice, code, host="other.example.org")[0] == 410
    assert ask(practice, code)[0] == 303
    assert ask(practice, code)[0] == 410
    late = new_code(clinician, ehr)
    with later(seconds=61):
        assert ask(practice, late)[0] == 410


def test_a_certificate_without_the_proxys_proof_binds_nothing(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID
) -> None:
    status, _ = ask(practice, new_code(clinician, ehr), secret="guess", certificate=phone.header)
    assert status == 410
    assert not GateSession.objects.exists()
