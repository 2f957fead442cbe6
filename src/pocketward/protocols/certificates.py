"""Reading one X.509 certificate that somebody else made: one error for every way in which it can be bad.

The library below raises errors of several unrelated families, some only when a part is looked at; whoever
looks at more than the bytes of a stranger's certificate catches `UNREADABLE`.
"""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from pocketward.kernel.errors import PocketwardError

BEGIN: Final = b"-----BEGIN CERTIFICATE-----"

UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class CertificateError(PocketwardError):
    """These bytes are not exactly one certificate that can be read."""

    code = "protocols.certificate"
    sentence = "This certificate cannot be read."
    advice = "Give one certificate, in PEM or DER form."


def read_der(data: bytes) -> x509.Certificate:
    """The certificate in these DER bytes; CertificateError. Its parts are not looked at yet."""
    try:
        return x509.load_der_x509_certificate(data)
    except UNREADABLE as error:
        raise CertificateError() from error


def read_pem(data: bytes) -> x509.Certificate:
    """The one certificate in this PEM text; CertificateError, also when there are several."""
    if data.count(BEGIN) != 1:
        raise CertificateError()
    try:
        return x509.load_pem_x509_certificate(data)
    except UNREADABLE as error:
        raise CertificateError() from error
