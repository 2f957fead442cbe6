"""A software passkey (WebAuthn, ES256, with user verification) for the demo's pretend people."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _cbor(value: Any) -> bytes:
    """The little CBOR that WebAuthn needs: integers, bytes, texts, maps (RFC 8949)."""
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    return _head(5, len(value)) + b"".join(_cbor(key) + _cbor(item) for key, item in value.items())


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    if number < 256:
        return bytes([major << 5 | 24, number])
    return bytes([major << 5 | 25]) + struct.pack(">H", number)


class Passkey:
    """One credential for one origin, bound to the device that made it (no backup flags)."""

    def __init__(self, origin: str) -> None:
        self.origin, self.rp_id = origin, urlsplit(origin).hostname or ""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id, self.handle, self.count = secrets.token_bytes(16), b"", 0

    def stored(self) -> dict[str, Any]:
        """What a file keeps, with the private key."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "key": pem.decode("ascii"),
            "credential_id": _b64(self.credential_id),
            "handle": _b64(self.handle),
            "count": self.count,
        }

    @classmethod
    def from_stored(cls, origin: str, stored: dict[str, Any]) -> Passkey:
        """The passkey that `stored` described; ValueError when it is no ES256 key."""
        made = cls(origin)
        key = serialization.load_pem_private_key(stored["key"].encode("ascii"), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("a passkey of the lab is an ES256 key")
        made.key = key
        made.credential_id, made.handle = _unb64(stored["credential_id"]), _unb64(stored["handle"])
        made.count = int(stored["count"])
        return made

    def register(self, options: dict[str, Any]) -> str:
        """Answer creation options; the credential as JSON."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + _cbor(cose)
        data = self._data(PRESENT | VERIFIED | ATTESTED, attested)
        self.handle = _unb64(options["user"]["id"])
        response = {
            "clientDataJSON": _b64(self._client("webauthn.create", options["challenge"])),
            "attestationObject": _b64(_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._credential(response, {"credProps": {"rk": True}})

    def prove(self, options: dict[str, Any]) -> str:
        """Answer request options; the assertion as JSON."""
        data = self._data(PRESENT | VERIFIED)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _b64(client),
            "authenticatorData": _b64(data),
            "signature": _b64(signature),
            "userHandle": _b64(self.handle),
        }
        return self._credential(response, {})

    def _data(self, flags: int, tail: bytes = b"") -> bytes:
        self.count += 1
        digest = hashlib.sha256(self.rp_id.encode()).digest()
        return digest + bytes([flags]) + struct.pack(">I", self.count) + tail

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, response: dict[str, str], results: dict[str, Any]) -> str:
        raw = _b64(self.credential_id)
        whole = {"type": "public-key", "id": raw, "rawId": raw, "response": response}
        return json.dumps(whole | {"clientExtensionResults": results})
