"""What the repository holds is ours, names no machine and no registry, and promises nothing of the law."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.contracts.tree import ROOT, name_of, text_of, tracked_files

# Written here in pieces, so that this file does not hold what it refuses.
HOSTS = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "npm" + "js.org",
    "github" + "usercontent",
)
OPTIONS = (
    "--index" + "-url",
    "--extra-" + "index",
    "--find" + "-links",
    "--trusted" + "-host",
    "PIP_" + "INDEX",
)
MACHINE = re.compile(r"(?<![\w.*/-])/(?:work|root|Users|home/[a-z][a-z0-9_-]*)/(?!<)")
PROMISES = re.compile(r"HIPAA[\s-]+(?:compliant|certified)|\bcertified\b|\bguarante", re.IGNORECASE)
# A word inside an identifier or a test of the rule itself is no promise.
MAY_NAME_PROMISES = {
    "tests/web/test_templates.py",
    "tests/contracts/test_tracked_files.py",
    "docs/acceptance.md",
}
SHIPPED = ("src/", "lab/", "docs/", "deploy/", "README.md", "CHANGELOG.md", "NOTICE", "pyproject.toml")
KINDS = {
    "", ".py", ".md", ".html", ".toml", ".json", ".yaml", ".txt", ".in", ".po", ".css", ".js", ".svg", ".typ",
    ".png", ".sql", ".conf", ".service", ".target", ".timer", ".path", ".sh", ".template",
}  # fmt: skip
# Read by people and machines at every clone; a picture or a facts file is the largest there should be.
LARGEST = 1_500_000


def texts() -> list[tuple[str, str]]:
    """(name, text) of every tracked text file."""
    return [(name_of(path), text) for path in tracked_files() if (text := text_of(path)) is not None]


def test_no_file_names_a_registry_or_tells_an_installer_where_to_look() -> None:
    wrong = [(name, word) for name, text in texts() for word in (*HOSTS, *OPTIONS) if word in text]
    assert wrong == []


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    wrong = [(name, found[0]) for name, text in texts() if (found := MACHINE.search(text))]
    assert wrong == []


def test_no_shipped_text_promises_what_software_cannot() -> None:
    wrong = [
        (name, found[0])
        for name, text in texts()
        if name.startswith(SHIPPED) and name not in MAY_NAME_PROMISES and (found := PROMISES.search(text))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["It is HIPAA compliant.", "HIPAA-compliant", "certified by us", "We guarantee it"]
)
def test_the_promises_that_are_refused_are_found(text: str) -> None:
    assert PROMISES.search(text)


@pytest.mark.parametrize("name", ["build", "run", "test"])
def test_every_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(
        r"\n(?=[a-z0-9])", "\n".join(line for line in lock.splitlines() if not line.lstrip().startswith("#"))
    )
    assert len(entries) > 1
    for entry in entries:
        if entry.strip():
            assert re.match(r"[a-z0-9._\[\]-]+==[^ ;]+", entry.strip()), entry[:60]
            assert "--hash=sha256:" in entry, entry[:60]
    assert "://" not in lock


@pytest.mark.parametrize("name", ["build", "run", "test"])
def test_what_is_asked_for_is_locked(name: str) -> None:
    folder = ROOT / "requirements"
    locked = re.findall(r"^([a-z0-9-]+)(?:\[.*?\])?==", (folder / f"{name}.txt").read_text("utf-8"), re.M)
    asked = re.findall(r"^([A-Za-z0-9._-]+)", (folder / f"{name}.in").read_text("utf-8"), re.M)
    plain = {re.sub(r"[._]", "-", one.lower()) for one in asked if not one.startswith("-")}
    assert plain <= set(locked)


def test_the_lock_of_the_pages_files_holds_hashes_and_no_address_to_fetch_from() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_no_other_lock_file_is_kept() -> None:
    names = {path.name for path in tracked_files()}
    assert names.isdisjoint({"uv.lock", "poetry.lock", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml"})


def test_every_file_is_of_a_kind_that_we_write_and_small() -> None:
    strange = [name_of(path) for path in tracked_files() if path.suffix not in KINDS]
    assert strange == []
    assert [name_of(path) for path in tracked_files() if path.stat().st_size > LARGEST] == []


def test_nothing_that_others_built_lies_among_ours() -> None:
    built = re.compile(
        r"(^|/)(node_modules|dist|\.venv|var|__pycache__|built|vendor|third_party)/|\.min\.(js|css)$"
    )
    assert [name_of(path) for path in tracked_files() if built.search(name_of(path))] == []
    private = [
        name for name, text in texts() if "PRIVATE KEY-----\n" in text and name.startswith(("src/", "lab/"))
    ]
    assert private == []


def test_the_license_and_its_notice_are_there_and_named_by_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    for name in project["license-files"]:
        assert (ROOT / name).read_text(encoding="utf-8").strip()
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_links_between_the_documents_lead_somewhere() -> None:
    broken = []
    for path in tracked_files():
        if path.suffix == ".md":
            for target in re.findall(
                r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8")
            ):
                if not (path.parent / target).exists():
                    broken.append(f"{name_of(path)}: {target}")
    assert broken == []


def test_decisions_are_numbered_once_and_say_their_number() -> None:
    found: dict[str, Path] = {}
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        number = path.name[:4]
        assert number.isdigit(), path.name
        assert number not in found, f"{path.name} and {found[number].name}"
        found[number] = path
        assert path.read_text(encoding="utf-8").startswith(f"# {int(number)}. "), path.name


def test_the_linters_contracts_can_be_read_at_all() -> None:
    parser = configparser.ConfigParser()
    assert parser.read(ROOT / ".importlinter")
