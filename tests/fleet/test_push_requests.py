"""A request for Apple's push certificate: its key is made here, stays here, and fits one certificate."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.db import connection

from pocketward.access import api as access
from pocketward.fleet import api as fleet
from pocketward.fleet.api import PushRequestRecord
from pocketward.fleet.errors import PushCertificateRefused
from pocketward.fleet.models import PushRequest
from pocketward.fleet.push_certificates import push_identity
from pocketward.kernel import clock
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from tests.access.clinic import Phone
from tests.fleet.apple.push_certificates import TOPIC
from tests.fleet.apple.push_certificates import make as made_elsewhere


def apple_signs(request_pem: str, topic: str = TOPIC) -> str:
    """The certificate that Apple's portal makes of a request (PEM)."""
    request = x509.load_pem_x509_csr(request_pem.encode())
    apple = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    start = clock.true_now() - timedelta(days=1)
    builder = x509.CertificateBuilder(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Apple stand-in")]),
        x509.Name([x509.NameAttribute(NameOID.USER_ID, topic)]),
        request.public_key(), 5, start, start + timedelta(days=366),
    )  # fmt: skip
    return builder.sign(apple, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def make(practice: PracticeRecord) -> PushRequestRecord:
    return fleet.make_push_request(practice_id=practice.id, by="system:test")


def bring(practice: PracticeRecord, certificate: str, key: str = "") -> None:
    fleet.set_push_certificate(
        practice_id=practice.id, certificate_pem=certificate, key_pem=key, by="system:test"
    )


def test_the_request_is_for_an_rsa_key_of_2048_bits_and_names_the_practice(practice: PracticeRecord) -> None:
    request = x509.load_pem_x509_csr(make(practice).request_pem.encode())
    key = request.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert (key.key_size, request.is_signature_valid) == (2048, True)
    assert request.subject.rfc4514_string() == "CN=Pocketward push: Harbor Street Clinic"


def test_the_certificate_of_the_request_is_taken_without_a_key(practice: PracticeRecord) -> None:
    waiting = make(practice)
    bring(practice, apple_signs(waiting.request_pem))
    assert fleet.push_request(practice_id=practice.id) is None
    identity = push_identity(practice_id=practice.id)
    assert identity is not None
    key = serialization.load_pem_private_key(identity.key_pem.encode(), password=None)
    request = x509.load_pem_x509_csr(waiting.request_pem.encode())
    assert key.public_key() == request.public_key()
    assert PushRequest.objects.get().key_pem is None


def test_making_and_using_a_request_is_sealed_without_its_key(practice: PracticeRecord) -> None:
    first = make(practice)
    second = make(practice)
    bring(practice, apple_signs(second.request_pem))
    bodies = [body for body in event_bodies(practice_id=practice.id) if "push" in str(body["kind"])]
    assert [(body["kind"], body.get("number", body.get("request"))) for body in bodies] == [
        ("fleet.push_request_made", 1), ("fleet.push_request_made", 2), ("fleet.push_certificate_added", 2),
    ]  # fmt: skip
    assert (bodies[0]["key_digest"], bodies[1]["overtakes"]) == (first.key_digest, 1)
    assert "PRIVATE KEY" not in str(bodies)


def test_the_key_stands_in_no_row_as_it_is_and_in_no_log(
    practice: PracticeRecord, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        make(practice)
    plain = PushRequest.objects.get().key_pem
    assert plain is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT key_pem FROM fleet_pushrequest")
        stored = bytes(cursor.fetchone()[0])
    assert b"PRIVATE KEY" not in stored
    body = plain.splitlines()[1]
    assert body not in caplog.text and body.encode() not in stored
    assert "key_pem" not in PushRequestRecord.__dataclass_fields__


def test_a_certificate_of_an_overtaken_request_is_refused_and_told_whose_it_is(
    practice: PracticeRecord,
) -> None:
    first = make(practice)
    make(practice)
    with pytest.raises(PushCertificateRefused, match=r"request 1 of .*newer.*What waits is request 2"):
        bring(practice, apple_signs(first.request_pem))
    assert PushRequest.objects.get(number=1).key_pem is None
    assert fleet.push_certificate(practice_id=practice.id) is None


def test_a_certificate_of_a_key_from_elsewhere_needs_its_key(practice: PracticeRecord) -> None:
    certificate, key = made_elsewhere()
    with pytest.raises(PushCertificateRefused, match=r"not made here\. No request of this server waits"):
        bring(practice, certificate)
    make(practice)
    with pytest.raises(PushCertificateRefused, match=r"not made here\. What waits is request 1"):
        bring(practice, certificate)
    bring(practice, certificate, key)
    assert fleet.push_request(practice_id=practice.id) is not None


def test_a_renewal_made_of_the_same_request_finds_the_standing_key(practice: PracticeRecord) -> None:
    waiting = make(practice)
    bring(practice, apple_signs(waiting.request_pem))
    bring(practice, apple_signs(waiting.request_pem))
    assert fleet.push_certificate(practice_id=practice.id) is not None


def test_a_renewal_with_another_topic_is_refused_and_the_request_still_waits(
    practice: PracticeRecord, clinician: Member
) -> None:
    access.prepare_practice(practice_id=practice.id, by="system:test")
    Phone(practice, clinician)
    waiting = make(practice)
    other = apple_signs(waiting.request_pem, topic="com.apple.mgmt.External.other")
    with pytest.raises(PushCertificateRefused, match="not a renewal"):
        bring(practice, other)
    bring(practice, apple_signs(waiting.request_pem, topic="com.apple.mgmt.External.test"))


@pytest.mark.parametrize("junk", ["", "junk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_refused(practice: PracticeRecord, junk: str) -> None:
    make(practice)
    with pytest.raises(PushCertificateRefused, match="not a certificate"):
        bring(practice, junk)
