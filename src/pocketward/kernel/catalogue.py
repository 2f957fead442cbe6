"""Loads catalogue folders: one entry a module (`ENTRY`) or a sub-folder, found by being there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TypeVar

Record = TypeVar("Record")


class CatalogueError(Exception):
    """A catalogue folder holds something that is not an entry; the product refuses to start."""


@cache
def _names(package: str) -> tuple[str, ...]:
    folder = importlib.import_module(package)
    return tuple(sorted(item.name for item in pkgutil.iter_modules(folder.__path__) if item.name[0] != "_"))


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
