"""Distills Apple's published device management schemas into facts: keys, types, ranges, who may use what.

    python -m pocketward.protocols.apple_mdm.facts.distill PATH/TO/device-management "iOS 18.1"

reads the folders `mdm/checkin`, `mdm/commands` and `mdm/profiles` of a checkout of apple/device-management
(MIT) and writes `checkin.json`, `commands.json` and `profiles.json` beside this file. Descriptions and titles
stay behind. Only what concerns iPhone and iPad is kept; a key or command of other systems keeps its name and
the mark "absent", so that using it can be told apart from a misspelt key.
"""

from __future__ import annotations

import argparse
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

ORIGIN = "github.com/apple/device-management"
NO_RIGHT = (None, "n/a", "None", "Special Case")
_OUTPUT = {"checkin": "requesttype", "commands": "requesttype", "profiles": "payloadtype"}


def distill_rule(supported: dict[str, Any] | None) -> dict[str, Any]:
    """The part of `supportedOS` about iOS: since when, until when, and under which conditions."""
    ios = (supported or {}).get("iOS") or {}
    rule: dict[str, Any] = {}
    if ios.get("introduced") == "n/a":
        return {"absent": True}
    for name in ("introduced", "deprecated", "removed"):
        if ios.get(name) not in (None, "n/a"):
            rule[name] = str(ios[name])
    if ios.get("accessrights") not in NO_RIGHT:
        rule["right"] = ios["accessrights"]
    for name, short in (("supervised", "supervised"), ("requiresdep", "automated")):
        if ios.get(name):
            rule[short] = True
    for name, short in (("userenrollment", "user"), ("sharedipad", "shared")):
        mode = (ios.get(name) or {}).get("mode")
        if mode:
            rule[short] = mode
    return rule


def distill_key(key: dict[str, Any], above: tuple[int, ...] = ()) -> dict[str, Any]:
    """One key with all below it; where a schema contains itself, the inner copy is left open."""
    fact: dict[str, Any] = {"key": str(key["key"]), "type": key["type"].strip("<>")}
    rule = distill_rule(key.get("supportedOS"))
    if rule:
        fact["rule"] = rule
    if rule.get("absent"):
        return fact
    if key.get("presence") == "required":
        fact["required"] = True
    if "rangelist" in key:
        fact["choices"] = key["rangelist"]
    for name in ("range", "repetition"):
        if name in key:
            fact[name] = [key[name].get("min"), key[name].get("max")]
    for name in ("format", "default"):
        if isinstance(key.get(name), str | int | float | bool):
            fact[name] = key[name]
    subkeys = key.get("subkeys")
    if subkeys and id(subkeys) not in above:
        fact["keys"] = distill_keys(subkeys, above)
    return fact


def distill_keys(keys: list[dict[str, Any]] | None, above: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """All keys of one level, in Apple's order."""
    return [distill_key(key, (*above, id(keys))) for key in keys or []]


def distill_file(path: Path, name_key: str) -> dict[str, Any]:
    """One schema file: its name, its rule, its keys and, for commands, the keys of the reply."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    payload = content["payload"]
    rule = distill_rule(payload.get("supportedOS"))
    if not (payload.get("supportedOS") or {}).get("iOS"):
        rule = {"absent": True}
    thing: dict[str, Any] = {"name": str(payload.get(name_key) or path.stem), "rule": rule}
    if not rule.get("absent"):
        thing["keys"] = distill_keys(content.get("payloadkeys"))
        if content.get("responsekeys"):
            thing["reply"] = distill_keys(content["responsekeys"])
    return thing


def distill_folder(source: Path, folder: str, release: str) -> str:
    """The JSON text for one folder: one line a thing, sorted by name, so that a new release diffs well."""
    paths = sorted((source / "mdm" / folder).glob("*.yaml"))
    things = sorted((distill_file(path, _OUTPUT[folder]) for path in paths), key=lambda thing: thing["name"])
    head = {"origin": ORIGIN, "license": "MIT", "release": release, "folder": f"mdm/{folder}"}
    lines = ",\n".join(json.dumps(thing, ensure_ascii=False, default=_plain) for thing in things)
    return json.dumps(head)[:-1] + f', "things": [\n{lines}\n]}}\n'


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a schema")


def main() -> None:
    """Writes the three files."""
    parser = argparse.ArgumentParser(description="Distill Apple's device management schemas into facts.")
    parser.add_argument("source", type=Path, help="a checkout of apple/device-management")
    parser.add_argument("release", help='the release it is at, such as "iOS 18.1"')
    given = parser.parse_args()
    for folder in _OUTPUT:
        target = Path(__file__).with_name(f"{folder}.json")
        target.write_text(distill_folder(given.source, folder, given.release), encoding="utf-8")


if __name__ == "__main__":
    main()
