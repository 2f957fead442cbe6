"""The form of a backup: an age file (age-encryption.org/v1) around a compressed tar.

Inside: the gates' decision files, the database as one consistent snapshot, `keys/`, `evidence/`, `ledger/`,
`pocketward.toml`, and last `manifest.json` with the SHA-256 of every file. It holds the master key, so it is
only ever written encrypted.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyrage

from pocketward.kernel.durable import sync_folder
from pocketward.kernel.errors import PocketwardError

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE_NAME = "db/pocketward.sqlite3"
DUMP_NAME = "db/pocketward.dump"
FOLDERS = ("keys", "evidence", "ledger")
TOP = {"db", *FOLDERS, "pocketward.toml", MANIFEST}
PLAIN_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)
BLOCK = 1 << 20
# A forged backup must not fill the disk or the memory: anybody who knows the recipient can write one.
LEAST_ROOM = 256 << 20
MOST_GROWTH = 100
# The list of contents is read into memory, as many times its size: it may be as long as its files are many.
SMALL_MANIFEST, LISTED_FILE = 1 << 20, 1 << 10
LARGEST_HEADER = 64 << 10


class BackupRefused(PocketwardError):
    """The backup cannot be written, read or trusted."""

    code = "cli.backup_refused"
    sentence = "This backup cannot be used."
    advice = "Try another copy of the backup, or an older one."


class _Member(tarfile.TarInfo):
    """A header of the archive. One that describes another is read into memory whole: small ones only."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.size < 0 or (self.type not in tarfile.REGULAR_TYPES and self.size > LARGEST_HEADER):
            raise tarfile.ReadError("a header has an impossible size")
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]


class Packer:
    """Adds files to the tar and remembers their digests."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar
        self.digests: dict[str, str] = {}

    def add_file(self, path: Path, name: str) -> bool:
        """Add one file under a name of the archive; False, and left out, when it vanished meanwhile."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            # What is appended while we read belongs to the next backup.
            size = os.fstat(file.fileno()).st_size
            reader = _Hashing(file, size)
            self.tar.addfile(_header(name, size), reader)  # type: ignore[arg-type]
            self.digests[name] = reader.digest.hexdigest()
        return True

    def add_folder(self, home: Path, folder: str) -> bool:
        """Add every finished file of a folder of the home that is not in yet; False when one vanished."""
        is_whole = True
        # os.walk, since folders may vanish while the server publishes.
        for place, _, names in os.walk(home / folder):
            for path in sorted(Path(place) / name for name in names if not name.endswith(".new")):
                inside = path.relative_to(home).as_posix()
                is_other = path.is_symlink() or (path.exists() and not path.is_file())
                if inside not in self.digests and not is_other:
                    is_whole = self.add_file(path, inside) and is_whole
        return is_whole

    def add_bytes(self, data: bytes, name: str) -> None:
        """Add a file that is not on disk."""
        self.tar.addfile(_header(name, len(data)), io.BytesIO(data))
        self.digests[name] = hashlib.sha256(data).hexdigest()

    def close(self, facts: dict[str, Any]) -> None:
        """Write the manifest, the last member."""
        data = json.dumps({"format": FORMAT, **facts, "files": self.digests}, indent=1).encode()
        self.tar.addfile(_header(MANIFEST, len(data)), io.BytesIO(data))


class _Hashing:
    """Reads exactly `size` bytes and hashes them on the way."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file, self.left, self.digest = file, size, hashlib.sha256()

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self.file.read(min(size, self.left))
        self.left -= len(data)
        self.digest.update(data)
        return data


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header


def recipient(text: str) -> Any:
    """An age or ssh public key from its text; BackupRefused names it when it is neither."""
    for read in (pyrage.x25519.Recipient.from_str, pyrage.ssh.Recipient.from_str):
        try:
            return read(text.strip())
        except pyrage.RecipientError:
            continue
    raise BackupRefused(
        f"{text[:40]!r} is not a recipient.", advice="Give an age key (age1…) or an ssh-ed25519 public key."
    )


def identities(path: Path) -> list[Any]:
    """The private keys in an age identity file or a plain ssh key; BackupRefused when there is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BackupRefused(f"The identity file {path} cannot be read.") from error
    lines = data.decode(errors="replace").splitlines()
    try:
        found = [
            pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")
        ]
        return found or [pyrage.ssh.Identity.from_buffer(data)]
    except pyrage.IdentityError as error:
        raise BackupRefused(
            f"{path} holds no private key.", advice="Give the file that age-keygen wrote."
        ) from error


