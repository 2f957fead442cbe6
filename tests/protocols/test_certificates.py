"""A stranger's certificate is read, or refused with one kind of error, wherever we look at one."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from pocketward.fleet.apple.identity import IdentityRefused, _certificate_der
from pocketward.fleet.errors import PushCertificateRefused
from pocketward.fleet.push_certificates import _read, _topic
from pocketward.gate.identity import CertificateReader, judge
from pocketward.protocols.apns import PushError, topic_of_certificate
from pocketward.protocols.certificates import CertificateError, read_der, read_pem
from tests.factories.hostile import EDITS, FEW, mutated
from tests.gate.certificates import authority, phone

# What the library has to say about odd certificates is said on standard error, and changes nothing.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

AUTHORITIES = (authority()[0].pem, authority()[1].pem)
GOOD = phone().der
AT = int(datetime(2026, 11, 27, tzinfo=UTC).timestamp())
# Version 8; an unknown signature algorithm; an unknown kind of key: each another error of the library's.
ODD = (
    GOOD.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020107"), 1),
    GOOD.replace(bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040342")),
    GOOD.replace(bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d0242"), 1),
)


def everyone_reads(der: bytes) -> None:
    """Every place that is handed a certificate by a stranger answers for itself."""
    header = base64.b64encode(der)
    shown = judge(header, AUTHORITIES)
    assert shown.code or shown.fingerprint == hashlib.sha256(der).hexdigest()
    CertificateReader().read(header, trust="t", authorities=AUTHORITIES, at=AT)
    pem = f"-----BEGIN CERTIFICATE-----\n{header.decode()}\n-----END CERTIFICATE-----\n"
    for read, error in (
        (lambda: read_der(der), CertificateError),
        (lambda: read_pem(pem.encode()), CertificateError),
        (lambda: _certificate_der(header.decode()), IdentityRefused),
        (lambda: topic_of_certificate(der), PushError),
        (lambda: _topic(_read(pem)[0]), PushCertificateRefused),
    ):
        with contextlib.suppress(error):
            read()


@pytest.mark.parametrize("der", ODD, ids=["version", "signature", "key"])
def test_a_certificate_of_an_unknown_kind_is_refused_and_breaks_nothing(der: bytes) -> None:
    assert der != GOOD
    assert judge(base64.b64encode(der), AUTHORITIES).code
    everyone_reads(der)


@FEW
@given(EDITS)
def test_a_mutated_certificate_is_read_or_refused_everywhere(edits: list[tuple[int, int, int]]) -> None:
    everyone_reads(mutated(GOOD, edits))


@FEW
@given(st.binary(max_size=300))
def test_random_bytes_are_refused_everywhere(data: bytes) -> None:
    assert judge(base64.b64encode(data), AUTHORITIES).code
    everyone_reads(data)


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
