"""The chores' words, the warnings that are let pass, and the texts in two languages."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog

from bench import run as bench
from pocketward.web import build_locale
from tests.contracts.tree import ROOT
from tests.run import PARTS, folders

PROMISED = {"help", "run", "test", "check", "acceptance", "bench", "docs", "new"}


def said_by_help() -> dict[str, str]:
    """What `make help` prints: word -> meaning."""
    said = subprocess.run(
        ["make", "--no-print-directory", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True
    ).stdout
    return {line.split()[0]: line.partition(" ")[2].strip() for line in said.splitlines() if line.strip()}


def test_help_lists_every_chore_with_its_meaning() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony is not None
    said = said_by_help()
    assert set(said) == set(phony[1].split())
    assert set(said) >= PROMISED
    assert all(said.values())


def test_what_decides_whether_a_change_lands_is_make_test_and_nothing_more() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test"]


def test_warnings_are_errors_and_each_exception_says_why_and_for_which_version() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    filters = tomllib.loads(text)["tool"]["pytest"]["ini_options"]["filterwarnings"]
    assert filters[0] == "error"
    lines = text.splitlines()
    for exception in filters[1:]:
        assert exception.startswith("ignore:"), exception
        at = next(number for number, line in enumerate(lines) if exception[:40] in line)
        assert re.match(r"\s*# .*\d+\.\d+", lines[at - 1]), f"{exception}: reason and version are owed"


def test_pytest_knows_every_mark_and_every_setting() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    assert "--strict-markers" in options["addopts"]
    assert "--strict-config" in options["addopts"]


def test_types_are_checked_strictly_and_annotations_are_asked_for() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert tools["mypy"]["strict"] is True
    assert "ANN" in tools["ruff"]["lint"]["select"]
    ignored = {rule for rules in tools["ruff"]["lint"]["per-file-ignores"].values() for rule in rules}
    assert ignored <= {"S", "ANN401", "T20", "S104"}


# English texts that Spanish says in the same words.
SAME_IN_SPANISH = {
    frozenset(texts)
    for texts in (
        ("Opened", "Open"), ("Call back: %(number)s.", "Call back: %(number)s"), ("Code", "Passcode"),
        ("Job", "Set"), ("Sign in", "Join"), ("Set it up", "Set up"),
    )
}  # fmt: skip


@cache
def updated() -> Catalog:
    """The Spanish catalogue with every text that the pages have now; new ones are missing, never guessed."""
    found = build_locale.read_catalog()
    found.update(build_locale.extracted(), no_fuzzy_matching=True)
    return found


def test_no_staff_text_lacks_its_spanish_or_has_a_guess_for_it() -> None:
    assert build_locale.missing(updated()) == []


def test_the_catalogue_on_disk_is_what_the_pages_say() -> None:
    assert build_locale.drifted(build_locale.read_catalog(), updated()) == []


def test_no_two_english_texts_share_one_spanish_text_but_these() -> None:
    """A text taken over from another one by a guess says something else."""
    english: dict[str, set[str]] = {}
    for message in build_locale.read_catalog():
        for text, spanish in zip(forms(message.id), forms(message.string), strict=False):
            if spanish:
                english.setdefault(spanish, set()).add(text)
    shared = {frozenset(texts) for texts in english.values() if len(texts) > 1}
    assert shared <= SAME_IN_SPANISH


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The singular and the plural of a message, or its one text."""
    return (text,) if isinstance(text, str) else tuple(text)


@pytest.mark.parametrize("place", ["web/lost/", "web/refused/", "web/my_phone/", "web/sign_in/"])
def test_the_pages_that_staff_read_are_counted_as_theirs(place: str) -> None:
    assert place in build_locale.STAFF


def test_what_is_said_once_after_a_step_is_marked_for_translation() -> None:
    for file in (ROOT / "src/pocketward/web").rglob("*.py"):
        for call in calls_of(file, "leave_toast"):
            assert sentences(call.args[1]) == [], f"{file.name}:{call.lineno}"


@pytest.mark.parametrize("place", ["access/sign_in/entry", "access/sign_in/passkeys", "access/emergency"])
def test_what_staff_are_refused_with_is_marked_for_translation(place: str) -> None:
    file = ROOT / f"src/pocketward/{place}.py"
    refusals = [call for name in ("SignInRefused", "PasswordRefused", "EmergencyRefused", "_require")
                for call in calls_of(file, name)]  # fmt: skip
    assert refusals
    for call in refusals:
        assert [text for given in call.args for text in sentences(given)] == [], call.lineno


def calls_of(file: Path, name: str) -> list[ast.Call]:
    """The calls of a plain function or class of this name in the file."""
    tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return [
        node
        for node in tree
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def sentences(node: ast.expr) -> list[str]:
    """The texts of several words in an expression, those left out that are marked for translation."""
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    if is_call and node.func.id in ("_", "ngettext", "gettext_noop"):
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and re.search(r"\w \w|’s? ", node.value) else []
    inner = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    return [text for part in inner for text in sentences(part)]


def test_every_page_template_marks_its_words_for_translation() -> None:
    for template in (ROOT / "src/pocketward/web").rglob("templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        words = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|\{#.*?#\}", " ", text, flags=re.S)
        if re.search(r"[A-Za-z]{4}", words):
            assert "{% translate" in text or "{% blocktranslate" in text or "_(" in text, template


def test_all_parts_of_the_run_together_hold_every_test_file() -> None:
    parts = [folder for part in range(len(PARTS)) for folder in folders(part)]
    assert len(set(parts)) == len(parts)
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    assert files
    homeless = [file for file in files if f"tests/{file.relative_to(ROOT / 'tests').parts[0]}" not in parts]
    assert homeless == []


def test_a_benchmark_that_was_not_run_fails_and_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = dict.fromkeys(bench.COLUMNS, 1) | {"name": "quick", "ok": True}
    made = SimpleNamespace(run=lambda: [good])
    monkeypatch.setattr(bench.importlib, "import_module", lambda name: made)
    monkeypatch.setattr(bench, "MODULES", ("bench.quick", "bench.gate"))
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "var" / "bench.json")
    assert bench.main() == 0
    spent = iter((0.0, 1.0, bench.LONGEST_SECONDS + 1.0))
    monkeypatch.setattr(bench.time, "monotonic", lambda: next(spent))
    assert bench.main() == 1
    assert "No time left for bench.gate." in capsys.readouterr().out
    written = json.loads(bench.RESULTS.read_text(encoding="utf-8"))
    assert [(item["name"], item["ok"]) for item in written] == [("quick", True), ("gate", False)]
    assert all(set(item) == set(bench.COLUMNS) for item in written)


def test_what_is_marked_for_acceptance_is_in_the_part_whose_results_are_kept() -> None:
    marked = {
        f"tests/{file.relative_to(ROOT / 'tests').parts[0]}"
        for file in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"^@pytest\.mark\.acceptance\(", file.read_text(encoding="utf-8"), re.M)
    }
    assert marked == {"tests/journeys", "tests/browser"}
    assert marked <= set(folders(0))
