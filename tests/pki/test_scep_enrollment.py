"""Enrolling, renewing and refusing over the SCEP endpoint's own function."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from pocketward.fleet.models import Device
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.pki import api as pki
from pocketward.pki import issuing
from pocketward.pki.endpoints import respond
from pocketward.practice.records import PracticeRecord
from pocketward.protocols import scep
from pocketward.spine.api import event_bodies

KEY = rsa.generate_private_key(65537, 2048)


class Client:
    """A SCEP client that talks to the endpoint's function."""

    def __init__(self, practice: PracticeRecord, purpose: str) -> None:
        self.path = f"/device/{public_id('prac', practice.id)}/scep/{purpose}"
        _, kind, body = respond("GET", self.path, {"operation": ["GetCACert"]}, b"")
        self.authority = scep.parse_ca_certificates(body, kind)

    def enroll(self, challenge: str) -> scep.EnrollmentAnswer:
        """Ask for a certificate with this challenge."""
        begun = scep.begin_enrollment(
            key=KEY,
            subject=(("CN", "phone"),),
            challenge=challenge,
            authority=self.authority,
            now=clock.now(),
        )
        _, _, body = respond("POST", self.path, {"operation": ["PKIOperation"]}, begun.request)
        return scep.read_answer(begun, body)

    def renew(self, certificate: bytes) -> scep.EnrollmentAnswer:
        """Ask for a newer certificate with the current one."""
        begun = scep.begin_renewal(
            key=KEY, certificate=certificate, certificate_key=KEY, authority=self.authority
        )
        _, _, body = respond("POST", self.path, {"operation": ["PKIOperation"]}, begun.request)
        return scep.read_answer(begun, body)


@pytest.fixture
def enrollment(practice: PracticeRecord) -> UUID:
    pki.ensure_authority(practice_id=practice.id)
    return uuid4()


def phone(practice: PracticeRecord) -> UUID:
    device = Device.objects.create(practice_id=practice.id, label="P", kind="iphone", ownership="practice")
    device_id: UUID = device.id
    return device_id


def challenge(practice: PracticeRecord, enrollment: UUID, purpose: str = "management") -> str:
    return pki.issue_challenge(practice_id=practice.id, enrollment_id=enrollment, purpose=purpose)


def test_a_valid_challenge_gives_an_identity_of_its_purpose(
    practice: PracticeRecord, enrollment: UUID
) -> None:
    answer = Client(practice, "management").enroll(challenge(practice, enrollment))
    assert answer.certificate is not None
    identity = pki.identity_of(practice_id=practice.id, certificate_der=answer.certificate)
    assert identity is not None
    assert (identity.purpose, identity.state, identity.enrollment_id) == ("management", "valid", enrollment)
    assert issuing.purpose_of(x509.load_der_x509_certificate(answer.certificate)) == "management"


def test_a_challenge_works_once_and_the_second_try_is_recorded(
    practice: PracticeRecord, enrollment: UUID
) -> None:
    secret = challenge(practice, enrollment)
    client = Client(practice, "management")
    assert client.enroll(secret).certificate is not None
    again = client.enroll(secret)
    assert again.certificate is None
    assert again.fail_info == scep.FailInfo.BAD_REQUEST
    kinds = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    assert kinds.count("pki.challenge_refused") == 1


def test_a_challenge_for_one_purpose_gives_nothing_for_the_other(
    practice: PracticeRecord, enrollment: UUID
) -> None:
    assert Client(practice, "access").enroll(challenge(practice, enrollment)).certificate is None


def test_a_valid_identity_renews_and_a_held_one_does_not(practice: PracticeRecord, enrollment: UUID) -> None:
    device = phone(practice)
    secret = pki.issue_challenge(
        practice_id=practice.id, enrollment_id=enrollment, purpose="access", device_id=device
    )
    client = Client(practice, "access")
    first = client.enroll(secret).certificate
    assert first is not None
    assert client.renew(first).certificate is not None
    assert pki.hold_access(device_id=device, by="system:test", case_ref="case_1")
    assert client.renew(first).certificate is None


def test_a_held_certificate_is_on_the_list_until_the_hold_is_lifted(
    practice: PracticeRecord, enrollment: UUID
) -> None:
    device = phone(practice)
    secret = pki.issue_challenge(
        practice_id=practice.id, enrollment_id=enrollment, purpose="access", device_id=device
    )
    der = Client(practice, "access").enroll(secret).certificate
    assert der is not None
    serial = x509.load_der_x509_certificate(der).serial_number

    def listed() -> x509.RevokedCertificate | None:
        found = x509.load_der_x509_crl(pki.crl(practice_id=practice.id))
        return found.get_revoked_certificate_by_serial_number(serial)

    assert listed() is None
    pki.hold_access(device_id=device, by="system:test", case_ref="case_1")
    entry = listed()
    assert entry is not None
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason == x509.ReasonFlags.certificate_hold
    pki.lift_access_hold(device_id=device, by="system:test", case_ref="case_1")
    assert listed() is None
    pki.revoke_device(device_id=device, reason="superseded", by="system:test")
    assert listed() is not None
    assert pki.lift_access_hold(device_id=device, by="system:test", case_ref="") == ()


def test_identities_are_due_at_two_thirds_of_their_life(practice: PracticeRecord, enrollment: UUID) -> None:
    answer = Client(practice, "management").enroll(challenge(practice, enrollment))
    assert answer.certificate is not None
    now = clock.now()
    assert pki.due_for_renewal(practice_id=practice.id, at=now + timedelta(days=260)) == ()
    assert len(pki.due_for_renewal(practice_id=practice.id, at=now + timedelta(days=270))) == 1


@pytest.mark.parametrize("body", [b"", b"\x30\x80", b"garbage" * 100, b"\x30\x82\xff\xff" + b"\x00" * 64])
def test_a_body_that_is_no_message_gets_a_clear_answer(
    practice: PracticeRecord, enrollment: UUID, body: bytes
) -> None:
    path = f"/device/{public_id('prac', practice.id)}/scep/management"
    status, _, _ = respond("POST", path, {"operation": ["PKIOperation"]}, body)
    assert status == 400
