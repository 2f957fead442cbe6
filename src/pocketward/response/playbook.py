"""Playbooks: read once, checked against their schema, refused at the start when broken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import jsonschema
import yaml

from pocketward.response.errors import PlaybookBroken


@dataclass(frozen=True)
class PlaybookStep:
    """One step; `offline` is what to do when this server cannot be reached."""

    id: str
    title: str
    who: str
    binding: str
    minutes: int
    offline: str
    only: str = ""


@dataclass(frozen=True)
class Playbook:
    """A whole playbook, in order."""

    id: str
    version: int
    title: str
    steps: tuple[PlaybookStep, ...]


def playbooks() -> tuple[Playbook, ...]:
    """Every playbook, by the name of its file."""
    folder = resources.files("pocketward.response") / "playbooks"
    files = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    return tuple(playbook(file.removesuffix(".yaml")) for file in files)


@cache
def playbook(name: str) -> Playbook:
    """The playbook of this name; PlaybookBroken says what is wrong with its file."""
    folder = resources.files("pocketward.response") / "playbooks"
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    content = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    try:
        jsonschema.validate(content, schema)
    except jsonschema.ValidationError as error:
        raise PlaybookBroken(f"The playbook {name} cannot be read: {error.message[:200]}") from error
    steps = tuple(PlaybookStep(**step) for step in content["steps"])
    if content["id"] != name or len({step.id for step in steps}) != len(steps):
        raise PlaybookBroken(f"The playbook {name} has another id, or a step twice.")
    return Playbook(content["id"], content["version"], content["title"], steps)
