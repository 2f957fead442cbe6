"""Signed notes with Ed25519 (c2sp.org/signed-note) and their verifier keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pocketward.protocols.tlog.errors import NoteError, SignatureError

ED25519 = 0x01
LARGEST_NOTE = 64 * 1024
MOST_SIGNATURES = 64
_DASH = "\N{EM DASH} "


def decode_base64(text: str, what: str) -> bytes:
    """Standard base64 in its one canonical spelling; NoteError otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"{what} is not base64.") from error
    if base64.b64encode(data).decode() != text:
        raise NoteError(f"{what} is not base64 as it is written.")
    return data


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """The 4 bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


def check_name(name: str) -> str:
    """The name, when it may name a key: not empty, no space, plus sign or control character."""
    if not name or "+" in name or any(mark.isspace() or ord(mark) < 0x20 for mark in name):
        raise NoteError("A key name may not be empty or contain spaces or plus signs.")
    return name


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A trusted Ed25519 key: its name, 32 public bytes, and the type byte its signatures carry."""

    name: str
    public_key: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public_key) != 32:
            raise NoteError("An Ed25519 public key has 32 bytes.")

    @property
    def key_id(self) -> bytes:
        """Its short id, 4 bytes."""
        return key_id(self.name, self.kind, self.public_key)

    def encode(self) -> str:
        """`name+key id+base64`, the form in which verifier keys are handed around."""
        body = base64.b64encode(bytes([self.kind]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{body}"

    def fits(self, signature: bytes, message: bytes) -> bool:
        """Whether the 64-byte signature over `message` is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_verifier_key(text: str) -> VerifierKey:
    """The key in `name+key id+base64`; NoteError when its parts do not fit each other."""
    parts = text.strip().split("+", 2)
    if len(text) > 1000 or len(parts) != 3:
        raise NoteError("This is not a verifier key.")
    body = decode_base64(parts[2], "The verifier key")
    if not body:
        raise NoteError("This is not a verifier key.")
    key = VerifierKey(parts[0], body[1:], body[0])
    if key.key_id.hex() != parts[1]:
        raise NoteError("The verifier key's id does not belong to it.")
    return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who, which key, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def encode(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """Text that ends in a newline, and its signature lines. Trust nothing in it before `verify_note`."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """The note as it is stored and sent."""
        return (self.text + "\n" + "".join(item.encode() for item in self.signatures)).encode()


def check_text(text: str) -> str:
    """The text, when it can be a note's: ends in a newline, no other control character."""
    if not text.endswith("\n") or any(ord(mark) < 0x20 and mark != "\n" for mark in text):
        raise NoteError("A note's text ends in a newline and has no other control characters.")
    return text


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> NoteSignature:
    """This key's signature line over a note's text."""
    message = check_text(text).encode()
    public = key.public_key().public_bytes_raw()
    return NoteSignature(check_name(name), key_id(name, ED25519, public), key.sign(message))


def parse_note(data: bytes) -> Note:
    """A note from its bytes; NoteError when it is malformed, over 64 kB or has over 64 signatures."""
    if len(data) > LARGEST_NOTE:
        raise NoteError("The note is too long.")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise NoteError("A note is UTF-8.") from error
    check_text(whole)
    text, blank, rest = whole.rpartition("\n\n")
    lines = rest.removesuffix("\n").split("\n")
    if not blank or not rest or len(lines) > MOST_SIGNATURES:
        raise NoteError("A note has a text, an empty line, and 1 to 64 signatures.")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def _signature(line: str) -> NoteSignature:
    name, space, body = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteError("A signature line is malformed.")
    data = decode_base64(body, "A signature")
    if len(data) < 5:
        raise NoteError("A signature is too short.")
    return NoteSignature(check_name(name), data[:4], data[4:])


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """The trusted Ed25519 keys that signed this note.

    Signatures of unknown keys are ignored. SignatureError when a known key's does not fit, or none is known.
    """
    known = {(key.name, key.key_id): key for key in keys if key.kind == ED25519}
    found = []
    for item in note.signatures:
        key = known.get((item.name, item.key_id))
        if key is not None:
            if not key.fits(item.signature, note.text.encode()):
                raise SignatureError()
            found.append(key)
    if not found:
        raise SignatureError("No key that is trusted here signed this.")
    return tuple(found)
