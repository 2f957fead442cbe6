"""The private key of a push certificate, as somebody uploads it: read and fitting, or refused."""

from __future__ import annotations

import base64
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from pocketward.fleet.errors import PushCertificateRefused
from pocketward.fleet.push_certificates import _key_for
from pocketward.fleet.push_requests import digest_of_key
from tests.factories.hostile import EDITS, FEW, mutated

KEYS = (
    rsa.generate_private_key(65537, 2048),
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
)
SHAPES = [
    (key, form)
    for key in KEYS
    for form in (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL)
    if not (
        isinstance(key, ed25519.Ed25519PrivateKey) and form is serialization.PrivateFormat.TraditionalOpenSSL
    )
]
LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY")


def as_pem(der: bytes, label: str) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n"


def taken_or_refused(pem: str, digest: str) -> bool:
    """Whether it was taken; then it is the key that was asked for, and nothing but a refusal otherwise."""
    try:
        kept = _key_for(uuid4(), digest, pem)
    except PushCertificateRefused:
        return False
    key = serialization.load_pem_private_key(kept.encode(), password=None)
    assert digest_of_key(key.public_key()) == digest
    return True


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_every_usual_form_of_a_key_is_read_and_only_for_its_own_certificate(shape: int) -> None:
    key, form = SHAPES[shape]
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    assert taken_or_refused(pem, digest_of_key(key.public_key()))
    other = next(one for one in KEYS if one is not key)
    assert not taken_or_refused(pem, digest_of_key(other.public_key()))


@FEW
@given(EDITS, st.sampled_from(SHAPES), st.sampled_from(LABELS))
def test_a_mutated_key_is_the_same_one_or_refused(
    edits: list[tuple[int, int, int]],
    shape: tuple[rsa.RSAPrivateKey, serialization.PrivateFormat],
    label: str,
) -> None:
    key, form = shape
    der = key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    taken_or_refused(as_pem(mutated(der, edits), label), digest_of_key(key.public_key()))


@FEW
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: as_pem(data, "PRIVATE KEY")))
def test_what_is_no_key_is_refused(text: str) -> None:
    digest = digest_of_key(KEYS[0].public_key())
    if text:
        assert not taken_or_refused(text, digest)


def test_a_key_behind_a_password_is_refused() -> None:
    locked = KEYS[0].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )  # fmt: skip
    assert not taken_or_refused(locked.decode(), digest_of_key(KEYS[0].public_key()))


def test_a_key_too_large_to_be_checked_in_time_is_refused_in_words() -> None:
    p, q, e = 2**4423 - 1, 2**2203 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(e, p * q),
    )  # fmt: skip
    large = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    pem = large.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(PushCertificateRefused, match="at most 4,096 bits"):
        _key_for(uuid4(), digest_of_key(large.public_key()), pem.decode())
