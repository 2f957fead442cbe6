"""An authority and a phone for the tests, each with keys made once a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from pocketward.protocols.scep import CaCertificates, RegistrationAuthority, parse_ca_certificates
from pocketward.protocols.scep.server import ca_certificates

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """One RSA key for each number a run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    """One P-256 key for each number a run."""
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: str, issuer: str, *, authority: bool) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )


@cache
def root() -> bytes:
    """The elliptic authority above all."""
    built = _builder("root", "root", authority=True).public_key(ec_key(0).public_key())
    return built.sign(ec_key(0), hashes.SHA256()).public_bytes(Encoding.DER)


@cache
def issuing() -> bytes:
    """The elliptic authority that issues."""
    built = _builder("issuing", "root", authority=True).public_key(ec_key(1).public_key())
    return built.sign(ec_key(0), hashes.SHA256()).public_bytes(Encoding.DER)


@cache
def registration() -> RegistrationAuthority:
    """The RSA registration authority under the issuing one."""
    built = _builder("registration", "issuing", authority=False).public_key(rsa_key(0).public_key())
    der = built.sign(ec_key(1), hashes.SHA256()).public_bytes(Encoding.DER)
    return RegistrationAuthority(certificate=der, key=rsa_key(0))


@cache
def known() -> CaCertificates:
    """What a phone has read from GetCACert."""
    return parse_ca_certificates(*ca_certificates((registration().certificate, issuing(), root())))


def issue(spki_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    """A certificate of the issuing authority for this key."""
    built = _builder("enr_1", "issuing", authority=False).public_key(spki_key)
    return built.sign(ec_key(1), hashes.SHA256()).public_bytes(Encoding.DER)
