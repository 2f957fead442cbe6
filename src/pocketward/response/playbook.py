"""Playbooks: read once, checked against their schema, refused at the start when broken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import jsonschema

from pocketward.kernel.plain_yaml import YamlRefused, read_yaml
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
    return read_playbook(name, (folder / f"{name}.yaml").read_bytes())


@cache
def _schema() -> dict[str, Any]:
    folder = resources.files("pocketward.response") / "playbooks"
    found: dict[str, Any] = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    return found


def read_playbook(name: str, data: bytes) -> Playbook:
    """The playbook in this YAML, which must call itself `name`; PlaybookBroken."""
    try:
        content = read_yaml(data.decode())
        jsonschema.validate(content, _schema())
    except (YamlRefused, jsonschema.ValidationError) as error:
        said = error.sentence if isinstance(error, YamlRefused) else error.message[:200]
        raise PlaybookBroken(f"The playbook {name} cannot be read: {said}") from error
    except UnicodeDecodeError as error:
        raise PlaybookBroken(f"The playbook {name} is not UTF-8.") from error
    steps = tuple(PlaybookStep(**step) for step in content["steps"])
    if content["id"] != name or len({step.id for step in steps}) != len(steps):
        raise PlaybookBroken(f"The playbook {name} has another id, or a step twice.")
    return Playbook(content["id"], content["version"], content["title"], steps)
