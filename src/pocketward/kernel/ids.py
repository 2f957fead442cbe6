"""Identifiers: UUIDv7 keys, prefixed public ids, and secrets.

A public id is `prefix_` and the 128 bits of the UUID in Crockford's base32, lower case, 26 characters.
"""

from __future__ import annotations

import secrets
import time
from uuid import UUID

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
PUBLIC_LENGTH = 26


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562 version 7): 48 bits of milliseconds, 74 random bits."""
    bits = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=bits)


def _base32(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, low = divmod(number, 32)
        letters.append(ALPHABET[low])
    return "".join(reversed(letters))


def public_id(prefix: str, key: UUID) -> str:
    """`dev_01h…` for a device's key."""
    return f"{prefix}_{_base32(key.int, PUBLIC_LENGTH)}"


def parse_public_id(prefix: str, text: str) -> UUID:
    """The key behind a public id; ValueError when it is not one of this prefix."""
    head, _, body = text.partition("_")
    if head != prefix or len(body) != PUBLIC_LENGTH:
        raise ValueError(f"not a {prefix} id")
    number = 0
    for letter in body:
        if letter not in _VALUE:
            raise ValueError(f"not a {prefix} id")
        number = number * 32 + _VALUE[letter]
    if number >> 128:
        raise ValueError(f"not a {prefix} id")
    return UUID(int=number)


def secret_token(size: int = 16) -> str:
    """A secret of `size` random bytes, in lower-case base32: safe in a URL and read aloud."""
    return _base32(int.from_bytes(secrets.token_bytes(size), "big"), (size * 8 + 4) // 5)
