"""Signed messages: what we sign we accept, what others sign we accept, anything altered we refuse."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.cms import (
    CmsError,
    DetachedVerifier,
    PrivateKey,
    decode_mdm_signature,
    mdm_signature,
    read_attached,
    sign_attached,
    sign_detached,
    verify_detached,
)
from pocketward.protocols.cms.signed_data import parse_signed_data
from pocketward.protocols.cms.verifying import _read_certificate

BODY = b"<plist><dict><key>Status</key><string>Idle</string></dict></plist>"
Kind = Literal["rsa", "p256", "p384", "p521"]
_CURVES: dict[str, ec.EllipticCurve] = {
    "p256": ec.SECP256R1(),
    "p384": ec.SECP384R1(),
    "p521": ec.SECP521R1(),
}


def make_key(kind: str, number: int = 0) -> PrivateKey:
    """One key of each kind and number a run: RSA keys are slow to make."""
    return _make_key(kind, number)


@cache
def _make_key(kind: str, number: int) -> PrivateKey:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(_CURVES[kind])


@cache
def make_certificate(kind: str, number: int = 0, key_id: bool = False) -> x509.Certificate:
    """A certificate signed by its own key."""
    key = make_key(kind, number)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"phone {kind} {number}")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1000 + number)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365))
    )
    if key_id:
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
    return builder.sign(key, hashes.SHA256())


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_a_detached_signature_names_its_signer(
    kind: Kind, digest: Literal["sha256", "sha384", "sha512"]
) -> None:
    certificate = make_certificate(kind)
    signature = sign_detached(BODY, certificate, make_key(kind), digest=digest)
    signer = verify_detached(BODY, signature)
    assert signer.der == der(certificate)
    assert signer.digest == digest
    assert signer.fingerprint == certificate.fingerprint(hashes.SHA256()).hex()


def test_the_chain_travels_along_and_the_signing_time_is_read() -> None:
    when = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    other = make_certificate("p256", 1)
    signature = sign_detached(BODY, make_certificate("p256"), make_key("p256"), [other], signing_time=when)
    signer = verify_detached(BODY, signature)
    assert signer.others == (der(other),)
    assert signer.signing_time == when


def test_one_changed_byte_of_the_body_is_refused() -> None:
    signature = sign_detached(BODY, make_certificate("p256"), make_key("p256"))
    with pytest.raises(CmsError, match="other content"):
        verify_detached(BODY + b"\n", signature)


def test_a_signature_by_another_key_is_refused() -> None:
    signature = sign_detached(BODY, make_certificate("p256"), make_key("p256", 1))
    with pytest.raises(CmsError, match="does not fit"):
        verify_detached(BODY, signature)


def test_a_key_of_the_wrong_family_is_refused() -> None:
    signature = sign_detached(BODY, make_certificate("rsa"), make_key("p256"))
    with pytest.raises(CmsError, match="does not fit"):
        verify_detached(BODY, signature)


def test_sha1_needs_the_switch() -> None:
    signature = sign_detached(BODY, make_certificate("rsa"), make_key("rsa"), digest="sha1")
    with pytest.raises(CmsError, match="SHA-1"):
        verify_detached(BODY, signature)
    assert verify_detached(BODY, signature, allow_sha1=True).digest == "sha1"


def test_a_signer_named_by_key_identifier_is_found() -> None:
    certificate = make_certificate("p256", 2, key_id=True)
    info = asn1_cms.ContentInfo.load(sign_detached(BODY, certificate, make_key("p256", 2)))
    signer = info["content"]["signer_infos"][0]
    key_id = x509.SubjectKeyIdentifier.from_public_key(make_key("p256", 2).public_key()).digest
    signer["version"] = "v3"
    signer["sid"] = asn1_cms.SignerIdentifier({"subject_key_identifier": key_id})
    assert verify_detached(BODY, info.dump(force=True)).der == der(certificate)


def test_a_message_without_its_signers_certificate_is_refused() -> None:
    info = asn1_cms.ContentInfo.load(sign_detached(BODY, make_certificate("p256"), make_key("p256")))
    info["content"]["certificates"] = asn1_cms.CertificateSet([])
    with pytest.raises(CmsError, match="does not carry"):
        verify_detached(BODY, info.dump(force=True))


def test_a_message_without_signed_attributes_is_refused() -> None:
    info = asn1_cms.ContentInfo.load(sign_detached(BODY, make_certificate("p256"), make_key("p256")))
    del info["content"]["signer_infos"][0]["signed_attrs"]
    with pytest.raises(CmsError):
        verify_detached(BODY, info.dump(force=True))


def test_two_signers_are_refused() -> None:
    info = asn1_cms.ContentInfo.load(sign_detached(BODY, make_certificate("p256"), make_key("p256")))
    infos = info["content"]["signer_infos"]
    info["content"]["signer_infos"] = asn1_cms.SignerInfos([infos[0], infos[0].copy()])
    with pytest.raises(CmsError, match="one signer"):
        verify_detached(BODY, info.dump(force=True))


def test_an_attached_message_is_not_taken_for_a_detached_one() -> None:
    with pytest.raises(CmsError, match="must be detached"):
        verify_detached(BODY, sign_attached(BODY, make_certificate("p256"), make_key("p256")))


def test_a_detached_message_is_not_taken_for_an_attached_one() -> None:
    with pytest.raises(CmsError, match="no content"):
        read_attached(sign_detached(BODY, make_certificate("p256"), make_key("p256")))


def test_an_attached_message_gives_back_its_content() -> None:
    content = b"profile" * 1000
    read = read_attached(sign_attached(content, make_certificate("rsa"), make_key("rsa")))
    assert read.content == content
    assert read.signer.der == der(make_certificate("rsa"))


def test_a_small_rsa_key_is_refused() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "weak")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), 7, start, start + timedelta(days=1)
    ).sign(key, hashes.SHA256())
    with pytest.raises(CmsError, match="2048"):
        verify_detached(BODY, sign_detached(BODY, certificate, key))


def test_the_header_is_base64_of_the_signature() -> None:
    header = mdm_signature(BODY, make_certificate("p256"), make_key("p256"))
    verifier = DetachedVerifier()
    assert verifier.verify_header(BODY, header).der == der(make_certificate("p256"))
    assert verifier.verify_header(BODY, header.encode()).der == der(make_certificate("p256"))


@pytest.mark.parametrize("header", ["", "%%%", "AAA", "A" * 100_000, "é", b"\xff\xfe", "AA AA"])
def test_a_header_that_is_no_base64_or_too_long_is_refused(header: str | bytes) -> None:
    with pytest.raises(CmsError):
        decode_mdm_signature(header)


def test_size_limits_hold_before_anything_is_read() -> None:
    with pytest.raises(CmsError, match="too large"):
        DetachedVerifier().verify(BODY, b"\x30" * 65_537)
    with pytest.raises(CmsError, match="too large"):
        DetachedVerifier(max_body_bytes=10).verify(BODY, b"")
    with pytest.raises(CmsError, match="too large"):
        read_attached(b"\x30" * 101, max_bytes=100)


def test_the_memory_of_certificates_is_bounded_and_holds_only_good_signers() -> None:
    verifier = DetachedVerifier(capacity=2)
    for number in range(4):
        signature = sign_detached(BODY, make_certificate("p256", number), make_key("p256", number))
        verifier.verify(BODY, signature)
    assert len(verifier._cache._known) == 2
    forged = sign_detached(BODY, make_certificate("p256", 9), make_key("p256", 0))
    with pytest.raises(CmsError):
        verifier.verify(BODY, forged)
    assert der(make_certificate("p256", 9)) not in verifier._cache._known


def _openssl(tmp_path: Path, *extra: str, kind: str = "rsa") -> bytes:
    (tmp_path / "body").write_bytes(BODY)
    (tmp_path / "cert.pem").write_bytes(make_certificate(kind).public_bytes(Encoding.PEM))
    key = make_key(kind)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    command = [
        "openssl",
        "cms",
        "-sign",
        "-binary",
        "-in",
        "body",
        "-signer",
        "cert.pem",
        "-inkey",
        "key.pem",
    ]
    subprocess.run([*command, "-outform", "DER", "-out", "out", *extra], cwd=tmp_path, check=True, timeout=20)
    return (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_detached_signature_made_by_openssl_is_accepted(tmp_path: Path, kind: str) -> None:
    signer = verify_detached(BODY, _openssl(tmp_path, kind=kind))
    assert signer.der == der(make_certificate(kind))
    assert signer.signing_time is not None


def test_a_streamed_file_signed_by_openssl_with_indefinite_lengths_is_accepted(tmp_path: Path) -> None:
    data = _openssl(tmp_path, "-nodetach", "-stream")
    assert data[1] == 0x80
    assert read_attached(data).content == BODY


def test_openssl_accepts_what_we_sign(tmp_path: Path) -> None:
    certificate = make_certificate("rsa")
    (tmp_path / "body").write_bytes(BODY)
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "sig").write_bytes(sign_detached(BODY, certificate, make_key("rsa")))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "sig", "-content", "body"]
    command += ["-CAfile", "cert.pem", "-purpose", "any", "-out", "out", "-no_check_time"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=20)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").read_bytes() == BODY


@cache
def sample_signature(kind: str) -> bytes:
    """The same bytes each time, so that a failing mutation can be found again."""
    return sign_detached(BODY, make_certificate(kind), make_key(kind))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused_with_one_kind_of_error(data: bytes) -> None:
    for read in (lambda: verify_detached(BODY, data), lambda: read_attached(data)):
        with pytest.raises(CmsError):
            read()


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(["rsa", "p256"]))
def test_a_mutated_signature_is_refused_or_still_made_with_the_true_key(
    data: st.DataObject, kind: str
) -> None:
    signature = bytearray(sample_signature(kind))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(signature) - 1))
        signature[position] = data.draw(st.integers(0, 255))
    mutated = bytes(signature[: len(signature) - data.draw(st.integers(0, 3))])
    try:
        signer = verify_detached(BODY, mutated, allow_sha1=True)
    except CmsError:
        return
    # The certificate's own signature, and parts that say nothing of the key, are the caller's to judge; the
    # key that was used must be the true one.
    used = _read_certificate(signer.der).key
    assert used.public_numbers() == make_key(kind).public_key().public_numbers()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000), st.sampled_from(["rsa", "p256", "p384"]))
def test_whatever_is_signed_is_verified_and_read_as_a_general_library_reads_it(
    body: bytes, kind: str
) -> None:
    signature = sign_detached(body, make_certificate(kind), make_key(kind))
    assert verify_detached(body, signature).der == der(make_certificate(kind))
    info = asn1_cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    ours = parse_signed_data(signature).signer
    assert ours.attributes == info["signed_attrs"].untag().dump()
    assert ours.signature == info["signature"].native
    assert ours.issuer == info["sid"].chosen["issuer"].dump()


def test_deep_nesting_and_lying_lengths_end_quickly() -> None:
    for data in (
        b"\x30\x80" * 5000,
        b"\x30\x80" * 5 + b"\x02\x00" * 30_000,
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x88" + b"\xff" * 8,
        b"\x3f\x81\x01\x00",
    ):
        with pytest.raises(CmsError):
            verify_detached(BODY, data)


def test_the_header_of_a_real_signature_survives_text_handling() -> None:
    header = mdm_signature(BODY, make_certificate("rsa"), make_key("rsa"))
    assert base64.b64decode(header) == decode_mdm_signature(header)
    assert "\n" not in header
