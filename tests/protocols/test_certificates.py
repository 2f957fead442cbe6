"""A stranger's certificate is read, or refused with one kind of error, wherever we look at one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from pocketward.fleet.apple.identity import IdentityRefused, _certificate_der
from pocketward.fleet.errors import PushCertificateRefused
from pocketward.fleet.push_certificates import _read, _topic
from pocketward.gate.identity import CertificateReader, judge
from pocketward.protocols.apns import PushError, topic_of_certificate
from pocketward.protocols.certificates import CertificateError, read_der, read_pem
from tests.factories.hostile import EDITS, FEW, FEWER, mutated
from tests.gate.certificates import authority, phone

# What the library has to say about odd certificates is said on standard error, and changes nothing.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

Edits = list[tuple[int, int, int]]
AUTHORITIES = (authority()[0].pem, authority()[1].pem)
GOOD = phone().der
AT = int(datetime(2026, 11, 27, tzinfo=UTC).timestamp())
# Version 8; an unknown signature algorithm; an unknown kind of key: each another error of the library's.
ODD = (
    GOOD.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020107"), 1),
    GOOD.replace(bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040342")),
    GOOD.replace(bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d0242"), 1),
)


TOPICS = st.text("aZ09-.ñ", max_size=30).map(lambda tail: f"com.apple.mgmt.External.{tail}")


@cache
def own_key() -> ec.EllipticCurvePrivateKey:
    """The key of every push certificate here."""
    return ec.generate_private_key(ec.SECP256R1())


def push_certificate(topic: str) -> bytes:
    """DER of a certificate for this topic, as Apple issues them."""
    name = x509.Name([x509.NameAttribute(NameOID.USER_ID, topic)])
    key = own_key()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + timedelta(days=365))
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


GOOD_PUSH = push_certificate("com.apple.mgmt.External.1")


def pem_of(der: bytes) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE-----\n"


def taken(error: type[Exception], read: Callable[[], Any]) -> Any:
    """What is read; None when it is refused with this reader's own error."""
    try:
        return read()
    except error:
        return None


def topics_there(der: bytes) -> set[str] | None:
    """The topics that a general library reads in the subject; None when it cannot."""
    try:
        subject = asn1_x509.Certificate.load(der)["tbs_certificate"]["subject"].chosen
        names = [
            part["value"].native for group in subject for part in group if part["type"].native == "user_id"
        ]
    except (ValueError, TypeError):
        return None
    return {name for name in names if name.startswith("com.apple.mgmt.")}


def everyone_reads(der: bytes, *, counts: bool = False, is_good: bool = False) -> None:
    """Every place that is handed a certificate by a stranger refuses it, or reads just these bytes.

    `counts`: it must be one of ours to the gate, and is none otherwise; `is_good`: nobody may refuse it.
    """
    header = base64.b64encode(der)
    for shown in (
        judge(header, AUTHORITIES),
        CertificateReader().read(header, trust="t", authorities=AUTHORITIES, at=AT),
    ):
        assert (shown.code == "") == counts
        assert shown.fingerprint in ("", hashlib.sha256(der).hexdigest())
        assert shown.fingerprint or not is_good
    pem = pem_of(der)
    found = (
        taken(CertificateError, lambda: read_der(der).public_bytes(Encoding.DER)),
        taken(CertificateError, lambda: read_pem(pem.encode()).public_bytes(Encoding.DER)),
        taken(IdentityRefused, lambda: _certificate_der(header.decode())),
        taken(IdentityRefused, lambda: _certificate_der(quote(pem, safe="-"))),
        taken(PushCertificateRefused, lambda: _read(pem)[0].public_bytes(Encoding.DER)),
    )
    assert set(found) <= ({der} if is_good else {der, None})


def topic_is_read(der: bytes, *, is_good: bool = False) -> None:
    """Both readers of a push certificate refuse it, or find the topic that stands in it."""
    found = {
        taken(PushError, lambda: topic_of_certificate(der)),
        taken(PushCertificateRefused, lambda: _topic(_read(pem_of(der))[0])),
    } - {None}
    assert not found or found == (topics_there(der) or found)
    assert found or not is_good


@pytest.mark.parametrize("der", ODD, ids=["version", "signature", "key"])
def test_a_certificate_of_an_unknown_kind_is_refused_and_breaks_nothing(der: bytes) -> None:
    assert der != GOOD
    everyone_reads(der)
    topic_is_read(der)


@FEWER
@given(EDITS)
def test_a_mutated_certificate_is_read_as_its_bytes_are_or_refused_everywhere(edits: Edits) -> None:
    everyone_reads(GOOD, counts=True, is_good=True)
    data = mutated(GOOD, edits)
    if data != GOOD:
        everyone_reads(data)


@FEWER
@given(TOPICS, EDITS)
def test_a_push_certificates_topic_is_the_one_that_stands_in_it(topic: str, edits: Edits) -> None:
    der = push_certificate(topic)
    assert topics_there(der) == {topic}
    topic_is_read(der, is_good=True)
    topic_is_read(mutated(GOOD_PUSH, edits))


@FEW
@given(st.binary(max_size=300))
def test_random_bytes_are_refused_everywhere(data: bytes) -> None:
    everyone_reads(data)
    topic_is_read(data)


@FEW
@given(st.text(max_size=200))
def test_any_text_of_a_header_is_refused(text: str) -> None:
    with pytest.raises(IdentityRefused):
        _certificate_der(text)


def test_a_changed_certificate_never_counts() -> None:
    for at in range(0, len(GOOD), 3):
        changed = bytearray(GOOD)
        changed[at] ^= 1
        assert judge(base64.b64encode(bytes(changed)), AUTHORITIES).code


def test_two_certificates_where_one_is_asked_are_refused() -> None:
    pem = x509.load_der_x509_certificate(GOOD).public_bytes(Encoding.PEM)
    with pytest.raises(CertificateError):
        read_pem(pem + pem)
    with pytest.raises(IdentityRefused):
        _certificate_der((pem + pem).decode())
