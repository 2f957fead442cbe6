"""A backup opens only for its recipients, holds all of a practice, and is never put over a newer one."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from pocketward.cli import snapshot
from pocketward.cli.archive import BackupRefused, Packer
from pocketward.cli.backup import backup
from pocketward.cli.restore import restore
from pocketward.gate.segments import SecurityEntry, SegmentWriter, pack_entries
from pocketward.kernel.settings import Settings
from tests.cli.backed_up import SCRIPT, Clinic, in_home, make_clinic
from tests.deploy.test_units import UNITS
from tests.factories.databases import migrated_home
from tests.factories.postgres import clean_environment

# The run's own database lends its schema to the homes made here.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def first_clinic(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Clinic:
    """Made once; the tests work on copies of its home."""
    base = tmp_path_factory.mktemp("clinic")
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        home = migrated_home(base / "home")
    (home / "pocketward.toml").write_text('people_url = "http://localhost:8123"\n')
    return make_clinic(home, base / "identity.txt")


@pytest.fixture
def clinic(first_clinic: Clinic, tmp_path: Path) -> Clinic:
    home = tmp_path / "clinic"
    shutil.copytree(first_clinic.home, home)
    return replace(first_clinic, home=home)


@pytest.fixture
def backup_file(clinic: Clinic, tmp_path: Path) -> Path:
    out = tmp_path / "practice.age"
    backup(clinic.home, [clinic.recipient], out)
    return out


def checkpoint(clinic: Clinic) -> bytes:
    return (clinic.home / "ledger" / clinic.practice_id / "last-checkpoint").read_bytes()


def rows(home: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "db" / "pocketward.sqlite3") as database:
        return database.execute(sql).fetchall()


def test_the_commands_write_restore_record_and_verify(clinic: Clinic, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "practice.age", tmp_path / "another" / "folder"
    elsewhere.parent.mkdir()
    script = "import sys; from pocketward.cli import {0}; import argparse; p = argparse.ArgumentParser(); " \
        "p.add_argument('--home', type=__import__('pathlib').Path); {0}.add_arguments(p); " \
        "sys.exit({0}.run(p.parse_args(sys.argv[1:])))"  # fmt: skip
    said = in_home(
        clinic.home, "-c", script.format("backup"), "--home", str(clinic.home), str(out), "--recipient",
        clinic.recipient,
    )  # fmt: skip
    assert "opens only with the private key" in said
    said = in_home(
        tmp_path, "-c", script.format("restore"), "--home", str(elsewhere), str(out), "--identity",
        str(clinic.identity),
    )  # fmt: skip
    assert "are as sealed" in said
    assert in_home(elsewhere, str(SCRIPT), "look", clinic.digest) == "1 Ben Sample,Dana Example\n"
    kinds = [row[0] for row in rows(elsewhere, "SELECT kind FROM spine_event ORDER BY seq")]
    assert kinds[-1] == "ledger.backup_restored"
    made = [row[0] for row in rows(clinic.home, "SELECT kind FROM spine_event ORDER BY seq")]
    assert made[-1] == "ledger.backup_made"


def test_every_file_comes_back_as_it_was(clinic: Clinic, backup_file: Path, tmp_path: Path) -> None:
    done = restore(backup_file, clinic.identity, tmp_path / "new")
    for folder in ("keys", "evidence", "ledger"):
        paths = [path for path in (clinic.home / folder).rglob("*") if path.is_file()]
        before = {path.relative_to(clinic.home): path.read_bytes() for path in paths}
        assert before
        for path, data in before.items():
            assert (done.home / path).read_bytes() == data
    assert (done.home / "pocketward.toml").read_text() == 'people_url = "http://localhost:8123"\n'
    assert done.world == "demo"
    assert list(done.ledgers.values()) == [len(rows(clinic.home, "SELECT 1 FROM ledger_sealedentry"))]
    assert (done.home / "keys" / "master.key").stat().st_mode & 0o777 == 0o600
    assert (done.home / "keys").stat().st_mode & 0o777 == 0o700


def test_nothing_in_the_backup_can_be_read_without_the_key(clinic: Clinic, backup_file: Path) -> None:
    data = backup_file.read_bytes()
    assert data.startswith(b"age-encryption.org/v1\n")
    assert (clinic.home / "keys" / "master.key").read_bytes() not in data
    assert b"Dana" not in data and b"SQLite format" not in data
    assert backup_file.stat().st_mode & 0o777 == 0o600
    assert not list((clinic.home / "run").glob("backup-*"))


def test_another_identity_opens_nothing_and_leaves_nothing(backup_file: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.txt"
    stranger.write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(BackupRefused, match="does not open"):
        restore(backup_file, stranger, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".new*"))


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "not age"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(
    clinic: Clinic, backup_file: Path, tmp_path: Path, damage: str
) -> None:
    data = bytearray(backup_file.read_bytes())
    data[len(data) // 2] ^= 1
    whole = backup_file.read_bytes()
    backup_file.write_bytes(
        {"cut": whole[:-100], "flip": bytes(data), "empty": b"", "not age": b"hello"}[damage]
    )
    with pytest.raises(BackupRefused):
        restore(backup_file, clinic.identity, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".new*"))


def test_a_backup_that_is_not_there_is_said_to_be_not_there(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="There is no file"):
        restore(tmp_path / "practise.age", clinic.identity, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_home_that_is_not_empty_is_left_alone(clinic: Clinic, backup_file: Path) -> None:
    with pytest.raises(BackupRefused, match="not empty"):
        restore(backup_file, clinic.identity, clinic.home)


def test_a_backup_needs_a_reader_and_never_overwrites(
    clinic: Clinic, backup_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(BackupRefused, match="Nobody"):
        backup(clinic.home, [], tmp_path / "x.age")
    with pytest.raises(BackupRefused, match="not a recipient"):
        backup(clinic.home, ["age1nonsense"], tmp_path / "x.age")
    with pytest.raises(BackupRefused, match="exists already"):
        backup(clinic.home, [clinic.recipient], backup_file)
    with pytest.raises(BackupRefused, match="no database"):
        backup(tmp_path / "nowhere", [clinic.recipient], tmp_path / "x.age")
    assert not (tmp_path / "x.age").exists() and not list(tmp_path.glob(".x.age*"))


def test_a_home_without_its_master_key_is_not_backed_up(clinic: Clinic, tmp_path: Path) -> None:
    (clinic.home / "keys" / "master.key").unlink()
    with pytest.raises(BackupRefused, match="master key"):
        backup(clinic.home, [clinic.recipient], tmp_path / "x.age")
    assert not (tmp_path / "x.age").exists()


def test_a_backup_older_than_a_given_checkpoint_is_refused(
    clinic: Clinic, backup_file: Path, tmp_path: Path
) -> None:
    assert restore(backup_file, clinic.identity, tmp_path / "same", checkpoint(clinic)).ledgers
    assert in_home(clinic.home, str(SCRIPT), "grow").strip() != "0"
    newer = checkpoint(clinic)
    with pytest.raises(BackupRefused, match="This backup has"):
        restore(backup_file, clinic.identity, tmp_path / "new", newer)
    assert not (tmp_path / "new").exists()


def test_an_older_backup_that_is_accepted_seals_nothing_more(
    clinic: Clinic, backup_file: Path, tmp_path: Path
) -> None:
    in_home(clinic.home, str(SCRIPT), "grow")
    done = restore(backup_file, clinic.identity, tmp_path / "new", checkpoint(clinic), accept_older=True)
    before = rows(done.home, "SELECT count(*) FROM ledger_sealedentry")
    assert in_home(done.home, str(SCRIPT), "grow").strip() == "0"
    assert rows(done.home, "SELECT count(*) FROM ledger_sealedentry") == before
    tasks = rows(done.home, "SELECT sentence FROM spine_operatortask WHERE closed_at IS NULL")
    assert any("not sealed" in str(row[0]) for row in tasks)


def test_a_checkpoint_of_another_history_or_installation_is_refused(
    clinic: Clinic, backup_file: Path, tmp_path: Path
) -> None:
    in_home(clinic.home, str(SCRIPT), "grow")
    other = checkpoint(clinic)
    fork = tmp_path / "fork"
    restore(backup_file, clinic.identity, fork)
    in_home(fork, str(SCRIPT), "grow")
    forked = tmp_path / "forked.age"
    backup(fork, [clinic.recipient], forked)
    with pytest.raises(BackupRefused, match="another history"):
        restore(forked, clinic.identity, tmp_path / "new", other)
    with pytest.raises(BackupRefused, match="none of the ledgers"):
        restore(forked, clinic.identity, tmp_path / "new", b"not a note")


def test_the_database_is_copied_whole_while_somebody_writes(clinic: Clinic, tmp_path: Path) -> None:
    live = sqlite3.connect(clinic.home / "db" / "pocketward.sqlite3")
    live.execute("PRAGMA journal_mode=WAL")
    live.execute("BEGIN IMMEDIATE")
    live.execute("DELETE FROM ledger_checkpoint")
    out = tmp_path / "busy.age"
    backup(clinic.home, [clinic.recipient], out)
    live.rollback()
    live.close()
    done = restore(out, clinic.identity, tmp_path / "new")
    assert rows(done.home, "SELECT count(*) FROM ledger_checkpoint") != [(0,)]


def write_decisions(home: Path, number: int, *, is_open: bool = False) -> Path:
    """A file of a gate with one security event in it, as a gate that runs, or was killed, leaves it."""
    writer = SegmentWriter(home / "db" / "decisions", "gate", number)
    entry = SecurityEntry(str(uuid.uuid4()), "header_untrusted", int(time.time() * 1000))
    writer.append(pack_entries([entry]))
    writer.finish()
    (path,) = (home / "db" / "decisions").glob(f"gate-*{number}.done")
    return path.rename(path.with_suffix(".open")) if is_open else path


def test_the_last_decisions_of_a_killed_server_come_along_and_count_once(
    clinic: Clinic, tmp_path: Path
) -> None:
    write_decisions(clinic.home, 1)
    taken = clinic.home / "taken"
    shutil.copytree(clinic.home / "db" / "decisions", taken)
    assert in_home(clinic.home, str(SCRIPT), "drain") == "1 1\n"
    # Taken into the database and still a file, as when a server is killed between the two; and two more.
    shutil.copytree(taken, clinic.home / "db" / "decisions", dirs_exist_ok=True)
    write_decisions(clinic.home, 2)
    write_decisions(clinic.home, 3, is_open=True)
    backup(clinic.home, [clinic.recipient], tmp_path / "practice.age")
    done = restore(tmp_path / "practice.age", clinic.identity, tmp_path / "new")
    assert in_home(done.home, str(SCRIPT), "drain") == "3 3\n"
    assert not list((done.home / "db" / "decisions").iterdir())


def test_a_decision_that_is_taken_or_renamed_during_the_backup_is_in_it(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_decisions(clinic.home, 1)
    full = write_decisions(clinic.home, 2, is_open=True)
    add, take, seen = Packer.add_file, snapshot.take, []

    def renamed_meanwhile(packer: Packer, path: Path, name: str) -> bool:
        if path == full and not seen:
            seen.append(full.rename(full.with_suffix(".done")))
        return add(packer, path, name)

    def taken_meanwhile(settings: Settings, folder: Path) -> tuple[Path, str]:
        for path in (clinic.home / "db" / "decisions").iterdir():
            path.unlink()
        return take(settings, folder)

    monkeypatch.setattr(Packer, "add_file", renamed_meanwhile)
    monkeypatch.setattr(snapshot, "take", taken_meanwhile)
    backup(clinic.home, [clinic.recipient], tmp_path / "practice.age")
    assert seen
    done = restore(tmp_path / "practice.age", clinic.identity, tmp_path / "new")
    assert in_home(done.home, str(SCRIPT), "drain") == "2 2\n"


def of_unit(name: str, replaced: dict[str, str]) -> list[str]:
    """A command of the nightly unit as systemd would start it, with other places."""
    lines = (UNITS / "pocketward-backup.service").read_text(encoding="utf-8").splitlines()
    (command,) = [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]
    for place, other in replaced.items():
        command = command.replace(place, other)
    return [word.replace("$$", "$").replace("%%", "%") for word in shlex.split(command)]


def test_what_the_nightly_unit_starts_makes_a_backup_that_opens_and_drops_those_of_last_month(
    clinic: Clinic, tmp_path: Path
) -> None:
    kept, readers, program = tmp_path / "kept", tmp_path / "readers", tmp_path / "pocketward"
    kept.mkdir()
    readers.write_text(f"# the practice's own key\n{clinic.recipient}\n")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W ignore -m pocketward.cli.main "$@"\n')
    program.chmod(0o700)
    for days in (34, 37):
        (kept / f"{days}.age").touch()
        then = time.time() - days * 86_400
        os.utime(kept / f"{days}.age", (then, then))
    places = {
        "/opt/pocketward/.venv/bin/pocketward": str(program), "/var/backups/pocketward": str(kept),
        "/etc/pocketward/backup-recipients": str(readers), "/var/lib/pocketward": str(clinic.home),
    }  # fmt: skip
    environment = clean_environment() | {"PYTHONPATH": os.pathsep.join(sys.path)}
    for name in ("ExecStart", "ExecStartPost"):
        subprocess.run(of_unit(name, places), env=environment, check=True, timeout=120)
    (made,) = [path for path in kept.iterdir() if path.name != "34.age"]
    assert (kept / "34.age").exists()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{6}\.age", made.name)
    assert restore(made, clinic.identity, tmp_path / "new").world == "demo"
