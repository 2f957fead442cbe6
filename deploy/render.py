"""Fills the proxy templates of this folder with an installation's own names.

    python deploy/render.py nginx proxy.toml /etc/nginx/pocketward
    python deploy/render.py caddy proxy.toml /etc/caddy caddy

A template is a file `<name>.template`; `@name@` is a value of the TOML file, and the lines between
`#each apps` and `#end` are repeated for each table of `[[apps]]`. A value that is missing, left over in the
file, or could end a directive early, stops with a sentence. Lines between `#if name` and `#endif` stay when
the value is given, those between `#unless name` and `#endif` when it is not. Only the standard library is
used.
"""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_PLACE = re.compile(r"@([a-z_]+)@")
_EACH = re.compile(r"^[ \t]*#each ([a-z_]+)\n(.*?)^[ \t]*#end\n", re.MULTILINE | re.DOTALL)
_WHEN = re.compile(
    r"^[ \t]*#(if|unless) ([a-z_]+)\n((?:(?![ \t]*#endif\n).*\n)*)[ \t]*#endif\n", re.MULTILINE
)
# Host names, addresses with ports, file paths, secrets in base32: nothing that ends a directive.
_SAFE = re.compile(r"[A-Za-z0-9_.:/\-\[\]]+")


class NotRendered(Exception):
    """A sentence for whoever called."""


def _value(values: Mapping[str, Any], name: str, where: str) -> str:
    if name not in values:
        raise NotRendered(f"{where} needs {name!r}, which is not given.")
    text = str(values[name])
    if not _SAFE.fullmatch(text):
        raise NotRendered(f"{name} = {text!r} has letters that cannot stand in a proxy's configuration.")
    return text


def fill(text: str, values: Mapping[str, Any], where: str) -> str:
    """The template with its values; NotRendered names what is wrong."""

    def repeated(match: re.Match[str]) -> str:
        rows = values.get(match[1], [])
        if not isinstance(rows, list):
            raise NotRendered(f"{where} needs {match[1]} as [[{match[1]}]] tables.")
        return "".join(placed(match[2], {**values, **row}) for row in rows)

    def placed(part: str, known: Mapping[str, Any]) -> str:
        kept = _WHEN.sub(lambda match: match[3] if (match[2] in known) == (match[1] == "if") else "", part)
        return _PLACE.sub(lambda place: _value(known, place[1], where), kept)

    return placed(_EACH.sub(repeated, text), values)


def read_values(path: Path) -> dict[str, Any]:
    """The TOML file, with `proxy_secret_file` read into `proxy_secret`."""
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    secret = values.pop("proxy_secret_file", None)
    if secret is not None:
        values["proxy_secret"] = Path(secret).read_text(encoding="ascii").strip()
    return values


def render(kind: str, values: Mapping[str, Any], target: Path, group: str = "") -> list[Path]:
    """Write every template of `nginx` or `caddy` into the target folder, readable by its owner only.

    With `group`, by that group too: Caddy reads its file as its own user, nginx as root.
    """
    templates = sorted((_HERE / kind).glob("*.template"))
    if not templates:
        raise NotRendered(f"There are no templates called {kind}.")
    values = {**values, "folder": str(target)}
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for template in templates:
        text = fill(template.read_text(encoding="utf-8"), values, template.name)
        path = target / template.name.removesuffix(".template")
        # It holds the proxy secret: made unreadable for others before anything is in it.
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text, encoding="utf-8")
        if group:
            _give_to_group(path, group)
        written.append(path)
    return written


def _give_to_group(path: Path, group: str) -> None:
    try:
        shutil.chown(path, group=group)
    except LookupError as error:
        raise NotRendered(f"There is no group called {group}.") from error
    path.chmod(0o640)


def main(arguments: list[str]) -> int:
    """`render.py KIND VALUES.toml FOLDER [GROUP]`; prints what it wrote."""
    if len(arguments) not in (3, 4):
        print("usage: render.py nginx|caddy VALUES.toml FOLDER [GROUP]", file=sys.stderr)
        return 2
    kind, values, folder, *group = arguments
    try:
        for path in render(kind, read_values(Path(values)), Path(folder).resolve(), *group):
            print(path)
    except (NotRendered, OSError, tomllib.TOMLDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
