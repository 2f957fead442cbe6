"""Acceptance marks stand where they may, name what there is, and the printed table says it in its words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests import acceptance, acceptance_marks
from tests.contracts.tree import ROOT, Function, dotted, functions, imported, name_of, python_files

PLACES = ("tests/journeys/", "tests/browser/")
# This file, and those that make and read the marks, write the word without marking anything.
TELLERS = {"tests/contracts/test_acceptance.py", "tests/acceptance_marks.py", "tests/acceptance.py"}


@dataclass(frozen=True)
class Mark:
    """One mark on one test."""

    path: Path
    test: Function
    row: str
    part: str | None


def marks() -> Iterator[Mark]:
    """Every acceptance mark below tests/."""
    for path in python_files("tests"):
        for test in functions(path):
            for node in test.decorator_list:
                if isinstance(node, ast.Call) and dotted(node.func) == "pytest.mark.acceptance":
                    row = ast.literal_eval(node.args[0])
                    parts = [ast.literal_eval(word.value) for word in node.keywords if word.arg == "part"]
                    yield Mark(path, test, row, parts[0] if parts else None)


MARKS = tuple(marks())


def test_marks_stand_in_journeys_and_browser_walks_alone() -> None:
    mentioned = [
        name_of(path)
        for path in python_files("tests")
        if "mark.acceptance" in path.read_text(encoding="utf-8") and name_of(path) not in TELLERS
    ]
    assert [name for name in mentioned if not name.startswith(PLACES)] == []
    assert len(MARKS) > 30


def test_a_mark_names_a_row_of_the_table_and_one_of_its_parts() -> None:
    rows = acceptance.table()
    for mark in MARKS:
        where = f"{name_of(mark.path)}:{mark.test.name}"
        assert mark.row in rows, where
        parts = rows[mark.row]
        assert (mark.part in parts) if parts else mark.part is None, f"{where}: {mark.row} has {parts}"


def test_marked_files_know_the_product_by_its_wire_alone() -> None:
    for path in {mark.path for mark in MARKS}:
        inside = {
            name
            for name in imported(path)
            if name.startswith("pocketward.")
            and not name.startswith(("pocketward.protocols", "pocketward.kernel"))
        }
        assert inside == set(), name_of(path)
        assert not any(name.startswith("django") for name in imported(path)), name_of(path)


def test_marked_files_never_read_what_is_beside_the_project() -> None:
    for path in {mark.path for mark in MARKS}:
        text = path.read_text(encoding="utf-8")
        assert "../shared" not in text, name_of(path)
        assert not re.search(r"""["']shared["'/]|reference/apple""", text), name_of(path)


@cache
def sources(path: Path) -> dict[str, str]:
    """The text of each function of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in functions(path)}


def words_of(mark: Mark) -> str:
    """The source of a marked test and of the functions of its own file that it calls."""
    own = sources(mark.path)
    names = {node.id for node in ast.walk(mark.test) if isinstance(node, ast.Name)}
    return own[mark.test.name] + "".join(text for name, text in own.items() if name in names)


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: f"{mark.row}-{mark.test.name}")
def test_a_marked_test_looks_at_the_ledger_entry_it_caused(mark: Mark) -> None:
    assert re.search(r"sealed|ledger", words_of(mark))


def test_marked_tests_are_never_skipped_on_purpose() -> None:
    for mark in MARKS:
        assert not re.search(r"pytest\.(skip|xfail|importorskip)|mark\.(skip|xfail)", words_of(mark)), mark


def test_the_tables_copy_beside_the_project_is_the_projects_own() -> None:
    beside = ROOT.parent / "shared" / "acceptance.md"
    if beside.exists():
        assert (ROOT / "docs" / "acceptance.md").read_bytes() == beside.read_bytes()
    rows = acceptance.table()
    assert list(rows) == [f"S{number}" for number in range(1, 208)]


@pytest.mark.parametrize(
    ("parts", "outcomes", "line"),
    [
        ((), {}, "S17 open"),
        ((), {"": ["passed"] * 3}, "S17 met 3"),
        ((), {"": ["passed", "skipped"]}, "S17 open"),
        ((), {"": ["passed", "not run"]}, "S17 open"),
        (("proxy", "radius"), {"proxy": ["passed"]}, "S17 part 1/2 proxy"),
        (("a", "b", "c"), {"a": ["passed"], "b": ["failed"], "c": ["passed"]}, "S17 part 2/3 a, c"),
        (("a", "b"), {"a": ["passed"], "b": ["passed", "passed"]}, "S17 met 3"),
    ],
)
def test_a_line_of_the_table_says_met_part_or_open(
    parts: tuple[str, ...], outcomes: dict[str, list[str]], line: str
) -> None:
    assert acceptance.line_of("S17", parts, outcomes) == line


def test_the_table_ends_with_how_many_rows_are_met(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {"tree": acceptance_marks.tree_digest(), "rows": {"S42": {"": ["passed"]}}}
    (tmp_path / "acceptance.json").write_text(json.dumps(kept), encoding="utf-8")
    monkeypatch.setattr(acceptance, "RESULTS", tmp_path / "acceptance.json")
    assert acceptance.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 208
    assert "S42 met 1" in lines
    assert lines[-1] == "1 of 207 met"
    assert all(re.fullmatch(r"S\d+ (open|met \d+|part \d+/\d+ [a-z0-9, -]+)", line) for line in lines[:-1])


def test_results_of_another_tree_count_as_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = {"tree": "0" * 64, "rows": {"S42": {"": ["passed"]}}}
    (tmp_path / "acceptance.json").write_text(json.dumps(stale), encoding="utf-8")
    monkeypatch.setattr(acceptance, "RESULTS", tmp_path / "acceptance.json")
    asked: list[list[str]] = []
    monkeypatch.setattr(acceptance.pytest, "main", lambda arguments, plugins: asked.append(arguments))
    assert acceptance.results() == {}
    assert asked == [["-q", "tests/journeys", "tests/browser"]]
