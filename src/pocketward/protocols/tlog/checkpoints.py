"""Checkpoints (c2sp.org/tlog-checkpoint), with the time they were signed (c2sp.org/tlog-cosignature).

A checkpoint itself has no time, and extension lines are discouraged. So our log adds a second signature of
its own: a timestamped Ed25519 cosignature, which other readers ignore or understand.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pocketward.protocols.tlog.errors import NoteError, SignatureError
from pocketward.protocols.tlog.merkle import EMPTY_ROOT, HASH_SIZE, LARGEST_TREE
from pocketward.protocols.tlog.notes import (
    Note,
    NoteSignature,
    VerifierKey,
    check_name,
    check_text,
    decode_base64,
    key_id,
    parse_note,
    sign_note,
    verify_note,
)

COSIGNATURE = 0x04
LATEST_TIME = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: the log's origin, its size and its 32-byte root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The note text; NoteError when a part cannot be written."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        if not all(lines) or any("\n" in line for line in lines) or not 0 <= self.size <= LARGEST_TREE:
            raise NoteError("A checkpoint's lines may not be empty or broken.")
        return check_text("\n".join(lines) + "\n")


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose log signature was checked; `signed_at` in POSIX seconds when it says so itself."""

    checkpoint: Checkpoint
    signed_at: int | None
    note: Note


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text; NoteError unless it is written as the specification says."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or not text.endswith("\n"):
        raise NoteError("A checkpoint has at least three lines, none of them empty.")
    origin, size, root, *extensions = lines
    if not size.isascii() or not size.isdigit() or len(size) > 19 or str(int(size)) != size:
        raise NoteError("The checkpoint's size is not a decimal number.")
    digest = decode_base64(root, "The checkpoint's root")
    if len(digest) != HASH_SIZE or int(size) > LARGEST_TREE or (size == "0" and digest != EMPTY_ROOT):
        raise NoteError("The checkpoint's root does not fit its size.")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def _timed_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosign(text: str, name: str, key: Ed25519PrivateKey, seconds: int) -> NoteSignature:
    """A timestamped signature line over a checkpoint's text, at POSIX time `seconds`."""
    if not 0 <= seconds <= LATEST_TIME:
        raise NoteError("The time is out of range.")
    public = key.public_key().public_bytes_raw()
    signature = seconds.to_bytes(8, "big") + key.sign(_timed_message(check_text(text), seconds))
    return NoteSignature(check_name(name), key_id(name, COSIGNATURE, public), signature)


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey, seconds: int) -> bytes:
    """The note of a checkpoint, signed twice by the log's key: plain, and with the time in POSIX seconds."""
    text = checkpoint.text()
    lines = (
        sign_note(text, checkpoint.origin, key),
        cosign(text, checkpoint.origin, key, seconds),
    )
    return Note(text, lines).encode()


def cosigned_times(note: Note, keys: Iterable[VerifierKey]) -> dict[str, int]:
    """When each trusted key cosigned, by key name; SignatureError when a known key's does not fit.

    `keys` may be given with the type byte of plain or of timestamped signatures.
    """
    known = {(key.name, key_id(key.name, COSIGNATURE, key.public_key)): key for key in keys}
    times: dict[str, int] = {}
    for item in note.signatures:
        key = known.get((item.name, item.key_id))
        if key is None:
            continue
        seconds = int.from_bytes(item.signature[:8], "big")
        if len(item.signature) != 72 or seconds > LATEST_TIME:
            raise SignatureError("A timestamped signature has 72 bytes.")
        if not key.fits(item.signature[8:], _timed_message(note.text, seconds)):
            raise SignatureError()
        times[key.name] = max(seconds, times.get(key.name, 0))
    return times


def open_checkpoint(data: bytes, key: VerifierKey) -> SignedCheckpoint:
    """The checkpoint in these bytes, signed by the log's key; NoteError, SignatureError.

    The origin must be the key's name, so that no other log's checkpoint passes for this one's.
    """
    note = parse_note(data)
    verify_note(note, [key])
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != key.name:
        raise SignatureError("This checkpoint belongs to another ledger.")
    return SignedCheckpoint(checkpoint, cosigned_times(note, [key]).get(key.name), note)
