"""Which device called: the whole access certificate, verified by us, then looked up by its fingerprint.

The proxy has proven that the client holds the key. We check again what the proxy may have been told wrongly:
the chain, the purpose, the dates. Holds and lost marks are the snapshot's to say.
"""

from __future__ import annotations

import base64
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from pocketward.protocols.certificates import UNREADABLE, CertificateError, read_der, read_pem

LARGEST = 16 * 1024
SLACK = 120
FOREVER = 1 << 40
# Caddy passes the placeholder's own name when there is no certificate; others pass a dash or a variable.
_PLACEHOLDERS = (b"{", b"$", b"-----BEGIN{")


@dataclass(frozen=True)
class Shown:
    """A judged certificate: `code` says why it is refused ("" = it counts); dates are seconds."""

    code: str
    fingerprint: str = ""
    not_before: int = 0
    not_after: int = 0


class CertificateReader:
    """Reads and verifies what the proxy passes on; verified ones are remembered, at most `limit` of them."""

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._known: OrderedDict[tuple[bytes, str], Shown] = OrderedDict()

    def read(self, header: bytes, *, trust: str, authorities: tuple[str, ...], at: int) -> Shown:
        """Judge a certificate header against the practice's authorities.

        `trust` names this set of authorities: another set judges anew. `at` is on the product's clock, by
        which device identities are issued; the proxy has judged the dates by its own.
        """
        place = (header, trust)
        shown = self._known.get(place)
        if shown is None:
            shown = judge(header, authorities)
            self._known[place] = shown
            if len(self._known) > self._limit:
                self._known.popitem(last=False)
        if not shown.code and not shown.not_before - SLACK <= at <= shown.not_after:
            return Shown("certificate_expired", shown.fingerprint)
        return shown

    def valid_until(self, header: bytes, trust: str) -> int:
        """The last second of a remembered certificate; without a certificate, the end of time."""
        if not header:
            return FOREVER
        shown = self._known.get((header, trust))
        return shown.not_after if shown is not None and not shown.code else 0


def judge(header: bytes, authorities: tuple[str, ...]) -> Shown:
    """Everything about a certificate header that does not depend on the time."""
    if header.startswith(_PLACEHOLDERS) or header in (b"-", b"(null)"):
        return Shown("header_placeholder")
    certificate = read_certificate(header)
    if certificate is None:
        return Shown("certificate_unreadable")
    fingerprint = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    try:
        chain = _chain(certificate, authorities)
        if not chain:
            return Shown("certificate_invalid", fingerprint)
        if not _is_for_clients(certificate):
            return Shown("certificate_wrong_purpose", fingerprint)
    except UNREADABLE:
        return Shown("certificate_unreadable", fingerprint)
    not_before = max(int(one.not_valid_before_utc.timestamp()) for one in chain)
    not_after = min(int(one.not_valid_after_utc.timestamp()) for one in chain)
    return Shown("", fingerprint, not_before, not_after)


def read_certificate(header: bytes) -> x509.Certificate | None:
    """One certificate: URL-escaped or plain PEM (nginx), base64 of its DER (Caddy); None for others."""
    if not header or len(header) > LARGEST:
        return None
    try:
        if header.lstrip().startswith(b"-----BEGIN") or b"%20CERTIFICATE" in header[:40]:
            return read_pem(unquote_to_bytes(header))
        return read_der(base64.b64decode(header, validate=True))
    except (CertificateError, ValueError):
        return None


@lru_cache(maxsize=256)
def _load(authorities: tuple[str, ...]) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificate(pem.encode()) for pem in authorities)


def _chain(certificate: x509.Certificate, authorities: tuple[str, ...]) -> tuple[x509.Certificate, ...]:
    """The certificate, the practice's authority that issued it, and that one's root; or nothing."""
    issuers = [one for one in _load(authorities) if _is_authority(one)]
    for issuer in issuers:
        if _issued(certificate, issuer):
            for root in issuers:
                if _issued(root, root) and _issued(issuer, root):
                    return certificate, issuer, root
    return ()


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (*UNREADABLE, InvalidSignature):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    found = _extension(certificate.extensions, x509.BasicConstraints)
    return isinstance(found, x509.BasicConstraints) and found.ca


def _is_for_clients(certificate: x509.Certificate) -> bool:
    if _is_authority(certificate):
        return False
    usage = _extension(certificate.extensions, x509.KeyUsage)
    if isinstance(usage, x509.KeyUsage) and not usage.digital_signature:
        return False
    purposes = _extension(certificate.extensions, x509.ExtendedKeyUsage)
    return isinstance(purposes, x509.ExtendedKeyUsage) and ExtendedKeyUsageOID.CLIENT_AUTH in list(purposes)


def _extension(extensions: x509.Extensions, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
