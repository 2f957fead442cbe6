"""Ways around the walls that no file may take, whatever it means to do."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.tree import PRODUCT, called, dotted, imported, mentioned, name_of, nodes, python_files


def outside(*packages: str) -> list[Path]:
    """The product's files outside these packages."""
    return [path for path in python_files("src") if path.relative_to(PRODUCT).parts[0] not in packages]


def offenders(
    paths: list[Path], found: Callable[[Path], frozenset[str]], wrong: Callable[[str], bool]
) -> set[str]:
    """`file: name` for each name that is wrong."""
    return {f"{name_of(path)}: {name}" for path in paths for name in found(path) if wrong(name)}


def test_nothing_listens_to_or_sends_django_signals() -> None:
    ways = (
        "django.dispatch",
        "django.db.models.signals",
        "django.core.signals",
        "django.contrib.auth.signals",
    )
    assert offenders(outside(), imported, lambda name: name.startswith(ways) or ".signals." in name) == set()


def test_models_are_not_fetched_by_name_outside_the_spine() -> None:
    assert offenders(outside("spine"), mentioned, lambda name: name.endswith(".get_model")) == set()
    assert offenders(outside("spine"), imported, lambda name: name == "django.apps.apps") == set()


@pytest.mark.parametrize(
    "ending",
    ["raw", "using", "extra", "_raw_delete", "models.Manager", "models.QuerySet", "Manager.from_queryset"],
)
def test_no_query_goes_around_the_scoped_manager(ending: str) -> None:
    assert offenders(outside("spine"), called, lambda name: name.endswith(f".{ending}")) == set()
    ways = ("._base_manager", "._default_manager", "models.Manager")
    assert offenders(outside("spine"), mentioned, lambda name: name.endswith(ways)) == set()


def test_only_the_spine_and_the_doctor_write_sql() -> None:
    # The doctor asks SQLite for its own checksum, which is about pages and not about rows.
    allowed = {"src/pocketward/cli/inside.py: connection.cursor"}
    assert offenders(outside("spine"), called, lambda name: name.endswith(".cursor")) == allowed
    wrong = (".RawSQL", ".RunSQL", ".RunPython")
    assert offenders(outside("spine"), imported, lambda name: name.endswith(wrong)) == set()


# Who opens a database without Django, and why.
DRIVER_FILES = {
    "src/pocketward/cli/snapshot.py": "a backup is a copy of the whole file, or a dump under the backup role",
    "src/pocketward/config/snapshot_readers.py": "the gate has no Django",
    "src/pocketward/config/gate_process.py": "the gate has no Django",
    "src/pocketward/spine/unit.py": "the name of one error",
    "src/pocketward/spine/backends/postgresql/base.py": "the backend itself",
}


def test_database_drivers_are_used_only_where_there_is_a_reason() -> None:
    found = offenders(outside(), imported, lambda name: name.partition(".")[0] in ("sqlite3", "psycopg"))
    assert {line.partition(": ")[0] for line in found} == set(DRIVER_FILES)


def test_the_machines_clock_is_read_by_the_clock_alone() -> None:
    wrong = ("datetime.now", "datetime.utcnow", "date.today", "datetime.today", "timezone.now")
    found = offenders(outside(), mentioned, lambda name: name.endswith(wrong))
    assert found == {"src/pocketward/kernel/clock.py: datetime.now"}


def test_nothing_runs_a_program_through_a_shell_or_reads_pickles() -> None:
    wrong = ("pickle", "marshal", "shelve", "telnetlib")
    assert offenders(outside(), imported, lambda name: name.partition(".")[0] in wrong) == set()
    shells = [
        name_of(path)
        for path in python_files("src", "lab")
        for node in nodes(path)
        if isinstance(node, ast.keyword) and node.arg == "shell" and isinstance(node.value, ast.Constant)
    ]
    assert shells == []


def test_no_exception_is_swallowed_without_a_word() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("src", "lab")
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not acts(node)
    ]
    assert silent == []


def is_broad(node: ast.ExceptHandler) -> bool:
    """Whether the handler takes any exception at all."""
    return node.type is None or dotted(node.type) in ("Exception", "BaseException")


def acts(node: ast.ExceptHandler) -> bool:
    """Whether the handler raises, logs or returns what it found."""
    return any(isinstance(inner, ast.Raise | ast.Call) for inner in ast.walk(ast.Module(node.body, [])))
