"""The kill switch lies where the service that it stops cannot lift it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pocketward.config.setting_values import SettingsRefused
from pocketward.config.settings import load_settings
from pocketward.config.unsafe_settings import refuse_unsafe
from pocketward.kernel.settings import Settings

NOBODY = 65534


def switch_at(path: object) -> Settings:
    """A real practice's settings with the switch there."""
    return Settings(
        home=Path("/srv/pocketward"),
        secret_key="s" * 50,
        proxy_secret="p" * 50,
        kill_switch_file=Path(str(path)),
    )


@contextmanager
def as_service() -> Iterator[None]:
    """This process as a user without rights, when it runs as root; as it is otherwise."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user of this machine can look into."""
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def refusal(settings: Settings) -> str:
    """What is said at start."""
    with pytest.raises(SettingsRefused) as error:
        refuse_unsafe(settings)
    return error.value.sentence


def test_inside_the_home_folder_it_stops_the_start_and_the_fix_is_said(tmp_path: Path) -> None:
    (tmp_path / "pocketward.toml").write_text(f'kill_switch_file = "{tmp_path / "deep" / "stop"}"')
    with pytest.raises(SettingsRefused) as error:
        load_settings(tmp_path, "real", {})
    assert "inside the home folder" in error.value.sentence
    assert "/etc/pocketward/stop" in error.value.sentence
    assert load_settings(tmp_path, "demo", {}).kill_switch_file is not None


def test_a_link_that_leads_into_the_home_folder_is_seen_through(tmp_path: Path) -> None:
    home, link = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    link.symlink_to(home)
    (home / "pocketward.toml").write_text(f'kill_switch_file = "{link / "stop"}"')
    with pytest.raises(SettingsRefused, match="inside the home folder"):
        load_settings(home, "real", {})


def test_a_path_that_depends_on_where_the_service_was_started_is_refused() -> None:
    assert "whole path" in refusal(switch_at("stop"))


def test_a_folder_that_the_service_can_write_is_refused_by_name(folder: Path) -> None:
    folder.chmod(0o777)
    with as_service():
        said = refusal(switch_at(folder / "stop"))
    assert str(folder) in said
    assert "chown root" in said


def test_a_folder_whose_own_folder_can_be_written_is_refused_too(folder: Path) -> None:
    (folder / "kept").mkdir(mode=0o755)
    folder.chmod(0o777)
    with as_service():
        assert str(folder) in refusal(switch_at(folder / "kept" / "stop"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to root")
def test_a_folder_of_roots_is_right_below_a_sticky_one_too(folder: Path) -> None:
    (folder / "kept").mkdir(mode=0o755)
    folder.chmod(0o1777)
    with as_service():
        refuse_unsafe(switch_at(folder / "kept" / "stop"))
        refuse_unsafe(switch_at("/etc/pocketward-not-there/stop"))
        assert str(folder) in refusal(switch_at(folder / "stop"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_the_services_own_is_refused_whatever_its_bits_say(folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o555)
    with as_service():
        assert str(folder) in refusal(switch_at(folder / "stop"))
