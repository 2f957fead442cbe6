"""A restore on a machine that lacks something says what, and leaves nothing half done."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from pocketward.cli import snapshot
from pocketward.cli.archive import BackupRefused
from pocketward.cli.backup import backup
from pocketward.cli.restore import restore
from pocketward.config.setting_values import SettingsRefused
from pocketward.kernel.settings import DatabaseSettings, Settings
from tests.factories.databases import migrated_home
from tests.factories.postgres import clean_environment

SCRIPT = Path(__file__).with_name("small_practice.py")


@pytest.mark.django_db
def test_a_secret_that_is_not_on_this_machine_is_named_before_anything_is_put_in_place(
    tmp_path: Path,
) -> None:
    home, secret, key = migrated_home(tmp_path / "home"), tmp_path / "mail-password", tmp_path / "key.txt"
    secret.write_text("a secret of the mail server", encoding="ascii")
    (home / "pocketward.toml").write_text(
        f"people_url = 'http://localhost:8123'\n[mail]\nhost = 'mail.example'\npassword_file = '{secret}'\n"
    )
    environment = clean_environment() | {
        "POCKETWARD_HOME": str(home), "POCKETWARD_WORLD": "demo", "PYTHONPATH": os.pathsep.join(sys.path),
        "DJANGO_SETTINGS_MODULE": "pocketward.config.django_settings",
    }  # fmt: skip
    subprocess.run([sys.executable, "-W", "ignore", str(SCRIPT), "make"], env=environment, check=True)
    identity = pyrage.x25519.Identity.generate()
    key.write_text(f"{identity}\n")
    backup(home, [str(identity.to_public())], tmp_path / "practice.age")
    secret.unlink()
    with pytest.raises(SettingsRefused, match=f"mail.password_file names {secret}"):
        restore(tmp_path / "practice.age", key, tmp_path / "new" / "home")
    assert not (tmp_path / "new" / "home").exists()
    assert not list((tmp_path / "new").iterdir())
    secret.write_text("a secret of the mail server", encoding="ascii")
    assert restore(tmp_path / "practice.age", key, tmp_path / "new" / "home").ledgers


def test_a_database_server_that_is_not_there_is_a_sentence_and_so_is_a_password_that_is_not(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    database = DatabaseSettings(engine="postgresql", port=port)
    with pytest.raises(BackupRefused, match=f"127.0.0.1:{port} does not let us in"):
        snapshot.heads_on_server(Settings(home=tmp_path, world="demo", database=database))
    without = replace(database, password_folder=tmp_path)
    with pytest.raises(SettingsRefused, match="cannot be read"):
        snapshot.heads_on_server(Settings(home=tmp_path, world="demo", database=without))
