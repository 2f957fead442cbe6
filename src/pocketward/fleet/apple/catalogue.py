"""The catalogue of Apple commands, by Apple's name of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pocketward.fleet.apple.command_record import AppleCommand
from pocketward.kernel.catalogue import CatalogueError, load_catalogue


@cache
def apple_commands() -> Mapping[str, AppleCommand]:
    """RequestType -> command; two files with one RequestType refuse to start."""
    found: dict[str, AppleCommand] = {}
    for entry in load_catalogue("pocketward.fleet.apple.commands", AppleCommand).values():
        if entry.request_type in found:
            raise CatalogueError(f"two commands are called {entry.request_type}")
        found[entry.request_type] = entry
    return found


def apple_command(request_type: str) -> AppleCommand | None:
    """The command of this name, or None when we have none."""
    return apple_commands().get(request_type)
