"""The product's wheel, built and opened: whole by itself, and nothing of the lab or the tests in it."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir")


def built(folder: Path, source: Path) -> Path:
    """The wheel of one distribution, built here from what is here."""
    done = subprocess.run(
        [sys.executable, *BUILD, "--disable-pip-version-check", "--wheel-dir", str(folder), str(source)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The product's wheel."""
    return zipfile.ZipFile(built(tmp_path_factory.mktemp("wheel"), ROOT))


def test_the_wheel_holds_the_product_and_nothing_beside_it(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"pocketward", "pocketward-0.1.0.dist-info"}


def test_no_code_of_the_lab_is_in_it_and_none_is_imported(wheel: zipfile.ZipFile) -> None:
    assert not [name for name in wheel.namelist() if "devicelab" in name or "/lab/" in name]
    for name in wheel.namelist():
        if name.endswith(".py"):
            text = wheel.read(name).decode()
            assert "import devicelab" not in text, name
            assert "from devicelab" not in text, name


def test_pages_and_mails_need_nothing_built_on_the_server(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    built_files = [name for name in names if name.startswith("pocketward/web/static/built/")]
    assert any(name.endswith(".css") for name in built_files)
    assert any(name.endswith(".js") for name in built_files)
    assert "pocketward/locale/es/LC_MESSAGES/django.mo" in names
    for kind in (".html", ".toml", ".yaml", ".json", ".typ", ".svg"):
        assert any(name.endswith(kind) for name in names), kind


def test_every_file_of_the_source_tree_is_in_it(wheel: zipfile.ZipFile) -> None:
    source = ROOT / "src"
    ours = {
        path.relative_to(source).as_posix()
        for path in (source / "pocketward").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".mo", ".map")
    }
    assert ours - set(wheel.namelist()) == set()


def test_it_asks_for_what_runs_it_and_not_for_what_the_lab_or_the_tests_need(wheel: zipfile.ZipFile) -> None:
    told = wheel.read("pocketward-0.1.0.dist-info/METADATA").decode().splitlines()
    asked = {
        found[1].lower() for line in told if (found := re.match(r"Requires-Dist: ([A-Za-z0-9._-]+)", line))
    }
    assert {"django", "cryptography", "uvicorn"} <= asked
    assert asked.isdisjoint({"aiosmtpd", "h2", "pytest", "playwright", "hypothesis", "pocketward-devicelab"})
    licenses = [name for name in wheel.namelist() if name.endswith(("/LICENSE", "/NOTICE"))]
    assert len(licenses) == 2


def test_the_lab_is_a_wheel_of_its_own(tmp_path: Path) -> None:
    lab = zipfile.ZipFile(built(tmp_path, ROOT / "lab"))
    assert {name.split("/")[0].partition("-")[0] for name in lab.namelist()} == {
        "devicelab",
        "pocketward_devicelab",
    }