def write_encrypted(out: Path, recipients: list[Any], fill: Callable[[Packer], None]) -> None:
    """Write the age file whole or not at all; what `fill` packs never touches the disk in clear."""
    scratch = out.with_name(f".{out.name}.{os.getpid()}.new")
    try:
        with _piped(lambda sink: _pack(sink, fill)) as source, scratch.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            pyrage.encrypt_io(source, file, recipients)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(out)
        sync_folder(out.absolute().parent)
    finally:
        scratch.unlink(missing_ok=True)


def _pack(sink: IO[bytes], fill: Callable[[Packer], None]) -> None:
    with (
        gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        fill(Packer(tar))


@contextmanager
def _piped(work: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """Run `work(sink)` in a thread and read what it writes; its error is raised here."""
    reader, writer = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(writer, "wb") as sink:
                work(sink)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(reader, "rb") as source:
            yield source
    except BaseException as error:
        thread.join()
        # What went wrong first is told; a closed pipe is only its echo.
        if failed and not isinstance(failed[0], OSError):
            raise failed[0] from error
        raise
    thread.join()
    if failed:
        raise failed[0]


def read_encrypted(file: Path, keys: list[Any], into: Path) -> dict[str, Any]:
    """Decrypt and unpack into an empty folder, check every digest; the manifest."""

    def decrypt(sink: IO[bytes]) -> None:
        with file.open("rb") as source:
            pyrage.decrypt_io(source, sink, keys)

    try:
        with _piped(decrypt) as plain:
            digests, manifest = _unpack(plain, into, room=_room(file, into))
            # The end of the age file is checked only when it is read.
            while plain.read(BLOCK):
                pass
    except pyrage.DecryptError as error:
        raise BackupRefused("This identity does not open this backup, or it is no backup.") from error
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RecursionError) as error:
        raise BackupRefused(f"The backup is damaged: {error}.") from error
    return _checked(manifest, digests)


def _room(file: Path, into: Path) -> int:
    """How many bytes may come out of this file: no disk is filled, and nothing packs a hundredfold."""
    fair = max(LEAST_ROOM, file.stat().st_size * MOST_GROWTH)
    return min(fair, shutil.disk_usage(into).free)


def _unpack(plain: IO[bytes], into: Path, *, room: int) -> tuple[dict[str, str], Any]:
    digests: dict[str, str] = {}
    manifest: Any = None
    with (
        gzip.GzipFile(fileobj=plain, mode="rb") as packed,
        tarfile.open(fileobj=packed, mode="r|", tarinfo=_Member) as tar,
    ):
        for member in tar:
            source = tar.extractfile(member) if member.type in PLAIN_FILES else None
            room -= member.size
            if source is None or not _allowed(member.name):
                raise BackupRefused(f"The backup holds something unexpected: {member.name[:80]!r}.")
            if room < 0 or (
                member.name == MANIFEST and member.size > SMALL_MANIFEST + len(digests) * LISTED_FILE
            ):
                raise BackupRefused("The backup is larger unpacked than any backup of ours.")
            if member.name == MANIFEST:
                manifest = json.loads(source.read())
            else:
                digests[member.name] = _write(into / member.name, source)
    return digests, manifest


def _allowed(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return ".." not in parts and parts[:1] != () and parts[0] in TOP


def _write(path: Path, source: IO[bytes]) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := source.read(BLOCK):
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _checked(manifest: Any, digests: dict[str, str]) -> dict[str, Any]:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupRefused("This backup was written by another version, or is cut short.")
    if manifest.get("files") != digests:
        raise BackupRefused("The files in this backup are not those that were put in.")
    texts = (manifest.get("made_at"), manifest.get("engine"), manifest.get("world"))
    if not all(isinstance(text, str) for text in texts) or not isinstance(manifest.get("ledgers"), dict):
        raise BackupRefused("The list of what is in this backup cannot be read.")
    return manifest
