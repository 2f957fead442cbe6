"""Catalogue folders: one file an entry, found by being there, refused at the start when broken."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pocketward.fleet.apple import catalogue as apple
from pocketward.fleet.apple.command_record import AppleCommand
from pocketward.kernel.catalogue import CatalogueError, load_catalogue
from pocketward.posture.fixit import LANGUAGES, fixits
from tests.contracts.catalogues import CATALOGUES, Catalogue
from tests.contracts.tree import PRODUCT, ROOT, imported, name_of, python_files


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda one: one.kind)
def test_each_file_holds_one_frozen_entry_under_its_own_name(catalogue: Catalogue) -> None:
    names = catalogue.names()
    assert len(names) >= 5
    for name in names:
        entry = importlib.import_module(f"{catalogue.package}.{name}").ENTRY
        assert type(entry).__name__ == catalogue.record
        assert entry.__dataclass_params__.frozen
        assert getattr(entry, "id", name) == name


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda one: one.kind)
def test_each_entry_is_exercised_by_a_test_that_names_it(catalogue: Catalogue) -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in python_files("tests") if path.name.startswith("test_")
    ]
    for name in catalogue.names():
        entry = importlib.import_module(f"{catalogue.package}.{name}").ENTRY
        words = {name, getattr(entry, "request_type", name)}
        assert any(word in text for word in words for text in texts), f"no test names {name}"


def test_the_gate_loads_no_catalogue() -> None:
    for path in python_files("src/pocketward/gate"):
        assert not any("kernel.catalogue" in name for name in imported(path)), name_of(path)


def test_two_commands_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = next(iter(load_catalogue("pocketward.fleet.apple.commands", AppleCommand).values()))
    monkeypatch.setattr(apple, "load_catalogue", lambda package, record: {"a": one, "b": one})
    with pytest.raises(CatalogueError, match=one.request_type):
        apple.apple_commands.__wrapped__()


@dataclass(frozen=True)
class Entry:
    """An entry of the catalogues that these tests make."""

    id: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty catalogue that can be imported under its folder's name."""
    made = tmp_path / f"catalogue_{tmp_path.name.replace('-', '_')}"
    made.mkdir()
    (made / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield made
    for name in [name for name in sys.modules if name.partition(".")[0] == made.name]:
        del sys.modules[name]


def put(folder: Path, file: str, body: str) -> None:
    """One file of a catalogue."""
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "from tests.contracts.test_catalogues import Entry\n" + textwrap.dedent(body), encoding="utf-8"
    )


def test_entries_are_found_by_being_there_in_name_order(folder: Path) -> None:
    put(folder, "second.py", "ENTRY = Entry('second')")
    put(folder, "first/__init__.py", "ENTRY = Entry('first')")
    put(folder, "_shared.py", "raise RuntimeError('never imported')")
    assert list(load_catalogue(folder.name, Entry)) == ["first", "second"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("THING = Entry('one')", "no ENTRY"),
        ("ENTRY = 'one'", "no ENTRY of type Entry"),
        ("ENTRY = Entry('two')", "the file's name"),
    ],
)
def test_what_is_no_entry_is_refused(folder: Path, body: str, fault: str) -> None:
    put(folder, "one.py", body)
    with pytest.raises(CatalogueError, match=fault):
        load_catalogue(folder.name, Entry)


def test_a_file_and_a_folder_of_one_name_are_refused(folder: Path) -> None:
    put(folder, "one.py", "ENTRY = Entry('one')")
    put(folder, "one/__init__.py", "ENTRY = Entry('one')")
    with pytest.raises(CatalogueError, match="as a file and as a folder"):
        load_catalogue(folder.name, Entry)


def test_every_check_says_how_to_fix_it_in_every_language() -> None:
    catalogue = next(one for one in CATALOGUES if one.kind == "posture-check")
    for name in catalogue.names():
        texts = {language: fixits(check=name, language=language) for language in LANGUAGES}
        assert len({frozenset(one) for one in texts.values()}) == 1, name
        for language, by_code in texts.items():
            assert by_code, (name, language)
            assert all(text.steps and text.title for text in by_code.values()), (name, language)


def test_facts_that_were_generated_are_data_and_not_code() -> None:
    assert list((PRODUCT / "protocols/apple_mdm/facts").glob("*.json"))
    assert list((PRODUCT / "posture/feeds").glob("*.json"))


def test_the_reference_is_what_the_generator_makes() -> None:
    from pocketward.cli.reference import PAGES

    folder = ROOT / "docs" / "reference"
    assert {path.name for path in folder.glob("*.md")} >= set(PAGES)
    for name, make in PAGES.items():
        assert (folder / name).read_text(encoding="utf-8") == make(), f"{name}: say make docs"


def test_the_reference_leaves_no_cell_empty_where_words_are_due() -> None:
    from pocketward.cli.reference import command_line

    assert "|  |" not in command_line()
