"""A small reader of BER values: enough for signed messages, bounded, and quick.

Apple's own signer writes indefinite lengths and constructed octet strings, which are BER but not DER, so a
strict DER reader refuses real phones. A general ASN.1 library reads one message in about a millisecond, which
would dominate the cost of an idle phone asking for work; walking only what is needed costs a few dozen
microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pocketward.protocols.cms.errors import CmsError

MAX_DEPTH = 10
# The end of a value without a length is found by walking all that is in it, once for each value around it.
MAX_WALKED = 50_000
END_OF_CONTENTS = 0x00
INTEGER, OCTET_STRING, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
CONTEXT_0, CONTEXT_1, CONTEXT_0_PRIMITIVE = 0xA0, 0xA1, 0x80
CONSTRUCTED = 0x20


class Node(NamedTuple):
    """One value inside `data`: its tag byte and where it starts, where its content runs, where it ends."""

    data: bytes
    tag: int
    start: int
    body: int
    body_end: int
    end: int

    @property
    def content(self) -> bytes:
        """The bytes between header and end."""
        return self.data[self.body : self.body_end]

    @property
    def whole(self) -> bytes:
        """The value with its header, as it was sent."""
        return self.data[self.start : self.end]

    @property
    def is_definite(self) -> bool:
        """Whether the length was given up front (DER demands it)."""
        return self.body_end == self.end


# A NamedTuple's own constructor costs twice as much, and a signature has some thirty values.
_made = tuple.__new__


def read_node(data: bytes, start: int, limit: int, depth: int = 0, walked: list[int] | None = None) -> Node:
    """The value at `start`, which may reach to `limit`; CmsError when it does not fit or nests too deeply.

    `walked` counts the values met on the way to the end of one without a length.
    """
    body = start + 2
    if body > limit or depth > MAX_DEPTH:
        raise CmsError("The signature ends in the middle of a value, or nests too deeply.")
    tag, length = data[start], data[start + 1]
    if tag & 0x1F == 0x1F:
        raise CmsError("The signature holds a kind of value that signed messages do not have.")
    if length == 0x80:
        body_end = _end_of_indefinite(data, tag, body, limit, depth, walked or [0])
        return _made(Node, (data, tag, start, body, body_end, body_end + 2))
    if length > 0x80:
        width = length & 0x7F
        if width > 4 or body + width > limit:
            raise CmsError("The signature gives an impossible length.")
        length = int.from_bytes(data[body : body + width], "big")
        body += width
    end = body + length
    if end > limit:
        raise CmsError("The signature ends in the middle of a value.")
    return _made(Node, (data, tag, start, body, end, end))


def _end_of_indefinite(data: bytes, tag: int, body: int, limit: int, depth: int, walked: list[int]) -> int:
    if not tag & CONSTRUCTED:
        raise CmsError("The signature holds a plain value without a length.")
    position = body
    while True:
        walked[0] += 1
        if walked[0] > MAX_WALKED:
            raise CmsError("The signature holds too many values without a length.")
        node = read_node(data, position, limit, depth + 1, walked)
        if node.tag == END_OF_CONTENTS:
            if node.end != position + 2:
                raise CmsError("The signature holds a malformed end of contents.")
            return position
        position = node.end


def read_whole(data: bytes, tag: int) -> Node:
    """The single value that fills `data` and has this tag."""
    node = read_node(data, 0, len(data))
    if node.tag != tag or node.end != len(data):
        raise CmsError("The signature is not one value of the expected kind.")
    return node


def children(node: Node) -> Iterator[Node]:
    """The values inside a constructed value, in order."""
    if not node.tag & CONSTRUCTED:
        raise CmsError("The signature has a plain value where a group is expected.")
    data, _, _, position, limit, _ = node
    while position < limit:
        child = read_node(data, position, limit, 1)
        yield child
        position = child[5]


def expect(nodes: Iterator[Node], tag: int) -> Node:
    """The next value, which must have this tag."""
    node = next(nodes, None)
    if node is None or node.tag != tag:
        raise CmsError("The signature lacks a value that signed messages must have.")
    return node


def octets(node: Node, depth: int = 0) -> bytes:
    """The bytes of an octet string, also of one sent in pieces."""
    if node.tag == OCTET_STRING:
        return node.content
    if node.tag != OCTET_STRING | CONSTRUCTED or depth > MAX_DEPTH:
        raise CmsError("The signature has something else where bytes are expected.")
    return b"".join(octets(piece, depth + 1) for piece in children(node))
