"""pkiMessage: a SignedData whose signed attributes say what the message is (RFC 8894, section 3.2)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, TypeVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from pocketward.protocols.cms import SignerCertificate, ber, read_attached, verify_detached
from pocketward.protocols.cms.signed_data import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SignedMessage,
    parse_signed_data,
)
from pocketward.protocols.scep import der
from pocketward.protocols.scep.certificates import issuer_and_serial
from pocketward.protocols.scep.errors import MessageHeader, ScepError, refusing
from pocketward.protocols.scep.vocabulary import (
    MAX_MESSAGE_BYTES,
    Digest,
    FailInfo,
    MessageType,
    Oid,
    PkiStatus,
)

MAX_TRANSACTION_ID, MAX_NONCE = 255, 64
MAX_FAIL_TEXT: Final = 400
DIGESTS: Final[dict[Digest, tuple[bytes, hashes.HashAlgorithm]]] = {
    "sha256": (bytes.fromhex("608648016503040201"), hashes.SHA256()),
    "sha384": (bytes.fromhex("608648016503040202"), hashes.SHA384()),
    "sha512": (bytes.fromhex("608648016503040203"), hashes.SHA512()),
    "sha1": (bytes.fromhex("2b0e03021a"), hashes.SHA1()),  # noqa: S303 - only behind a switch
}
_SHA1_SIGNATURES: Final = frozenset(
    (bytes.fromhex("2a864886f70d010105"), bytes.fromhex("2a8648ce3d0401"), DIGESTS["sha1"][0])
)
_Known = TypeVar("_Known", MessageType, PkiStatus, FailInfo)


@dataclass(frozen=True, slots=True, kw_only=True)
class PkiMessage:
    """A message whose signature fits the certificate it carries; `content` is the enveloped part.

    `recipient_nonce`, `status`, `fail_info` and `fail_text` are set in answers only.
    """

    header: MessageHeader
    signer: SignerCertificate
    content: bytes
    recipient_nonce: bytes = b""
    status: PkiStatus | None = None
    fail_info: FailInfo | None = None
    fail_text: str = ""


def read_message(data: bytes, *, allow_sha1: bool = False) -> PkiMessage:
    """Reads a message and checks its signature; who the signer is, the caller judges.

    Raises ScepError; with a header as soon as the attributes are readable, so that it can be answered.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise ScepError("The message is too large.", fail_info=FailInfo.BAD_REQUEST)
    with refusing("The message is not a signed enrollment message."):
        parsed = parse_signed_data(data)
        values = _attributes(parsed.signer.attributes)
        header = _header(values)
    try:
        signer = _verify(data, parsed, allow_sha1)
        with refusing("The message's attributes cannot be read."):
            return _message(header, signer, parsed.content or b"", values)
    except ScepError as error:
        raise error.about(header) from error


def _verify(data: bytes, parsed: SignedMessage, allow_sha1: bool) -> SignerCertificate:
    used = {parsed.signer.digest_oid, parsed.signer.signature_oid}
    if not allow_sha1 and used & _SHA1_SIGNATURES:
        raise ScepError("The message uses SHA-1, which is switched off.", fail_info=FailInfo.BAD_ALG)
    with refusing("The message's signature does not fit."):
        if parsed.content is None:
            # An answer that grants nothing may leave the content out (section 3.3.2): signed over nothing.
            return verify_detached(b"", data, allow_sha1=allow_sha1)
        return read_attached(data, allow_sha1=allow_sha1).signer


def _attributes(signed: bytes) -> dict[bytes, ber.Node]:
    values: dict[bytes, ber.Node] = {}
    for node in ber.children(ber.read_whole(signed, ber.SET)):
        parts = ber.children(node)
        kind = ber.expect(parts, ber.OID).content
        value = next(ber.children(ber.expect(parts, ber.SET)), None)
        if value is not None:
            values[kind] = value
    return values


def _text(node: ber.Node | None) -> str:
    return node.content.decode("ascii") if node is not None and node.tag == der.PRINTABLE_STRING else ""


def _number(node: ber.Node | None, known: type[_Known]) -> _Known | None:
    text = _text(node)
    return known(int(text)) if text.isdigit() and len(text) <= 3 else None


def _nonce(node: ber.Node | None) -> bytes:
    nonce = ber.octets(node) if node is not None else b""
    if len(nonce) > MAX_NONCE:
        raise ScepError("The message's nonce is too long.")
    return nonce


def _header(values: dict[bytes, ber.Node]) -> MessageHeader:
    kind = _number(values.get(Oid.MESSAGE_TYPE), MessageType)
    transaction_id = _text(values.get(Oid.TRANSACTION_ID))
    nonce = _nonce(values.get(Oid.SENDER_NONCE))
    if kind is None or not nonce or not 0 < len(transaction_id) <= MAX_TRANSACTION_ID:
        raise ScepError("The message lacks its type, its transaction or its nonce.")
    if not transaction_id.isprintable():
        raise ScepError("The message's transaction is not printable text.")
    return MessageHeader(message_type=kind, transaction_id=transaction_id, sender_nonce=nonce)


def _message(
    header: MessageHeader, signer: SignerCertificate, content: bytes, values: dict[bytes, ber.Node]
) -> PkiMessage:
    text = values.get(Oid.FAIL_INFO_TEXT)
    return PkiMessage(
        header=header,
        signer=signer,
        content=content,
        recipient_nonce=_nonce(values.get(Oid.RECIPIENT_NONCE)),
        status=_number(values.get(Oid.PKI_STATUS), PkiStatus),
        fail_info=_number(values.get(Oid.FAIL_INFO), FailInfo),
        fail_text=text.content.decode("utf-8", "replace")[:MAX_FAIL_TEXT] if text is not None else "",
    )


def header_attributes(header: MessageHeader) -> list[bytes]:
    """The three attributes that every message has."""
    return [
        der.attribute(Oid.MESSAGE_TYPE, der.printable(str(int(header.message_type)))),
        der.attribute(Oid.TRANSACTION_ID, der.printable(header.transaction_id)),
        der.attribute(Oid.SENDER_NONCE, der.octets(header.sender_nonce)),
    ]


def sign_message(
    content: bytes,
    attributes: list[bytes],
    certificate: bytes,
    key: rsa.RSAPrivateKey,
    *,
    digest: Digest = "sha256",
) -> bytes:
    """DER of a message over `content` (may be empty) with these attributes; the certificate travels along."""
    digest_oid, algorithm = DIGESTS[digest]
    method = der.algorithm(digest_oid, der.NULL)
    all_attributes = sorted(
        [
            *attributes,
            der.attribute(CONTENT_TYPE, der.oid(DATA)),
            der.attribute(MESSAGE_DIGEST, der.octets(hashlib.new(digest, content).digest())),
        ]
    )
    signature = key.sign(der.tlv(ber.SET, *all_attributes), padding.PKCS1v15(), algorithm)
    signer = der.sequence(
        der.integer(1),
        issuer_and_serial(certificate),
        method,
        der.tlv(ber.CONTEXT_0, *all_attributes),
        der.algorithm(Oid.RSA, der.NULL),
        der.octets(signature),
    )
    signed = der.sequence(
        der.integer(1),
        der.set_of(method),
        der.sequence(der.oid(DATA), der.tlv(ber.CONTEXT_0, der.octets(content))),
        der.tlv(ber.CONTEXT_0, certificate),
        der.set_of(signer),
    )
    return der.sequence(der.oid(SIGNED_DATA), der.tlv(ber.CONTEXT_0, signed))
