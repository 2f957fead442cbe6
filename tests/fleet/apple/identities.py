"""Identities for phones at the wire, issued by the practice's own authority."""

from __future__ import annotations

from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pocketward.pki import api as pki
from pocketward.pki.requests import issue_for_challenge


def issue(
    practice_id: UUID, enrollment_id: UUID, purpose: str = "management", device_id: UUID | None = None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate of this purpose for an enrollment, and its key, as SCEP would have issued it."""
    pki.ensure_authority(practice_id=practice_id)
    key = ec.generate_private_key(ec.SECP256R1())
    der = issue_for_challenge(
        practice_id=practice_id,
        challenge=pki.issue_challenge(
            practice_id=practice_id, enrollment_id=enrollment_id, purpose=purpose, device_id=device_id
        ),
        purpose=purpose,
        spki=key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        crl_url="http://localhost/crl",
    )
    return x509.load_der_x509_certificate(der), key
