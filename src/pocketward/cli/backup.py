"""`pocketward backup`: everything a practice needs to go on elsewhere, in one file only you can open."""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pocketward.cli import snapshot
from pocketward.cli.archive import FOLDERS, BackupRefused, Packer, recipient, write_encrypted
from pocketward.cli.start import DEFAULT_HOME, set_up_django
from pocketward.kernel import clock
from pocketward.kernel.settings import Settings

DECISIONS = "db/decisions"
# A file is renamed once and taken once, so a second look finds what the first missed; more is a fault.
LOOKS = 100


@dataclass(frozen=True, slots=True)
class Written:
    """A finished backup: its file, size in bytes, SHA-256, and the world it is from."""

    path: Path
    size: int
    digest: str
    world: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and who may open it."""
    parser.add_argument("out", type=Path, help="the file to write, for example practice-2026-11-24.age")
    parser.add_argument(
        "--recipient",
        action="append",
        default=[],
        metavar="KEY",
        help="an age or ssh-ed25519 public key; repeat",
    )
    parser.add_argument("--recipients-file", type=Path, help="public keys, one a line; # starts a comment")


def run(given: argparse.Namespace) -> int:
    """Write the backup, then record in every practice's ledger that it was made and for whom."""
    home = (given.home or DEFAULT_HOME).resolve()
    wanted = [*given.recipient, *_listed(given.recipients_file)]
    made = backup(home, wanted, given.out)
    set_up_django(home, made.world)
    record_backup(made, tuple(wanted))
    print(f"Wrote {made.path} ({made.size / 1e6:.1f} MB, SHA-256 {made.digest}).")
    print("It opens only with the private key of a recipient. Keep that key away from this machine.")
    return 0


def record_backup(made: Written, recipients: tuple[str, ...]) -> None:
    """One fact in each practice; Django is set up."""
    from pocketward.ledger import api as ledger_api
    from pocketward.spine.api import practice_scope, practices_with_keys

    for practice_id in practices_with_keys():
        with practice_scope(practice_id):
            ledger_api.note_backup(
                practice_id=practice_id, digest=made.digest, size=made.size, recipients=recipients,
                by="system:command-line",
            )  # fmt: skip


def backup(home: Path, recipients: list[str], out: Path) -> Written:
    """Write an encrypted backup of a home while its server runs or not. BackupRefused says what is wrong.

    `recipients` are age or ssh-ed25519 public keys; `out` must not exist.
    """
    if not recipients:
        raise BackupRefused(
            "Nobody could open this backup.",
            advice="Name a recipient: --recipient age1… (age-keygen makes one).",
        )
    if out.exists():
        raise BackupRefused(
            f"{out} exists already.", advice="Choose another name; backups are not overwritten."
        )
    keys = [recipient(text) for text in recipients]
    settings = snapshot.settings_of(home)
    world: list[str] = []
    with tempfile.TemporaryDirectory(prefix="backup-", dir=_private(home / "run")) as folder:
        write_encrypted(out, keys, lambda packer: _fill(packer, settings, Path(folder), world))
    return Written(out, out.stat().st_size, _digest(out), world[0])


def _fill(packer: Packer, settings: Settings, folder: Path, world: list[str]) -> None:
    """The order matters.

    A decision file goes once the database has what it holds, so these go first: what is in both counts once.
    A kept checkpoint must not be newer than the database, so `ledger` goes before it too; evidence is on disk
    before its row commits, so it goes last.
    """
    _add_decisions(packer, settings.home)
    packer.add_folder(settings.home, "ledger")
    database, name = snapshot.take(settings, folder)
    packer.add_file(database, name)
    server = settings.database.engine == "postgresql"
    world.append(snapshot.world_on_server(settings) if server else snapshot.world_in(database))
    heads = snapshot.heads_on_server(settings) if server else snapshot.heads_in(database)
    for part in FOLDERS:
        if part != "ledger":
            packer.add_folder(settings.home, part)
    if settings.master_key is not None and "keys/master.key" not in packer.digests:
        packer.add_bytes(settings.master_key, "keys/master.key")
    if "keys/master.key" not in packer.digests:
        raise BackupRefused(f"The master key is missing from {settings.home / 'keys'}.")
    packer.add_file(settings.home / "pocketward.toml", "pocketward.toml")
    packer.close({
        "made_at": clock.true_now().isoformat(timespec="seconds"),
        "world": world[0],
        "engine": settings.database.engine,
        "ledgers": {head.key.name: head.size for head in heads},
    })  # fmt: skip


def _add_decisions(packer: Packer, home: Path) -> None:
    """What the gates wrote and no worker has taken yet.

    A file vanishes when it is taken, or renamed when full: then we look again, for its new name.
    """
    for _ in range(LOOKS):
        if packer.add_folder(home, DECISIONS):
            return
    raise BackupRefused("The gates' decision files change faster than they can be read.")


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BackupRefused(f"The file of recipients {path} cannot be read.") from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
