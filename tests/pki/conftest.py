"""A practice with its authorities, and phones that enroll at the endpoint's own function."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from cryptography import x509

from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.pki import api as pki
from pocketward.pki import refusals
from pocketward.pki.endpoints import respond
from pocketward.pki.scep_answers import Answer
from pocketward.practice.records import PracticeRecord
from pocketward.protocols import scep
from pocketward.spine import reactions
from pocketward.spine.api import event_bodies
from tests.protocols.scep.parties import rsa_key


class Phone:
    """One phone of a practice, and what it was told."""

    def __init__(self, practice: PracticeRecord, *, device_id: UUID | None = None) -> None:
        self.practice = practice
        self.enrollment_id = uuid4()
        self.device_id = device_id
        self.key = rsa_key(10)
        self.habits = scep.OldHabits()

    def challenge(self, purpose: str = "access", minutes: int = 60) -> str:
        """A fresh one-time challenge for this phone."""
        return pki.issue_challenge(
            practice_id=self.practice.id, enrollment_id=self.enrollment_id, purpose=purpose,
            device_id=self.device_id, minutes=minutes,
        )  # fmt: skip

    def path(self, purpose: str) -> str:
        """Where identities of this purpose are asked for."""
        return f"/device/{public_id('prac', self.practice.id)}/scep/{purpose}"

    def authority(self, purpose: str = "access") -> scep.CaCertificates:
        """What GetCACert says."""
        told = respond("GET", self.path(purpose), b"operation=GetCACert", b"")
        return scep.parse_ca_certificates(told.body, told.content_type)

    def send(self, purpose: str, message: bytes) -> Answer:
        """Post one message."""
        return respond("POST", self.path(purpose), b"operation=PKIOperation", message)

    def enroll(self, challenge: str | None = None, purpose: str = "access") -> scep.EnrollmentAnswer:
        """Ask for an identity, with a fresh challenge unless one is given."""
        asked = scep.begin_enrollment(
            key=self.key, subject=(("CN", "phone"),), authority=self.authority(purpose), now=clock.now(),
            challenge=self.challenge(purpose) if challenge is None else challenge, habits=self.habits,
        )  # fmt: skip
        return scep.read_answer(asked, self.send(purpose, asked.request).body)

    def enrolled(self, purpose: str = "access") -> bytes:
        """The identity, which must be granted."""
        certificate = self.enroll(purpose=purpose).certificate
        assert certificate is not None
        return certificate

    def renew(self, certificate: bytes, purpose: str = "access") -> scep.EnrollmentAnswer:
        """Ask for a newer identity with this one."""
        asked = scep.begin_renewal(
            key=rsa_key(11), certificate=certificate, certificate_key=self.key,
            authority=self.authority(purpose),
        )  # fmt: skip
        return scep.read_answer(asked, self.send(purpose, asked.request).body)

    def state_of(self, certificate: bytes) -> str | None:
        """How the certificate is judged now."""
        identity = pki.identity_of(practice_id=self.practice.id, certificate_der=certificate)
        return identity.state if identity is not None else None


def kinds(practice: PracticeRecord) -> list[str]:
    """The kinds of all events of the practice, oldest first."""
    return [body["kind"] for body in event_bodies(practice_id=practice.id)]


def reasons(practice: PracticeRecord) -> list[str]:
    """Why requests were refused, oldest first."""
    bodies = event_bodies(practice_id=practice.id)
    return [body["reason"] for body in bodies if body["kind"] == "pki.challenge_refused"]


def listed(practice: PracticeRecord, certificate: bytes) -> x509.ReasonFlags | None:
    """The reason on the revocation list, or None when the certificate is not on it."""
    found = x509.load_der_x509_crl(pki.crl(practice_id=practice.id))
    serial = x509.load_der_x509_certificate(certificate).serial_number
    entry = found.get_revoked_certificate_by_serial_number(serial)
    return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason if entry else None


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No refusals remembered from the test before, and nobody above who looks for the phones in a fleet."""
    monkeypatch.setattr(refusals, "PACE", refusals.Pace())
    monkeypatch.setattr(reactions, "_chain", [])


@pytest.fixture
def phone(practice: PracticeRecord) -> Phone:
    """A phone that the fleet knows."""
    pki.ensure_authority(practice_id=practice.id)
    return Phone(practice, device_id=uuid4())
