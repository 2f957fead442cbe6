"""The parts of a SignedData that matter to whoever checks it (RFC 5652, section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from pocketward.protocols.cms import ber
from pocketward.protocols.cms.ber import Node
from pocketward.protocols.cms.errors import CmsError

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
DATA = bytes.fromhex("2a864886f70d010701")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
SIGNING_TIME = bytes.fromhex("2a864886f70d010905")

MAX_CERTIFICATES = 16
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


class SignerInfo(NamedTuple):
    """One signer: how the certificate is named, which algorithms, what was signed, the signature.

    `issuer` and `serial` are raw DER of the name and raw content of the number; or `key_id` is set.
    `attributes` is the DER of the signed attributes exactly as they go into the signature.
    """

    issuer: bytes
    serial: bytes
    key_id: bytes | None
    digest_oid: bytes
    signature_oid: bytes
    attributes: bytes
    message_digest: bytes
    signing_time: datetime | None
    signature: bytes


class SignedMessage(NamedTuple):
    """A SignedData with exactly one signer; `content` is None when it is detached."""

    content: bytes | None
    certificates: tuple[bytes, ...]
    signer: SignerInfo


def parse_signed_data(data: bytes) -> SignedMessage:
    """Reads the bytes of a ContentInfo; CmsError for anything but SignedData over plain data, one signer."""
    outer = ber.children(ber.read_whole(data, ber.SEQUENCE))
    if ber.expect(outer, ber.OID).content != SIGNED_DATA:
        raise CmsError("This is not a signed message.")
    inner = ber.children(ber.expect(outer, ber.CONTEXT_0))
    parts = ber.children(ber.expect(inner, ber.SEQUENCE))
    ber.expect(parts, ber.INTEGER)
    ber.expect(parts, ber.SET)
    content = _content(ber.expect(parts, ber.SEQUENCE))
    certificates: tuple[bytes, ...] = ()
    node = next(parts, None)
    if node is not None and node.tag == ber.CONTEXT_0:
        certificates = _certificates(node)
        node = next(parts, None)
    if node is not None and node.tag == ber.CONTEXT_1:
        node = next(parts, None)
    if node is None or node.tag != ber.SET:
        raise CmsError("The signed message names no signer.")
    signers = ber.children(node)
    signer = ber.expect(signers, ber.SEQUENCE)
    for following in (signers, parts, inner, outer):
        _nothing_more(following)
    return SignedMessage(content, certificates, _signer(signer))


def _nothing_more(nodes: Iterator[Node]) -> None:
    if next(nodes, None) is not None:
        raise CmsError("The signed message has more parts than we accept: one signer, nothing after it.")


def _content(node: Node) -> bytes | None:
    parts = ber.children(node)
    if ber.expect(parts, ber.OID).content != DATA:
        raise CmsError("The signed content is not plain data.")
    wrapper = next(parts, None)
    if wrapper is None:
        return None
    if wrapper.tag != ber.CONTEXT_0:
        raise CmsError("The signed content is wrapped in an unexpected way.")
    inside = ber.children(wrapper)
    value = next(inside, None)
    if value is None:
        raise CmsError("The signed content is missing.")
    return ber.octets(value)


def _certificates(node: Node) -> tuple[bytes, ...]:
    found = []
    for child in ber.children(node):
        if child.tag == ber.SEQUENCE:
            found.append(child.whole)
        if len(found) > MAX_CERTIFICATES:
            raise CmsError("The signed message carries too many certificates.")
    return tuple(found)


def _signer(node: Node) -> SignerInfo:
    parts = ber.children(node)
    ber.expect(parts, ber.INTEGER)
    issuer, serial, key_id = _signer_name(next(parts, None))
    digest_oid = _algorithm(ber.expect(parts, ber.SEQUENCE))
    attributes = ber.expect(parts, ber.CONTEXT_0)
    if not attributes.is_definite:
        raise CmsError("The signed attributes are not in their unambiguous form.")
    message_digest, signing_time = _attributes(attributes)
    signature_oid = _algorithm(ber.expect(parts, ber.SEQUENCE))
    signature = next(parts, None)
    if signature is None:
        raise CmsError("The signed message holds no signature.")
    # RFC 5652, 5.4: the signature covers the attributes with the tag of a SET, not the tag they travel with.
    signed = b"\x31" + attributes.data[attributes.start + 1 : attributes.end]
    return SignerInfo(
        issuer,
        serial,
        key_id,
        digest_oid,
        signature_oid,
        signed,
        message_digest,
        signing_time,
        ber.octets(signature),
    )


def _signer_name(node: Node | None) -> tuple[bytes, bytes, bytes | None]:
    if node is None:
        raise CmsError("The signer is not named.")
    if node.tag == ber.CONTEXT_0_PRIMITIVE:
        return b"", b"", node.content
    if node.tag == ber.CONTEXT_0:
        return b"", b"", b"".join(ber.octets(piece) for piece in ber.children(node))
    if node.tag != ber.SEQUENCE:
        raise CmsError("The signer is named in an unknown way.")
    parts = ber.children(node)
    issuer = ber.expect(parts, ber.SEQUENCE)
    return issuer.whole, ber.expect(parts, ber.INTEGER).content, None


def _algorithm(node: Node) -> bytes:
    return ber.expect(ber.children(node), ber.OID).content


def _attributes(node: Node) -> tuple[bytes, datetime | None]:
    """The message digest and, where given, the signing time; the content type must be plain data."""
    seen: dict[bytes, Node] = {}
    for attribute in ber.children(node):
        parts = ber.children(attribute)
        oid = ber.expect(parts, ber.OID).content
        values = list(ber.children(ber.expect(parts, ber.SET)))
        if oid in seen:
            raise CmsError("A signed attribute is given twice.")
        if oid in (CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME) and len(values) != 1:
            raise CmsError("A signed attribute must have exactly one value.")
        if values:
            seen[oid] = values[0]
    if CONTENT_TYPE not in seen or MESSAGE_DIGEST not in seen:
        raise CmsError("The signed attributes lack the content type or the message digest.")
    content_type = seen[CONTENT_TYPE]
    if content_type.tag != ber.OID or content_type.content != DATA:
        raise CmsError("The signed attributes speak of another kind of content.")
    time = _time(seen[SIGNING_TIME]) if SIGNING_TIME in seen else None
    return ber.octets(seen[MESSAGE_DIGEST]), time


def _time(node: Node) -> datetime | None:
    """The signer's own claim of the time; None when it cannot be read, since nothing depends on it."""
    text = node.content.decode("ascii", "replace")
    if node.tag == UTC_TIME:
        century = "20" if text[:2] < "50" else "19"
        text = century + text
    elif node.tag != GENERALIZED_TIME:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
