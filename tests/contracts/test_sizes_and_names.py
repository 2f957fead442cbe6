"""No file and no function grows past reading; no name promises nothing."""

from __future__ import annotations

import statistics

from tests.contracts.tree import PRODUCT, functions, name_of, parsed, python_files, tracked_files

LONGEST_FILE, LONGEST_FUNCTION, MEDIAN_FUNCTION = 400, 50, 10
CODE = ("src", "lab", "bench")
# Names that mean "everything". `core`, `data` and the like are refused as names of files and folders only.
EMPTY_NAMES = {
    "utils", "util", "utilities", "helpers", "helper", "common", "core", "manager", "managers", "service",
    "services", "misc", "processor", "stuff",
}  # fmt: skip


def lines_of(node: object) -> int:
    """How many lines a function takes, decorators left out."""
    return node.end_lineno - node.lineno + 1  # type: ignore[attr-defined,no-any-return]


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        name_of(path): count
        for path in python_files(*CODE, "tests", "requirements")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = {
        f"{name_of(path)}:{node.name}": lines_of(node)
        for path in python_files(*CODE)
        for node in functions(path)
        if lines_of(node) > LONGEST_FUNCTION
    }
    assert long == {}


def test_half_of_all_functions_have_at_most_10_lines() -> None:
    sizes = [lines_of(node) for path in python_files("src") for node in functions(path)]
    assert statistics.median(sizes) <= MEDIAN_FUNCTION


def test_no_file_or_folder_has_a_name_that_promises_nothing() -> None:
    bad = {
        name_of(path)
        for path in tracked_files()
        for part in path.relative_to(PRODUCT.parents[1]).parts
        if part.partition(".")[0].lower().strip("_") in EMPTY_NAMES
    }
    assert bad == set()


def test_every_module_says_what_it_is_for() -> None:
    import ast

    silent = [
        name_of(path)
        for path in python_files("src", "lab")
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(parsed(path))
    ]
    assert silent == []


def test_every_test_is_named_by_a_sentence() -> None:
    short = [
        f"{name_of(path)}:{node.name}"
        for path in python_files("tests")
        for node in functions(path)
        if node.name.startswith("test_") and len(node.name.split("_")) < 4
    ]
    assert short == []
