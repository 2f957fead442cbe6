"""Writes DER values: the few that enrollment messages are made of."""

from __future__ import annotations

from pocketward.protocols.cms import ber

NULL = b"\x05\x00"
PRINTABLE_STRING, UTF8_STRING, BIT_STRING = 0x13, 0x0C, 0x03


def tlv(tag: int, *parts: bytes) -> bytes:
    """One value: tag, shortest length, content."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of ready values."""
    return tlv(ber.SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """A SET OF, sorted as DER demands."""
    return tlv(ber.SET, *sorted(parts))


def oid(content: bytes) -> bytes:
    """An object identifier from its content bytes."""
    return tlv(ber.OID, content)


def integer(value: int) -> bytes:
    """A non-negative INTEGER."""
    return tlv(ber.INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(content: bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(ber.OCTET_STRING, content)


def printable(text: str) -> bytes:
    """A PrintableString."""
    return tlv(PRINTABLE_STRING, text.encode("ascii"))


def utf8(text: str) -> bytes:
    """A UTF8String."""
    return tlv(UTF8_STRING, text.encode())


def bit_string(content: bytes) -> bytes:
    """A BIT STRING of whole bytes."""
    return tlv(BIT_STRING, b"\x00", content)


def attribute(kind: bytes, *values: bytes) -> bytes:
    """An Attribute: its object identifier and the SET of its values."""
    return sequence(oid(kind), set_of(*values))


def algorithm(kind: bytes, parameters: bytes = b"") -> bytes:
    """An AlgorithmIdentifier."""
    return sequence(oid(kind), parameters)
