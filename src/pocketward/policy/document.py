"""Reading a policy file: version 1, strict, with the line of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from pocketward.kernel.catalogue import load_catalogue
from pocketward.kernel.plain_yaml import YamlRefused, line_of, read_yaml
from pocketward.policy.errors import PolicyRefused
from pocketward.policy.records import RuleSpec

VERSION = 1


@cache
def rules() -> dict[str, RuleSpec]:
    """The rule catalogue."""
    return load_catalogue("pocketward.policy.rules", RuleSpec)


def read_policy(text: str) -> dict[str, Mapping[str, Any]]:
    """Each rule's settings, defaults where the file is silent; PolicyRefused names the fault."""
    try:
        given = read_yaml(text)
    except YamlRefused as error:
        raise PolicyRefused(error.sentence) from error
    if not isinstance(given, dict) or given.get("version") != VERSION:
        raise PolicyRefused("Line 1: the policy file must begin with version: 1.")
    unknown = [str(name) for name in given if name != "version" and name not in rules()]
    if unknown:
        raise PolicyRefused(f"{_where(text, unknown[0])}there is no rule called {unknown[0][:40]}.")
    return {name: _read(rule, given.get(name, rule.default), text) for name, rule in rules().items()}


def _read(rule: RuleSpec, value: Any, text: str) -> Mapping[str, Any]:
    try:
        return rule.read(value)
    except ValueError as error:
        raise PolicyRefused(f"{_where(text, rule.id, str(error))}the rule {rule.id} {error}.") from error


def _where(text: str, name: str, fault: str = "") -> str:
    return f"Line {line_of(text, name, fault)}: "


TEMPLATES = ("clinic", "solo")


def template(name: str = "clinic") -> str:
    """A policy file to start with, one of TEMPLATES; a new practice starts with the first."""
    return (resources.files("pocketward.policy") / "templates" / f"{name}.yaml").read_text(encoding="utf-8")
