"""Requests for an Apple push certificate: the key is made here, is kept encrypted and never leaves.

Apple's portal takes a request for an RSA key of 2048 bits, wrapped and signed by a vendor whom Apple gave a
device management certificate (developer.apple.com, "Setting up push notifications for your MDM customers").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from pocketward.fleet.errors import PushCertificateRefused
from pocketward.fleet.events import PushRequestMade
from pocketward.fleet.models import PushRequest
from pocketward.kernel import crypto
from pocketward.practice import api as practice_api
from pocketward.spine.api import record, unit_of_work

KEY_BITS = 2048
LONGEST_NAME = 64
_PLAIN = serialization.NoEncryption()


@dataclass(frozen=True)
class PushRequestRecord:
    """The request that waits for its certificate, without its key. `key_digest` is SHA-256 in hex."""

    number: int
    request_pem: str
    key_digest: str
    made_by: str
    made_at: datetime


def digest_of_key(public_key: object) -> str:
    """SHA-256 in hex of a public key as certificates and requests carry it."""
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    shown: bytes = public_key.public_bytes(encoding, form)  # type: ignore[attr-defined]
    return crypto.sha256_hex(shown)


def make_push_request(*, practice_id: UUID, by: str) -> PushRequestRecord:
    """Make a key pair and its request; the one that waited before is overtaken and its key thrown away."""
    # Before the transaction: a key takes up to a second, and a practice has one writer at a time.
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = f"Pocketward push: {practice_api.get_practice(practice_id=practice_id).name}"[:LONGEST_NAME]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder(subject).sign(key, hashes.SHA256())
    return _keep(
        practice_id,
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, _PLAIN).decode(),
        request.public_bytes(serialization.Encoding.PEM).decode(),
        digest_of_key(key.public_key()),
        by,
    )


@unit_of_work
def _keep(practice_id: UUID, key_pem: str, request_pem: str, digest: str, by: str) -> PushRequestRecord:
    rows = PushRequest.objects.filter(practice_id=practice_id)
    newest, waiting = rows.order_by("-number").first(), rows.filter(state=PushRequest.WAITING).first()
    rows.filter(state=PushRequest.WAITING).update(state=PushRequest.OVERTAKEN, key_pem=None)
    row = PushRequest.objects.create(
        practice_id=practice_id,
        number=(newest.number if newest else 0) + 1,
        request_pem=request_pem,
        key_digest=digest,
        key_pem=key_pem,
        made_by=by,
    )
    record(
        PushRequestMade(
            practice_id=practice_id, actor=by, subject="push", number=row.number, key_digest=digest,
            overtakes=waiting.number if waiting else None,
        )
    )  # fmt: skip
    return _record(row)


def _record(row: PushRequest) -> PushRequestRecord:
    return PushRequestRecord(row.number, row.request_pem, row.key_digest, row.made_by, row.made_at)


def push_request(*, practice_id: UUID) -> PushRequestRecord | None:
    """The request that waits for its certificate, or None."""
    row = PushRequest.objects.filter(practice_id=practice_id, state=PushRequest.WAITING).first()
    return _record(row) if row is not None else None


def key_of_request(practice_id: UUID, digest: str) -> str | None:
    """The key that waits for a certificate with this public key (PEM); None when none was made here.

    PushCertificateRefused when its request was overtaken: that key is gone.
    """
    row = PushRequest.objects.filter(practice_id=practice_id, key_digest=digest).order_by("-number").first()
    if row is not None and row.state == PushRequest.OVERTAKEN:
        raise PushCertificateRefused(
            f"This certificate belongs to {_said(row)}. Its key was thrown away when a newer request was "
            f"made. {_which_waits(practice_id)}"
        )
    key: str | None = row.key_pem if row is not None else None
    return key


def refusal_of_unknown_key(practice_id: UUID) -> PushCertificateRefused:
    """What is said of a certificate that no request of ours, and no key that was brought along, fits."""
    return PushCertificateRefused(
        f"This certificate belongs to a key that was not made here. {_which_waits(practice_id)} "
        "If the key was made elsewhere, bring it along."
    )


def _which_waits(practice_id: UUID) -> str:
    row = PushRequest.objects.filter(practice_id=practice_id, state=PushRequest.WAITING).first()
    return f"What waits is {_said(row)}." if row is not None else "No request of this server waits."


def _said(row: PushRequest) -> str:
    return f"request {row.number} of {row.made_at:%Y-%m-%d}"


def mark_used(practice_id: UUID, digest: str) -> int | None:
    """The certificate came: its row holds the key from now on. The request's number, None if not ours."""
    rows = PushRequest.objects.filter(
        practice_id=practice_id, key_digest=digest, state__in=(PushRequest.WAITING, PushRequest.USED)
    )
    row = rows.first()
    rows.update(state=PushRequest.USED, key_pem=None)
    return row.number if row is not None else None
