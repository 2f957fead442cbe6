"""Making certificates: pure functions over keys and names, no database.

Two hierarchies, all EC P-256: root -> issuing signs management identities and our listeners; the access
authority, a root of its own, signs access identities and nothing else, so that a program which trusts it
and knows nothing of purposes still refuses a management identity, with one revocation list to load. The
purpose also stands in the subject (OU), where people and RADIUS servers can read it. It is no extended key
usage of our own: an identifier made from a UUID (2.25) is too large for programs written in Go, and Caddy
refused the whole certificate.
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

PURPOSES = ("management", "access")
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
    access_der: bytes
    access_key: bytes
    registration_der: bytes
    access_registration_der: bytes
    registration_key: bytes


@dataclass(frozen=True)
class Signer:
    """A certificate that signs others, and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def load_signer(der: bytes, key: bytes) -> Signer:
    """From DER and PKCS#8 DER."""
    return Signer(x509.load_der_x509_certificate(der), load_ec(key))


def _name(organization: str, common: str, unit: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64])]
    if unit:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


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
    # Our own key, from a sealed field: checking its primes again at each request would cost tens of ms.
    key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
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


def _certified(
    builder: x509.CertificateBuilder,
    public_key: object,
    signing_key: ec.EllipticCurvePrivateKey,
    *,
    path: int | None = None,
    encipher: bool = False,
) -> x509.Certificate:
    """Signed, with what every certificate here says: authority or not (`path`), usage, identifiers."""
    builder = builder.add_extension(x509.BasicConstraints(path is not None, path), True)
    builder = builder.add_extension(_usage(sign_certificates=path is not None, encipher=encipher), True)
    return _identifiers(builder, public_key, signing_key).sign(signing_key, hashes.SHA256())


def _root(name: x509.Name, start: datetime, *, path: int) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, name, key.public_key(), start, AUTHORITY_LIFE)
    return Signer(_certified(builder, key.public_key(), key, path=path), key)


def new_registration_key() -> rsa.RSAPrivateKey:
    """A key for SCEP, whose phones speak RSA; finding its primes takes a tenth of a second and more."""
    return rsa.generate_private_key(65537, 2048)


def make_authority(*, organization: str, start: datetime) -> AuthorityKeys:
    """New roots, issuing authority and registration pair, valid for ten years from `start`."""
    root = _root(_name(organization, "Pocketward root"), start, path=1)
    access = _root(_name(organization, "Pocketward access"), start, path=0)
    issuing_key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(
        _name(organization, "Pocketward devices"), root.certificate.subject, issuing_key.public_key(), start,
        AUTHORITY_LIFE,
    )  # fmt: skip
    issued = _certified(builder, issuing_key.public_key(), root.key, path=0)
    issuing = Signer(issued, issuing_key)
    registration_key = new_registration_key()
    return AuthorityKeys(
        root_der=_der(root.certificate),
        root_key=_private_der(root.key),
        issuing_der=_der(issuing.certificate),
        issuing_key=_private_der(issuing.key),
        access_der=_der(access.certificate),
        access_key=_private_der(access.key),
        registration_der=_registration(organization, registration_key, issuing, start),
        access_registration_der=_registration(organization, registration_key, access, start),
        registration_key=_private_der(registration_key),
    )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _registration(organization: str, key: rsa.RSAPrivateKey, signer: Signer, start: datetime) -> bytes:
    name = _name(organization, "Pocketward registration")
    builder = _builder(name, signer.certificate.subject, key.public_key(), start, AUTHORITY_LIFE)
    return _der(_certified(builder, key.public_key(), signer.key, encipher=True))


def issue_identity(
    *, purpose: str, organization: str, common_name: str, spki: bytes, signer: Signer, crl_url: str, uri: str,
    start: datetime, valid_from: datetime,
) -> bytes:  # fmt: skip
    """A client certificate of one purpose for this public key (DER SubjectPublicKeyInfo); DER.

    `crl_url` may be empty: a certificate that only we judge names no revocation list. `uri` is the name by
    which relying parties may know the holder; strict ones refuse a certificate without any. Its life counts
    from `start`; it is valid from `valid_from` on, if that is earlier.
    """
    public_key = serialization.load_der_public_key(spki)
    name = _name(organization, common_name, purpose)
    begin = min(start, valid_from)
    life = LIFE[purpose] + (start - begin)
    builder = _builder(name, signer.certificate.subject, public_key, begin, life)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])
    builder = builder.add_extension(names, False)
    if crl_url:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), False)
    encipher = isinstance(public_key, rsa.RSAPublicKey)
    return _der(_certified(builder, public_key, signer.key, encipher=encipher))


def purpose_of(certificate: x509.Certificate) -> str | None:
    """The purpose that an identity of ours names; None when it names none, or several."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    named = [unit.value for unit in units if unit.value in PURPOSES]
    return str(named[0]) if len(named) == len(units) == 1 else None


def issue_server(
    *, hosts: Sequence[str], organization: str, signer: Signer, start: datetime
) -> tuple[bytes, bytes]:
    """A server certificate for these names and addresses, and its new key: (DER, PKCS#8 DER)."""
    own = ec.generate_private_key(ec.SECP256R1())
    name = _name(organization, hosts[0])
    builder = _builder(name, signer.certificate.subject, own.public_key(), start, LIFE["server"])
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    builder = builder.add_extension(names, False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    certificate = _certified(builder, own.public_key(), signer.key)
    return _der(certificate), _private_der(own)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def make_crl(
    *,
    signer: Signer,
    number: int,
    at: datetime,
    entries: Sequence[tuple[int, datetime, x509.ReasonFlags]],
    life: timedelta,
) -> bytes:
    """A signed revocation list (DER): serial, time and reason of each certificate on it."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(signer.certificate.subject)
    builder = builder.last_update(at).next_update(at + life).add_extension(x509.CRLNumber(number), False)
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
    builder = builder.add_extension(issuer_id, False)
    for serial, moment, reason in entries:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment)
        builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(reason), False).build())
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
