"""Certificates for the gate's tests: a root, an issuing authority, and leaves of any kind."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOT_BEFORE = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
NOT_AFTER = datetime.datetime(2046, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        """PEM text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        """DER bytes."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def header(self) -> bytes:
        """As nginx passes it."""
        return quote(self.pem).encode()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the DER."""
        return hashlib.sha256(self.der).hexdigest()


def make(
    name: str,
    issuer: Made | None,
    *,
    is_authority: bool = False,
    purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CLIENT_AUTH,
    not_after: datetime.datetime = NOT_AFTER,
) -> Made:
    """A certificate of this name, by `issuer`, or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if purpose is not None and not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return Made(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


@cache
def authority() -> tuple[Made, Made]:
    """A root and the issuing authority under it."""
    root = make("root", None, is_authority=True)
    return root, make("issuing", root, is_authority=True)


@cache
def phone() -> Made:
    """An access certificate."""
    return make("phone", authority()[1])
