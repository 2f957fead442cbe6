"""Making certificates: pure functions over keys and names, no database.

Profiles: the root signs only the issuing authority and the registration pair; the issuing authority (EC
P-256) signs identities. A management identity carries our purpose for device endpoints, an access identity
the one for record systems; each purpose is an extended key usage of our own besides client authentication,
so neither is accepted as the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# UUID-derived arc (2.25.<uuid>): ours without asking anybody. Never change a released one.
_ARC = "2.25.216938711942031884903162748550493927172"
PURPOSE_OIDS = {
    "management": x509.ObjectIdentifier(f"{_ARC}.1"),
    "access": x509.ObjectIdentifier(f"{_ARC}.2"),
}
LIFE = {
    "management": timedelta(days=398),
    "access": timedelta(days=90),
    "server": timedelta(days=90),
}
AUTHORITY_LIFE = timedelta(days=3650)
BACKDATE = timedelta(minutes=10)


@dataclass(frozen=True)
class AuthorityKeys:
    """The whole authority in DER; private keys in PKCS#8 DER."""

    root_der: bytes
    root_key: bytes
    issuing_der: bytes
    issuing_key: bytes
    registration_der: bytes
    registration_key: bytes


def _name(organization: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _private_der(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_ec(der: bytes) -> ec.EllipticCurvePrivateKey:
    """An EC private key from PKCS#8 DER."""
    key = serialization.load_der_private_key(der, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("an authority's key is elliptic-curve")
    return key


def load_rsa(der: bytes) -> rsa.RSAPrivateKey:
    """An RSA private key from PKCS#8 DER."""
    key = serialization.load_der_private_key(der, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the registration key is RSA")
    return key


def _usage(*, sign_certificates: bool, encipher: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=False,
        key_encipherment=encipher,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: object, start: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - BACKDATE)
        .not_valid_after(start + life)
    )


def _identifiers(
    builder: x509.CertificateBuilder, public_key: object, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    subject_id = x509.SubjectKeyIdentifier.from_public_key(public_key)  # type: ignore[arg-type]
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return builder.add_extension(subject_id, False).add_extension(issuer_id, False)


def make_authority(*, organization: str, start: datetime) -> AuthorityKeys:
    """A new root, issuing authority and registration pair, valid for ten years from `start`."""
    root_key, issuing_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    registration_key = rsa.generate_private_key(65537, 2048)
    root_name = _name(organization, "Pocketward root")
    issuing_name = _name(organization, "Pocketward devices")
    root = _builder(root_name, root_name, root_key.public_key(), start, AUTHORITY_LIFE)
    root = root.add_extension(x509.BasicConstraints(True, 1), True)
    root = _identifiers(
        root.add_extension(_usage(sign_certificates=True), True), root_key.public_key(), root_key
    )
    issuing = _builder(issuing_name, root_name, issuing_key.public_key(), start, AUTHORITY_LIFE)
    issuing = issuing.add_extension(x509.BasicConstraints(True, 0), True)
    issuing = issuing.add_extension(_usage(sign_certificates=True), True)
    issuing = _identifiers(issuing, issuing_key.public_key(), root_key)
    helper_name = _name(organization, "Pocketward registration")
    registration = _builder(helper_name, issuing_name, registration_key.public_key(), start, AUTHORITY_LIFE)
    registration = registration.add_extension(x509.BasicConstraints(False, None), True)
    registration = registration.add_extension(_usage(sign_certificates=False, encipher=True), True)
    registration = _identifiers(registration, registration_key.public_key(), issuing_key)
    der = serialization.Encoding.DER
    return AuthorityKeys(
        root.sign(root_key, hashes.SHA256()).public_bytes(der),
        _private_der(root_key),
        issuing.sign(root_key, hashes.SHA256()).public_bytes(der),
        _private_der(issuing_key),
        registration.sign(issuing_key, hashes.SHA256()).public_bytes(der),
        _private_der(registration_key),
    )


def issue_identity(
    *,
    purpose: str,
    organization: str,
    common_name: str,
    spki: bytes,
    issuing_der: bytes,
    issuing_key: bytes,
    crl_url: str,
    start: datetime,
) -> bytes:
    """A client certificate of one purpose for this public key (DER SubjectPublicKeyInfo); DER."""
    issuer, key = x509.load_der_x509_certificate(issuing_der), load_ec(issuing_key)
    public_key = serialization.load_der_public_key(spki)
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, PURPOSE_OIDS[purpose]])
    builder = _builder(_name(organization, common_name), issuer.subject, public_key, start, LIFE[purpose])
    builder = builder.add_extension(x509.BasicConstraints(False, None), True)
    encipher = isinstance(public_key, rsa.RSAPublicKey)
    builder = builder.add_extension(_usage(sign_certificates=False, encipher=encipher), True)
    builder = _identifiers(builder.add_extension(usages, False), public_key, key)
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
    builder = builder.add_extension(x509.CRLDistributionPoints([point]), False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def issue_server(
    *, hosts: Sequence[str], organization: str, issuing_der: bytes, issuing_key: bytes, start: datetime
) -> tuple[bytes, bytes]:
    """A server certificate for these names and addresses, and its new key: (DER, PKCS#8 DER)."""
    issuer, key = x509.load_der_x509_certificate(issuing_der), load_ec(issuing_key)
    own = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(organization, hosts[0]), issuer.subject, own.public_key(), start, LIFE["server"])
    builder = builder.add_extension(
        x509.SubjectAlternativeName([_general_name(host) for host in hosts]), False
    )
    builder = builder.add_extension(x509.BasicConstraints(False, None), True)
    builder = builder.add_extension(_usage(sign_certificates=False), True)
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    builder = _identifiers(builder.add_extension(usages, False), own.public_key(), key)
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.DER), _private_der(own)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def make_crl(
    *,
    issuing_der: bytes,
    issuing_key: bytes,
    number: int,
    at: datetime,
    entries: Sequence[tuple[int, datetime, x509.ReasonFlags]],
    life: timedelta,
) -> bytes:
    """A signed revocation list (DER): serial, time and reason of each certificate on it."""
    issuer, key = x509.load_der_x509_certificate(issuing_der), load_ec(issuing_key)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
    builder = builder.last_update(at).next_update(at + life).add_extension(x509.CRLNumber(number), False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False
    )
    for serial, moment, reason in entries:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment)
        builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(reason), False).build())
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def purpose_of(certificate: x509.Certificate) -> str | None:
    """Which of our purposes a certificate carries, None when not exactly one."""
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    found = [name for name, oid in PURPOSE_OIDS.items() if oid in usages]
    return found[0] if len(found) == 1 else None
