"""`pocketward restore`: a practice goes on from a backup, in an empty home."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pocketward.cli import snapshot
from pocketward.cli.archive import DUMP_NAME, SQLITE_NAME, BackupRefused, identities, read_encrypted
from pocketward.cli.settled_database import settle_database
from pocketward.cli.start import DEFAULT_HOME, set_up_django
from pocketward.config.settings import load_settings
from pocketward.protocols import tlog


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the home, when its backup was made, its world, and entries per ledger origin."""

    home: Path
    made_at: str
    world: str
    ledgers: dict[str, int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, whose key, and the newest checkpoint that anybody still has."""
    parser.add_argument("file", type=Path, help="the backup")
    parser.add_argument("--identity", type=Path, required=True, help="the private key's file (age-keygen's)")
    parser.add_argument(
        "--newer-than", type=Path, metavar="CHECKPOINT",
        help="refuse a backup older than this checkpoint (a ledger's last-checkpoint, or a mailed one)",
    )  # fmt: skip
    parser.add_argument(
        "--accept-older", action="store_true",
        help="restore an older backup all the same; nothing is sealed until somebody has looked",
    )  # fmt: skip


def run(given: argparse.Namespace) -> int:
    """Restore, record it in every ledger, verify every ledger; 1 when one is not whole."""
    home = (given.home or DEFAULT_HOME).resolve()
    newest = given.newer_than.read_bytes() if given.newer_than is not None else None
    done = restore(given.file, given.identity, home, newest, accept_older=given.accept_older)
    print(f"Restored the backup of {done.made_at} into {done.home}.")
    set_up_django(home, done.world)
    return record_and_verify(done)


def record_and_verify(done: Restored) -> int:
    """One fact in each practice, then the whole of each ledger; Django is set up."""
    from pocketward.ledger import api as ledger_api
    from pocketward.spine.api import practice_scope, practices_with_keys

    status = 0
    for practice_id in practices_with_keys():
        with practice_scope(practice_id):
            ledger_api.note_restore(practice_id=practice_id, made_at=done.made_at, by="system:command-line")
            report = ledger_api.verify(practice_id=practice_id)
        print(f"Ledger {report.origin or practice_id}: {report.sentence}")
        status = status if report.ok else 1
    return status


def restore(
    file: Path, identity: Path, home: Path, checkpoint: bytes | None = None, *, accept_older: bool = False
) -> Restored:
    """Unpack a backup into an absent or empty home; on any failure nothing is left there.

    SettingsRefused: a file that its pocketward.toml names is not on this machine.

    With `checkpoint`, a signed note, a backup that is older or of another history is refused
    (BackupRefused); with `accept_older` it is restored, and the checkpoint is put where the sealer finds it
    and stops. A PostgreSQL backup is loaded into the empty database that its pocketward.toml names, or the
    environment instead; pocketward.toml names that one then.
    """
    if not file.is_file():
        raise BackupRefused(f"There is no file {file}.", advice="Name the backup that is to be restored.")
    if home.exists() and any(home.iterdir()):
        raise BackupRefused(f"{home} is not empty.", advice="Restore into a new folder: --home DIR.")
    staging = home.with_name(f".{home.name}.restoring")
    if staging.exists():
        shutil.rmtree(staging)
    staging.mkdir(mode=0o700, parents=True)
    try:
        manifest = read_encrypted(file, identities(identity), staging)
        # What it names outside itself must be here too, or the home could not be opened to note the restore.
        load_settings(staging, manifest["world"])
        with _database(staging, manifest["engine"]):
            if checkpoint is not None:
                _hold_against(staging, manifest, checkpoint, accept_older)
            if home.exists():
                home.rmdir()
            staging.rename(home)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    for name in ("log", "run"):
        (home / name).mkdir(mode=0o700, exist_ok=True)
    os.sync()
    return Restored(home, manifest["made_at"], manifest["world"], manifest["ledgers"])


@contextmanager
def _database(staging: Path, engine: str) -> Iterator[None]:
    """The database, sound and in its place; taken out of a server again when what follows fails."""
    if engine == "postgresql":
        settle_database(staging)
        settings = snapshot.settings_of(staging)
        snapshot.put_back(settings, staging / DUMP_NAME)
        try:
            (staging / DUMP_NAME).unlink()
            yield
        except BaseException:
            snapshot.take_out(settings)
            raise
        return
    database = staging / SQLITE_NAME
    if not database.is_file() or not snapshot.is_sound(database):
        raise BackupRefused("The database in this backup is damaged.")
    yield


def _hold_against(staging: Path, manifest: dict[str, object], note: bytes, accept_older: bool) -> None:
    """Refuse a backup that does not contain this checkpoint's history."""
    settings = snapshot.settings_of(staging)
    server = manifest["engine"] == "postgresql"
    database = staging / SQLITE_NAME
    heads = snapshot.heads_on_server(settings) if server else snapshot.heads_in(database)
    head, found = _opened(heads, note)
    if found.size <= head.size:
        root = (
            snapshot.root_on_server(settings, head, found.size)
            if server
            else snapshot.root_in(database, head, found.size)
        )
        if root == found.root:
            return
        wrong = f"The checkpoint of {found.size} entries has another history than this backup."
    else:
        wrong = f"This backup has {head.size} ledger entries, and the checkpoint has {found.size}."
    if not accept_older:
        raise BackupRefused(
            wrong,
            advice="Find a newer backup, or restore this one with --accept-older: nothing is sealed then.",
        )
    kept = staging / "ledger" / str(head.practice_id) / "last-checkpoint"
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept.write_bytes(note)


def _opened(heads: tuple[snapshot.LogHead, ...], note: bytes) -> tuple[snapshot.LogHead, tlog.Checkpoint]:
    for head in heads:
        try:
            return head, tlog.open_checkpoint(note, head.key).checkpoint
        except tlog.NoteError:
            continue
    raise BackupRefused(
        "The given checkpoint belongs to none of the ledgers in this backup.",
        advice="Give the file last-checkpoint of the practice's ledger folder.",
    )
