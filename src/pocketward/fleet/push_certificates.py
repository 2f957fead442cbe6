"""The practice's Apple push certificate: refused unless it fits, and only with the same topic on renewal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from pocketward.fleet.errors import PushCertificateRefused
from pocketward.fleet.events import PushCertificateAdded
from pocketward.fleet.models import Enrollment, PushCertificate
from pocketward.fleet.push_plans import push_to_all
from pocketward.fleet.push_requests import (
    digest_of_key,
    key_of_request,
    mark_used,
    refusal_of_unknown_key,
)
from pocketward.kernel import clock
from pocketward.protocols.apns import PushError, topic_of_certificate
from pocketward.protocols.certificates import UNREADABLE, CertificateError, read_pem
from pocketward.spine.api import record, unit_of_work

LONGEST_TOPIC = 120
LARGEST_RSA_BITS = 4096


@dataclass(frozen=True)
class PushCertificateRecord:
    """The active push certificate, without its key."""

    topic: str
    not_after: datetime
    apple_account: str
    custodian: str
    proven_at: datetime | None


@dataclass(frozen=True)
class PushIdentity:
    """What the push connection needs; the key never leaves the server."""

    topic: str
    certificate_pem: str
    key_pem: str


def _read(certificate_pem: str) -> tuple[x509.Certificate, str]:
    """The certificate and the digest of its public key."""
    try:
        certificate = read_pem(certificate_pem.encode())
        return certificate, digest_of_key(certificate.public_key())
    except (CertificateError, *UNREADABLE) as error:
        raise PushCertificateRefused("This is not a certificate in PEM form.") from error


def _key_for(practice_id: UUID, digest: str, key_pem: str) -> str:
    """The private key of this public key: brought along, of a request made here, or of the one it renews."""
    if key_pem:
        try:
            shown = digest_of_key(_private_key(key_pem).public_key())
        except UNREADABLE as error:
            raise PushCertificateRefused("This is not a private key in PEM form.") from error
        if shown != digest:
            raise PushCertificateRefused("This certificate belongs to another key.")
        return key_pem
    found = key_of_request(practice_id, digest) or _standing_key(practice_id, digest)
    if found is None:
        raise refusal_of_unknown_key(practice_id)
    return found


def _private_key(key_pem: str) -> PrivateKeyTypes:
    """The key in this text, whole; UNREADABLE when it is none, PushCertificateRefused when too large."""
    # Unchecked first, only to look at its size: whether long numbers are primes takes minutes.
    key = serialization.load_pem_private_key(
        key_pem.encode(), password=None, unsafe_skip_rsa_key_validation=True
    )
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        if max(numbers.public_numbers.n, numbers.p * numbers.q, numbers.d).bit_length() > LARGEST_RSA_BITS:
            raise PushCertificateRefused("This key is too large: an RSA key of at most 4,096 bits is taken.")
        key = serialization.load_pem_private_key(key_pem.encode(), password=None)
    return key


def _standing_key(practice_id: UUID, digest: str) -> str | None:
    """The key of the certificate in use, when the new one was made from the same request."""
    row = PushCertificate.objects.filter(practice_id=practice_id, active=True).first()
    if row is None or _read(row.certificate_pem)[1] != digest:
        return None
    key: str = row.key_pem
    return key


def _topic(certificate: x509.Certificate) -> str:
    try:
        topic = topic_of_certificate(certificate.public_bytes(serialization.Encoding.DER))
    except PushError as error:
        raise PushCertificateRefused("This is not an Apple device management push certificate.") from error
    if len(topic) > LONGEST_TOPIC:
        raise PushCertificateRefused("This is not an Apple device management push certificate.")
    return topic


@unit_of_work
def set_push_certificate(
    *,
    practice_id: UUID,
    certificate_pem: str,
    key_pem: str = "",
    apple_account: str = "",
    custodian: str = "",
    by: str,
) -> PushCertificateRecord:
    """Make this the active push certificate; without `key_pem` the key of a request made here is taken.

    PushCertificateRefused when key or purpose do not fit, the dates are past, or its topic differs from
    the one live phones were enrolled with: with another topic every phone must enroll again. Phones that wait
    for commands are pushed to with it at once.
    """
    certificate, digest = _read(certificate_pem)
    key_pem = _key_for(practice_id, digest, key_pem)
    topic = _topic(certificate)
    if certificate.not_valid_after_utc <= clock.now():
        raise PushCertificateRefused("This push certificate has run out.")
    live = Enrollment.objects.filter(state__in=Enrollment.LIVE).exclude(topic="")
    if live.exclude(topic=topic).exists():
        raise PushCertificateRefused(
            "This certificate is a new one, not a renewal: with it every phone would have to enroll again.",
            advice="At Apple, choose Renew on the entry with the same UID, signed in with the same account.",
        )
    before = PushCertificate.objects.filter(active=True).first()
    # A renewal that names no account is made with the one that is noted.
    apple_account = apple_account or (before.apple_account if before is not None else "")
    renewed = PushCertificate.objects.filter(active=True).update(active=False) > 0
    row = PushCertificate.objects.create(
        practice_id=practice_id,
        topic=topic,
        certificate_pem=certificate_pem,
        key_pem=key_pem,
        apple_account=apple_account,
        custodian=custodian,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
    record(
        PushCertificateAdded(
            practice_id=practice_id, actor=by, topic=topic, not_after=row.not_after, renewed=renewed,
            request=mark_used(practice_id, digest),
        )
    )  # fmt: skip
    push_to_all(practice_id=practice_id)
    return PushCertificateRecord(topic, row.not_after, apple_account, custodian, None)


def push_certificate(*, practice_id: UUID) -> PushCertificateRecord | None:
    """The active push certificate, or None."""
    row = PushCertificate.objects.filter(practice_id=practice_id, active=True).first()
    if row is None:
        return None
    return PushCertificateRecord(row.topic, row.not_after, row.apple_account, row.custodian, row.proven_at)


def push_identity(*, practice_id: UUID) -> PushIdentity | None:
    """The certificate and key to push with, or None."""
    row = PushCertificate.objects.filter(practice_id=practice_id, active=True).first()
    return PushIdentity(row.topic, row.certificate_pem, row.key_pem) if row is not None else None


@unit_of_work
def note_push_proven(*, practice_id: UUID) -> None:
    """Apple accepted this certificate."""
    PushCertificate.objects.filter(practice_id=practice_id, active=True).update(proven_at=clock.now())
