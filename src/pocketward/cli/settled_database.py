"""A restored home's pocketward.toml names the database that it was restored into, whoever starts it."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Final

from pocketward.cli import snapshot
from pocketward.cli.archive import BackupRefused

# The lines that follow the heading, up to the next one; and where there is none, those that name the table.
_SECTION: Final = re.compile(
    r"(?m)^[ \t]*\[database\][ \t]*(?:#.*)?\n(?P<lines>(?:(?![ \t]*\[).*\n?)*?)(?=[ \t]*\[|\Z)"
)
_DOTTED: Final = re.compile(r"(?m)^(?P<lines>(?:[ \t]*database\.\w+[ \t]*=.*(?:\n|\Z))+)")


def settle_database(home: Path) -> None:
    """Write what the environment says of the database into pocketward.toml, where that says otherwise.

    A service that starts without this environment would go on with the database of before, which may be
    another server's. All else stays as it is, comments too. BackupRefused: the file cannot be changed so.
    """
    file = home / "pocketward.toml"
    wanted = asdict(snapshot.settings_of(home).database)
    found = asdict(snapshot.settings_of(home, {}).database)
    changed = {
        name: value if isinstance(value, int) else str(value)
        for name, value in wanted.items()
        if name != "engine" and value != found[name] and value is not None
    }
    if changed:
        file.write_text(with_values(file.read_text(encoding="utf-8"), changed), encoding="utf-8")


def with_values(text: str, values: dict[str, str | int]) -> str:
    """The file with these values under [database], or as `database.name` where it is written so.

    BackupRefused when the file, read again, would say anything but what it said and these values.
    """
    before, prefix = tomllib.loads(text), ""
    place = _SECTION.search(text)
    if place is None and (place := _DOTTED.search(text)):
        prefix = "database."
    if place is None:
        text = f"{text.rstrip()}\n\n[database]\n"
        start, end = len(text), len(text)
    else:
        start, end = place.span("lines")
    kept = text[start:end]
    for name in values:
        kept = re.sub(rf"(?m)^[ \t]*{re.escape(prefix + name)}[ \t]*=.*\n?", "", kept)
    lines = [f"{prefix}{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items()]
    made = f"{text[:start]}{''.join(lines)}{kept}{text[end:]}"
    expected = {**before, "database": {**before.get("database", {}), **values}}
    try:
        sound = tomllib.loads(made) == expected
    except tomllib.TOMLDecodeError:
        sound = False
    if not sound:
        raise BackupRefused(
            "The environment names another database than pocketward.toml, which cannot be changed by itself.",
            advice="Restore into the database that the file names, without POCKETWARD_DATABASE__… set.",
        )
    return made
