"""The same on PostgreSQL: the backup role dumps, the owner loads, a refused restore leaves nothing there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from pocketward.cli.archive import BackupRefused
from pocketward.cli.backup import backup
from pocketward.cli.restore import restore
from tests.cli.backed_up import SCRIPT, Clinic, in_home, make_clinic
from tests.factories.postgres import Cluster, Database


def settings(database: Database) -> str:
    """The same as lines of pocketward.toml."""
    return "\n".join(("people_url = 'http://localhost:8123'", *database.lines())) + "\n"


def in_practice(home: Path, *command: str, database: Database | None = None) -> str:
    """Run the small practice's script in a home, on the database of its settings or on this one."""
    named = {} if database is None else {"POCKETWARD_DATABASE__NAME": database.name}
    return in_home(home, str(SCRIPT), *command, **named)


@pytest.fixture
def clinic(postgres: Cluster, tmp_path: Path) -> Clinic:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "pocketward.toml").write_text(settings(postgres.copy()), encoding="utf-8")
    return make_clinic(home, tmp_path / "identity.txt")


def tables(database: Database) -> int:
    """How many tables stand in the database."""
    with closing(database.connect("owner")) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found is not None
    return int(found[0])


def test_a_backup_goes_on_in_another_folder_and_database(
    clinic: Clinic, postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, empty = tmp_path / "practice.age", postgres.set_up("pocketward_elsewhere")
    backup(clinic.home, [clinic.recipient], out)
    with pytest.raises(BackupRefused, match="not empty"):
        restore(out, clinic.identity, tmp_path / "new")
    monkeypatch.setenv("POCKETWARD_DATABASE__NAME", empty.name)
    done = restore(out, clinic.identity, tmp_path / "new")
    assert set(done.ledgers.values()) != {0}
    # Whoever starts it without that environment is in the new database, not in that of before.
    monkeypatch.delenv("POCKETWARD_DATABASE__NAME")
    assert f'name = "{empty.name}"' in (done.home / "pocketward.toml").read_text(encoding="utf-8")
    said = in_practice(done.home, "look", clinic.digest)
    assert said.split(" ", 1)[1].strip() == "Ben Sample,Dana Example"
    assert in_practice(done.home, "grow").strip() != "0"
    assert (
        in_practice(clinic.home, "look", clinic.digest).split(" ", 1)[1].strip() == "Ben Sample,Dana Example"
    )


def test_a_refused_restore_leaves_the_database_empty_so_that_it_can_be_tried_again(
    clinic: Clinic, postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, empty = tmp_path / "practice.age", postgres.set_up("pocketward_again")
    backup(clinic.home, [clinic.recipient], out)
    in_practice(clinic.home, "grow")
    newer = (clinic.home / "ledger" / clinic.practice_id / "last-checkpoint").read_bytes()
    monkeypatch.setenv("POCKETWARD_DATABASE__NAME", empty.name)
    with pytest.raises(BackupRefused, match="This backup has"):
        restore(out, clinic.identity, tmp_path / "new", newer)
    assert tables(empty) == 0
    assert not (tmp_path / "new").exists()
    done = restore(out, clinic.identity, tmp_path / "new", newer, accept_older=True)
    assert in_practice(done.home, "grow", database=empty).strip() == "0"
