"""Who sent a device message: the certificate behind Mdm-Signature, or the one a trusted proxy has checked.

A peer address is no trust. The proxy's header counts only with the secret of this installation, once, and
where the operator has said that a proxy stands in front of the device endpoints.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from pocketward.fleet.errors import FleetError
from pocketward.kernel.crypto import same
from pocketward.protocols.certificates import CertificateError, read_der, read_pem
from pocketward.protocols.cms import CmsError, DetachedVerifier

SIGNATURE_HEADER: Final = "mdm-signature"
PROXY_SECRET_HEADER: Final = "pocketward-proxy-secret"  # noqa: S105 - the name of a header
PROXY_CERTIFICATE_HEADER: Final = "pocketward-client-certificate"
LONGEST_CERTIFICATE: Final = 32_768

VERIFIER: Final = DetachedVerifier()

Headers = Sequence[tuple[bytes, bytes]]


class IdentityRefused(FleetError):
    """The message does not prove which device sent it; `reason` goes into the security event."""

    code = "fleet.identity_refused"
    sentence = "This message does not prove which device sent it."

    def __init__(self, reason: str, sentence: str | None = None) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True)
class Presented:
    """A certificate whose key signed the message, or which the proxy's TLS has seen; not judged yet."""

    der: bytes
    fingerprint: str


def header_map(headers: Headers) -> Mapping[str, str]:
    """Headers by lower-case name; our own ones given twice, or with an underscore twin, are a refusal."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        plain = name.replace("_", "-")
        if plain.startswith("pocketward-") or plain == SIGNATURE_HEADER:
            if plain in found or plain != name:
                raise IdentityRefused("doubled_header")
            found[plain] = raw_value.decode("latin-1")
        else:
            found.setdefault(name, raw_value.decode("latin-1"))
    return found


def presented_certificate(headers: Headers, body: bytes) -> Presented:
    """The certificate that a message comes with; IdentityRefused when there is none to rely on."""
    given = header_map(headers)
    if PROXY_CERTIFICATE_HEADER in given or PROXY_SECRET_HEADER in given:
        return _from_proxy(given)
    signature = given.get(SIGNATURE_HEADER)
    if not signature:
        raise IdentityRefused("unsigned")
    try:
        signer = VERIFIER.verify_header(body, signature)
    except CmsError as error:
        raise IdentityRefused("bad_signature", error.sentence) from error
    return Presented(signer.der, signer.fingerprint)


def _from_proxy(given: Mapping[str, str]) -> Presented:
    ours = settings.POCKETWARD
    secret = given.get(PROXY_SECRET_HEADER, "")
    if not ours.device_trusted_proxy or not ours.proxy_secret or not same(secret, ours.proxy_secret):
        raise IdentityRefused("spoofed_proxy_header")
    der = _certificate_der(given.get(PROXY_CERTIFICATE_HEADER, ""))
    return Presented(der, hashlib.sha256(der).hexdigest())


def _certificate_der(value: str) -> bytes:
    """Escaped PEM as nginx sends it, or base64 DER as Caddy does; a literal placeholder is a refusal."""
    if not value or len(value) > LONGEST_CERTIFICATE:
        raise IdentityRefused("no_client_certificate")
    try:
        if value.startswith("-----BEGIN"):
            return read_pem(unquote_to_bytes(value)).public_bytes(Encoding.DER)
        return read_der(base64.b64decode(value, validate=True)).public_bytes(Encoding.DER)
    except (CertificateError, ValueError) as error:
        raise IdentityRefused("malformed_client_certificate") from error


@dataclass(frozen=True)
class Sender:
    """A device identity that pki has judged: which enrollment it belongs to."""

    enrollment_id: UUID
    fingerprint: str
    der: bytes
