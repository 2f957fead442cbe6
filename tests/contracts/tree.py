"""The files of the project as the contract tests read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "src" / "pocketward"
LAB = ROOT / "lab" / "src" / "devicelab"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """The Python files below these folders of the project, without migrations (Django writes those)."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return tuple(sorted(path for path in found if "migrations" not in path.parts))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's syntax tree."""
    return tuple(ast.walk(parsed(path)))


def functions(path: Path) -> Iterator[Function]:
    """Every function of a file, nested ones and methods too."""
    return (node for node in nodes(path) if isinstance(node, Function))


@cache
def imported(path: Path) -> frozenset[str]:
    """Everything a file imports, by its full name."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


@cache
def mentioned(path: Path) -> frozenset[str]:
    """Every dotted chain of names in a file."""
    return frozenset(dotted(node) for node in nodes(path) if isinstance(node, ast.Attribute))


def name_of(path: Path) -> str:
    """A path as a person would write it."""
    return path.relative_to(ROOT).as_posix()


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a chain of names, with () for a call in it; what else there may be is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def called(path: Path) -> frozenset[str]:
    """Every dotted chain of names that a file calls."""
    return frozenset(dotted(node.func) for node in nodes(path) if isinstance(node, ast.Call))


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git keeps, or would keep: tracked ones, and new ones that nothing ignores."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    return tuple(path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file())


@cache
def text_of(path: Path) -> str | None:
    """A file's text, or None when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def domains() -> tuple[str, ...]:
    """The product's packages that have a door."""
    return tuple(sorted(path.parent.name for path in PRODUCT.glob("*/api.py")))
