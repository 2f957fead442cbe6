"""A push certificate of the kind Apple issues, signed by nobody that matters."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from pocketward.fleet import api as fleet
from pocketward.kernel import clock
from tests.fleet.apple.phones import TOPIC


def make(topic: str = TOPIC, days: int = 365) -> tuple[str, str]:
    """Certificate and key in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.USER_ID, topic)])
    start = clock.true_now() - timedelta(days=1)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 5, start, start + timedelta(days=days + 1)
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode(), pem


def upload(practice_id: UUID, topic: str = TOPIC, days: int = 365) -> None:
    """Make it the practice's."""
    certificate, key = make(topic, days)
    fleet.set_push_certificate(
        practice_id=practice_id, certificate_pem=certificate, key_pem=key, by="system:test"
    )


__all__ = ("TOPIC", "make", "upload")
