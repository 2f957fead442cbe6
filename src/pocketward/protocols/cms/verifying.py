"""Checks signed messages: detached ones from phones, attached ones around configuration profiles."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key

from pocketward.protocols.cms import ber
from pocketward.protocols.cms.errors import CmsError
from pocketward.protocols.cms.signed_data import SignedMessage, SignerInfo, parse_signed_data

MAX_SIGNATURE_BYTES: Final = 65_536
MAX_BODY_BYTES: Final = 5_000_000
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
SUBJECT_KEY_ID: Final = bytes.fromhex("551d0e")

_DIGESTS: Final[dict[bytes, str]] = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
    bytes.fromhex("2b0e03021a"): "sha1",
}
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha1": hashes.SHA1(),  # noqa: S303 - only behind a switch
}
# Signature algorithm -> (family, digest); None: the digest is the one named beside it.
_SIGNATURES: Final[dict[bytes, tuple[str, str | None]]] = {
    bytes.fromhex("2a864886f70d010101"): ("rsa", None),
    bytes.fromhex("2a864886f70d010105"): ("rsa", "sha1"),
    bytes.fromhex("2a864886f70d01010b"): ("rsa", "sha256"),
    bytes.fromhex("2a864886f70d01010c"): ("rsa", "sha384"),
    bytes.fromhex("2a864886f70d01010d"): ("rsa", "sha512"),
    bytes.fromhex("2a8648ce3d0201"): ("ec", None),
    bytes.fromhex("2a8648ce3d0401"): ("ec", "sha1"),
    bytes.fromhex("2a8648ce3d040302"): ("ec", "sha256"),
    bytes.fromhex("2a8648ce3d040303"): ("ec", "sha384"),
    bytes.fromhex("2a8648ce3d040304"): ("ec", "sha512"),
}

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, kw_only=True)
class SignerCertificate:
    """Whose key made the signature: the certificate as sent, and the other certificates sent with it.

    `signing_time` is the signer's own claim. Trust in the certificate is the caller's to judge.
    """

    der: bytes
    others: tuple[bytes, ...] = ()
    digest: str = "sha256"
    signing_time: datetime | None = None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hex."""
        return hashlib.sha256(self.der).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedContent:
    """What a signed file holds, and who signed it."""

    content: bytes
    signer: SignerCertificate


@dataclass(frozen=True, slots=True)
class _Certificate:
    issuer: bytes
    serial: bytes
    key_id: bytes | None
    key: PublicKey


def _read_certificate(der: bytes) -> _Certificate:
    """The three things a signer is found by and checked with (RFC 5280, section 4.1)."""
    tbs = ber.expect(ber.children(ber.read_whole(der, ber.SEQUENCE)), ber.SEQUENCE)
    parts = ber.children(tbs)
    first = next(parts, None)
    serial = ber.expect(parts, ber.INTEGER) if first is not None and first.tag == ber.CONTEXT_0 else first
    if serial is None or serial.tag != ber.INTEGER:
        raise CmsError("The signer's certificate has no serial number.")
    ber.expect(parts, ber.SEQUENCE)
    issuer = ber.expect(parts, ber.SEQUENCE)
    ber.expect(parts, ber.SEQUENCE)
    ber.expect(parts, ber.SEQUENCE)
    spki = ber.expect(parts, ber.SEQUENCE)
    key = _load_key(spki.whole)
    key_id = next((_key_id(node) for node in parts if node.tag == 0xA3), None)
    return _Certificate(issuer.whole, serial.content, key_id, key)


