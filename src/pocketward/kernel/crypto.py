"""Small, fixed set of primitives: AES-256-GCM, HMAC-SHA256, HKDF, constant-time comparison.

A sealed blob is: version byte 1, 12 bytes of nonce, ciphertext with its 16-byte tag.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_SIZE = 32
_NONCE = 12
_VERSION = b"\x01"


class SealBroken(Exception):
    """The blob was not made by this key for this purpose, or was altered."""


def random_key() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(KEY_SIZE)


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt with AES-256-GCM; `aad` binds the blob to its place."""
    nonce = secrets.token_bytes(_NONCE)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def open_sealed(key: bytes, blob: bytes, aad: bytes) -> bytes:
    """Decrypt what `seal` made; SealBroken when key, place or bytes differ."""
    if len(blob) < 1 + _NONCE + 16 or blob[:1] != _VERSION:
        raise SealBroken("not a sealed blob")
    try:
        return AESGCM(key).decrypt(blob[1 : 1 + _NONCE], blob[1 + _NONCE :], aad)
    except InvalidTag as error:
        raise SealBroken("sealed with another key or for another place") from error


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256, 32 bytes."""
    return hmac.new(key, message, hashlib.sha256).digest()


def commitment(key: bytes, text: str) -> str:
    """What a sealed event says of words that it must not hold: HMAC-SHA256 of their UTF-8 bytes, in hex.

    `key` (32 random bytes, of these words alone) is kept with them; without it nobody can guess them.
    """
    return hmac_sha256(key, text.encode()).hex()


def derive_key(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256)."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_SIZE, salt=None, info=purpose.encode()).derive(secret)


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def same(left: bytes | str, right: bytes | str) -> bool:
    """Compare two secrets in constant time."""
    one = left.encode() if isinstance(left, str) else left
    two = right.encode() if isinstance(right, str) else right
    return hmac.compare_digest(one, two)
