"""Playbooks: one YAML file each, checked against their schema at the start, refused when broken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import jsonschema

from pocketward.kernel.plain_yaml import YamlRefused, read_yaml
from pocketward.response.errors import PlaybookBroken

LARGEST = 64 * 1024


@dataclass(frozen=True)
class PlaybookStep:
    """One step; `minutes` after the report it should be done, `offline` is what to do without this server."""

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


@cache
def _schema() -> dict[str, Any]:
    folder = resources.files("pocketward.response") / "playbooks"
    found: dict[str, Any] = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    return found


def read_playbook(name: str, data: bytes) -> Playbook:
    """The playbook in this YAML, which must call itself `name`; PlaybookBroken."""
    if len(data) > LARGEST:
        raise PlaybookBroken(f"The playbook {name} is larger than 64 kB.")
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


@cache
def playbooks() -> tuple[Playbook, ...]:
    """Every playbook of the folder, by the name of its file; PlaybookBroken for the first that is none."""
    folder = resources.files("pocketward.response") / "playbooks"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".yaml")), key=lambda i: i.name)
    return tuple(read_playbook(file.name.removesuffix(".yaml"), file.read_bytes()) for file in files)


def playbook(name: str) -> Playbook:
    """The playbook of this name; PlaybookBroken when there is none."""
    found = next((plan for plan in playbooks() if plan.id == name), None)
    if found is None:
        raise PlaybookBroken(f"There is no playbook {name}.")
    return found
