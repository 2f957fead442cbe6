"""Loads catalogue folders: one entry a module (`ENTRY`) or a sub-folder, found by being there."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import TypeVar

Record = TypeVar("Record")


class CatalogueError(Exception):
    """A catalogue folder holds something that is not an entry; the product refuses to start."""


@cache
def _names(package: str) -> tuple[str, ...]:
    folders = [Path(place) for place in importlib.import_module(package).__path__]
    names = [item.stem for folder in folders for item in folder.glob("[!_]*.py")]
    names += [item.parent.name for folder in folders for item in folder.glob("[!_]*/__init__.py")]
    twice = sorted(name for name in set(names) if names.count(name) > 1)
    if twice:
        # Python would take the one and never look at the other.
        raise CatalogueError(f"{package}: {twice[0]} is there as a file and as a folder")
    return tuple(sorted(names))


def load_catalogue(package: str, record: type[Record]) -> dict[str, Record]:
    """All entries of a folder by id (the module's name), in name order.

    Each module holds a constant `ENTRY` of type `record` whose `id` is the module's name; anything else
    raises CatalogueError.
    """
    entries: dict[str, Record] = {}
    for name in _names(package):
        module = importlib.import_module(f"{package}.{name}")
        entry = getattr(module, "ENTRY", None)
        if not isinstance(entry, record):
            raise CatalogueError(f"{package}.{name} has no ENTRY of type {record.__name__}")
        if getattr(entry, "id", name) != name:
            raise CatalogueError(f"{package}.{name}: the entry's id must be the file's name")
        entries[name] = entry
    return entries
