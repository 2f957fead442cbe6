"""Files of decisions: append-only, length-prefixed, with a checksum each, tolerant to a torn end.

A segment is a magic number, then entries: 4 bytes length, 4 bytes CRC-32 (both big-endian), then MessagePack.
It is called `<gate>-<number>.open` while its gate writes it, holding a lock on it, and `.done` afterwards. A
reader takes finished segments in name order and deletes each after its own commit; whatever it reads twice
carries ids that make the second time harmless.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from pocketward.gate.records import StoredDecision
from pocketward.kernel.durable import sync_folder

MAGIC = b"PWDEC\x01\r\n"
LARGEST_ENTRY = 1024 * 1024
_HEAD = struct.Struct(">II")
OPEN, DONE = ".open", ".done"


class DecisionEntry(Struct, frozen=True, tag="decision", omit_defaults=True):
    """A refusal, or the first of equal grants; `at_ms` in milliseconds on the product's clock.

    `practice_id` is empty when no practice could be told.
    """

    stored: StoredDecision
    at_ms: int
    practice_id: str = ""


class RepeatEntry(Struct, frozen=True, tag="repeat", omit_defaults=True):
    """How often a decision was given again in one minute so far; a later entry replaces an earlier one.

    `minute` is minutes since 1970; `digest` the SHA-256 over the times (8 bytes each, milliseconds).
    """

    decision_id: str
    minute: int
    count: int
    digest: str
    last_ms: int
    practice_id: str = ""


class SecurityEntry(Struct, frozen=True, tag="security", omit_defaults=True):
    """Something that no honest client does. `network_digest` is a keyed digest of the address."""

    event_id: str
    code: str
    at_ms: int
    practice_id: str = ""
    host: str = ""
    network_digest: str = ""
    decision_id: str = ""


Entry = DecisionEntry | RepeatEntry | SecurityEntry
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Entry] = msgspec.msgpack.Decoder(
    DecisionEntry | RepeatEntry | SecurityEntry
)


@dataclass(frozen=True)
class SegmentContents:
    """The entries of a segment; `is_torn` when its end could not be read."""

    entries: tuple[Entry, ...]
    is_torn: bool


def pack_entries(entries: Iterable[Entry]) -> bytes:
    """The bytes that append these entries to a segment."""
    parts = []
    for entry in entries:
        body = _encoder.encode(entry)
        parts += [_HEAD.pack(len(body), zlib.crc32(body)), body]
    return b"".join(parts)


def parse_segment(data: bytes) -> SegmentContents:
    """All entries up to the first that is cut short, altered or unknown."""
    if not data.startswith(MAGIC):
        return SegmentContents((), bool(data))
    entries: list[Entry] = []
    place = len(MAGIC)
    while place < len(data):
        start = place + _HEAD.size
        if start > len(data):
            return SegmentContents(tuple(entries), True)
        length, checksum = _HEAD.unpack_from(data, place)
        body = data[start : start + length]
        if length > LARGEST_ENTRY or len(body) < length or zlib.crc32(body) != checksum:
            return SegmentContents(tuple(entries), True)
        try:
            entries.append(_decoder.decode(body))
        except (msgspec.DecodeError, ValueError):
            return SegmentContents(tuple(entries), True)
        place = start + length
    return SegmentContents(tuple(entries), False)


def read_segment(path: Path) -> SegmentContents:
    """The entries of a segment file; OSError when it cannot be read."""
    return parse_segment(path.read_bytes())


def finished_segments(folder: Path) -> tuple[Path, ...]:
    """Segments no gate writes any more, oldest first: finished ones and those of gates that died."""
    if not folder.is_dir():
        return ()
    found = [path for path in folder.iterdir() if path.suffix == DONE or is_abandoned(path)]
    return tuple(sorted(found, key=lambda path: path.name))


def open_segments(folder: Path) -> tuple[Path, ...]:
    """Segments being written now; reading one sees what was flushed so far."""
    return tuple(sorted(folder.glob(f"*{OPEN}"))) if folder.is_dir() else ()


def is_abandoned(path: Path) -> bool:
    """Whether an open segment's gate is gone: nobody holds its lock."""
    if path.suffix != OPEN:
        return False
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


class SegmentWriter:
    """One open segment of one gate; any OSError leaves it to be closed and replaced."""

    def __init__(self, folder: Path, gate_id: str, number: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / f"{gate_id}-{number:010d}{OPEN}"
        self.size = 0
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file: BinaryIO = os.fdopen(handle, "wb", buffering=0)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write(MAGIC)
            sync_folder(folder)
        except OSError:
            self._file.close()
            self.path.unlink(missing_ok=True)
            raise

    def append(self, data: bytes) -> None:
        """Write packed entries and wait until the disk has them."""
        self._write(data)
        os.fdatasync(self._file.fileno())

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = self._file.write(view)
            view = view[written:]
        self.size += len(data)

    def finish(self) -> Path:
        """Hand the segment over: renamed to `.done` while still locked, then closed."""
        done = self.path.with_suffix(DONE)
        try:
            os.rename(self.path, done)
            sync_folder(done.parent)
        finally:
            self._file.close()
        return done