def _load_key(spki: bytes) -> PublicKey:
    try:
        key = load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CmsError("The signer's certificate holds a key we cannot read.") from error
    if isinstance(key, rsa.RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            raise CmsError("The signer's RSA key must have 2048 to 8192 bits.")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key
    raise CmsError("The signer's key is neither RSA nor ECDSA.")


def _key_id(extensions: ber.Node) -> bytes | None:
    for group in ber.children(extensions):
        for extension in ber.children(group):
            parts = list(ber.children(extension))
            if len(parts) >= 2 and parts[0].content == SUBJECT_KEY_ID:
                return ber.octets(ber.read_whole(ber.octets(parts[-1]), ber.OCTET_STRING))
    return None


class _CertificateCache:
    """The last certificates seen with a good signature, parsed; bounded, oldest out first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, _Certificate] = OrderedDict()

    def get(self, der: bytes) -> _Certificate:
        with self._lock:
            known = self._known.get(der)
            if known is not None:
                self._known.move_to_end(der)
        return known if known is not None else _read_certificate(der)

    def keep(self, der: bytes, certificate: _Certificate) -> None:
        if self._capacity <= 0:
            return
        with self._lock:
            self._known[der] = certificate
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)


def _find_signer(message: SignedMessage, cache: _CertificateCache) -> tuple[bytes, _Certificate]:
    signer = message.signer
    for der in message.certificates:
        certificate = cache.get(der)
        if signer.key_id is not None:
            matches = certificate.key_id == signer.key_id
        else:
            matches = certificate.issuer == signer.issuer and certificate.serial == signer.serial
        if matches:
            return der, certificate
    raise CmsError("The signed message does not carry the certificate of its signer.")


def _algorithms(signer: SignerInfo, allow_sha1: bool) -> tuple[str, str, str]:
    """Key family, digest of the content, digest of the signature."""
    digest = _DIGESTS.get(signer.digest_oid)
    family, own_digest = _SIGNATURES.get(signer.signature_oid, (None, None))
    if digest is None or family is None:
        raise CmsError("The signed message uses an algorithm we do not accept.")
    signature_digest = own_digest or digest
    if not allow_sha1 and "sha1" in (digest, signature_digest):
        raise CmsError("The signed message uses SHA-1, which is switched off.")
    return family, digest, signature_digest


def _check_signature(key: PublicKey, family: str, digest: str, signer: SignerInfo) -> None:
    algorithm = _HASHES[digest]
    try:
        if isinstance(key, rsa.RSAPublicKey) and family == "rsa":
            key.verify(signer.signature, signer.attributes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and family == "ec":
            hashed = hashlib.new(digest, signer.attributes).digest()
            key.verify(signer.signature, hashed, ec.ECDSA(Prehashed(algorithm)))
        else:
            raise CmsError("The signature's algorithm does not fit the signer's key.")
    except InvalidSignature as error:
        raise CmsError("The signature does not fit the signer's key.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CmsError("The signature cannot be checked.") from error


def _verify(
    message: SignedMessage, content: bytes, cache: _CertificateCache, allow_sha1: bool
) -> SignerCertificate:
    signer = message.signer
    family, digest, signature_digest = _algorithms(signer, allow_sha1)
    if not hmac.compare_digest(hashlib.new(digest, content).digest(), signer.message_digest):
        raise CmsError("The signature was made over other content.")
    der, certificate = _find_signer(message, cache)
    _check_signature(certificate.key, family, signature_digest, signer)
    cache.keep(der, certificate)
    others = tuple(item for item in message.certificates if item is not der)
    return SignerCertificate(der=der, others=others, digest=digest, signing_time=signer.signing_time)


class DetachedVerifier:
    """Checks detached signatures, remembering parsed certificates; one per process, safe between threads.

    A certificate enters the memory only with a good signature, so that strangers cannot fill it for nothing.
    """

    def __init__(
        self,
        *,
        capacity: int = 2048,
        allow_sha1: bool = False,
        max_signature_bytes: int = MAX_SIGNATURE_BYTES,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._cache = _CertificateCache(capacity)
        self._allow_sha1 = allow_sha1
        self._max_signature = max_signature_bytes
        self._max_body = max_body_bytes

    def verify(self, body: bytes, signature: bytes) -> SignerCertificate:
        """The signer of these exact bytes; `signature` is the DER or BER of a detached SignedData."""
        if len(signature) > self._max_signature or len(body) > self._max_body:
            raise CmsError("The signed message is too large.")
        message = parse_signed_data(signature)
        if message.content:
            raise CmsError("The signature carries content of its own; it must be detached.")
        return _verify(message, body, self._cache, self._allow_sha1)

    def verify_header(self, body: bytes, header: str | bytes) -> SignerCertificate:
        """As `verify`, for the value of the header Mdm-Signature."""
        return self.verify(body, decode_mdm_signature(header, max_bytes=self._max_signature))


def decode_mdm_signature(header: str | bytes, *, max_bytes: int = MAX_SIGNATURE_BYTES) -> bytes:
    """The bytes of the SignedData in a header value (base64, padding required, no line breaks)."""
    if not header or len(header) > max_bytes * 4 // 3 + 4:
        raise CmsError("The header Mdm-Signature is empty or too long.")
    try:
        return base64.b64decode(header, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CmsError("The header Mdm-Signature is not base64.") from error


def verify_detached(body: bytes, signature: bytes, *, allow_sha1: bool = False) -> SignerCertificate:
    """Checks one detached signature without remembering anything."""
    return DetachedVerifier(capacity=0, allow_sha1=allow_sha1).verify(body, signature)


def read_attached(
    data: bytes, *, allow_sha1: bool = False, max_bytes: int = MAX_BODY_BYTES
) -> AttachedContent:
    """The content of a signed file and its signer; CmsError when it is unsigned, too large or altered."""
    if len(data) > max_bytes:
        raise CmsError("The signed file is too large.")
    message = parse_signed_data(data)
    if message.content is None:
        raise CmsError("The signed file carries no content.")
    signer = _verify(message, message.content, _CertificateCache(0), allow_sha1)
    return AttachedContent(content=message.content, signer=signer)
