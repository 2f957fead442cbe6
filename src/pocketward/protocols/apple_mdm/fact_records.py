"""The distilled facts as records, read once from the JSON files of the folder `facts`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pocketward.protocols.apple_mdm.access_rights import RIGHT_NAMES, AccessRight

Version = tuple[int, ...]
Folder = Literal["checkin", "commands", "profiles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Under which conditions a command, message, payload or key exists on an iPhone or iPad.

    `user_mode` (User Enrollment) and `shared_mode` (Shared iPad) are "allowed", "forbidden", "ignored",
    "required" or None when the level above decides.
    """

    absent: bool = False
    introduced: Version | None = None
    deprecated: Version | None = None
    removed: Version | None = None
    right: AccessRight | None = None
    supervised: bool = False
    automated: bool = False
    user_mode: str | None = None
    shared_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFact:
    """One key: `kind` is Apple's type name; `keys` are the keys, items or named choices below it."""

    name: str
    kind: str
    required: bool = False
    choices: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    fewest: int | None = None
    most: int | None = None
    default: Any = None
    rule: Rule = Rule()
    keys: tuple[KeyFact, ...] = ()

    @property
    def is_wildcard(self) -> bool:
        """Whether this stands for keys of any name."""
        return self.name.startswith("ANY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One command, message or payload with the keys sent and, for commands, the keys of the reply."""

    name: str
    rule: Rule
    keys: tuple[KeyFact, ...] = ()
    reply: tuple[KeyFact, ...] = ()

    def key(self, name: str) -> KeyFact | None:
        """The fact of one key at the top."""
        return next((key for key in self.keys if key.name == name), None)


def parse_version(text: str) -> Version:
    """ "17.4.1" as (17, 4, 1), shortened by trailing zeros so that 17.0 equals 17; ValueError otherwise."""
    parts = [int(part) for part in text.strip().split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _version(value: str | None) -> Version | None:
    return parse_version(value) if value else None


def _rule(content: Mapping[str, Any]) -> Rule:
    return Rule(
        absent=content.get("absent", False),
        introduced=_version(content.get("introduced")),
        deprecated=_version(content.get("deprecated")),
        removed=_version(content.get("removed")),
        right=RIGHT_NAMES[content["right"]] if "right" in content else None,
        supervised=content.get("supervised", False),
        automated=content.get("automated", False),
        user_mode=content.get("user"),
        shared_mode=content.get("shared"),
    )


def _key(content: Mapping[str, Any]) -> KeyFact:
    low, high = content.get("range", (None, None))
    fewest, most = content.get("repetition", (None, None))
    return KeyFact(
        name=content["key"],
        kind=content["type"],
        required=content.get("required", False),
        choices=tuple(content.get("choices", ())),
        low=low,
        high=high,
        fewest=fewest,
        most=most,
        default=content.get("default"),
        rule=_rule(content.get("rule", {})),
        keys=_keys(content.get("keys")),
    )


def _keys(content: list[Any] | None) -> tuple[KeyFact, ...]:
    return tuple(_key(item) for item in content or ())


@cache
def _document(folder: Folder) -> dict[str, Any]:
    path = files("pocketward.protocols.apple_mdm.facts").joinpath(f"{folder}.json")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@cache
def load_things(folder: Folder) -> Mapping[str, tuple[Thing, ...]]:
    """All things of one folder by name; a payload type described in two files has two entries."""
    found: dict[str, tuple[Thing, ...]] = {}
    for content in _document(folder)["things"]:
        thing = Thing(
            name=content["name"],
            rule=_rule(content["rule"]),
            keys=_keys(content.get("keys")),
            reply=_keys(content.get("reply")),
        )
        found[thing.name] = (*found.get(thing.name, ()), thing)
    return found


def facts_release() -> str:
    """The release of Apple's schemas that the facts were distilled from."""
    release: str = _document("commands")["release"]
    return release


def facts_origin() -> str:
    """Where the facts come from."""
    origin: str = _document("commands")["origin"]
    return origin
