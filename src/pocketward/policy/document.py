"""Reading a policy file: version 1, strict, with the line of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from pocketward.kernel.catalogue import load_catalogue
from pocketward.policy.errors import PolicyRefused
from pocketward.policy.records import RuleSpec

MOST_BYTES = 100_000
VERSION = 1


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases (they can grow without bound) and without repeated keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse an alias."""
        if self.check_event(yaml.events.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise PolicyRefused(f"Line {line}: aliases are not used here.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Refuse a key that is there twice."""
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise PolicyRefused(f"Line {key_node.start_mark.line + 1}: {key_node.value} is there twice.")
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


@cache
def rules() -> dict[str, RuleSpec]:
    """The rule catalogue."""
    return load_catalogue("pocketward.policy.rules", RuleSpec)


def read_policy(text: str) -> dict[str, Mapping[str, Any]]:
    """Each rule's settings, defaults where the file is silent; PolicyRefused names the fault."""
    if len(text.encode()) > MOST_BYTES:
        raise PolicyRefused("The policy file is larger than 100 kB.")
    try:
        # The loader is a SafeLoader with two more refusals.
        given = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}: " if mark is not None else ""
        raise PolicyRefused(f"{where}this is not YAML.") from error
    except (ValueError, RecursionError, TypeError) as error:
        raise PolicyRefused("The policy file holds a value that cannot be read.") from error
    if not isinstance(given, dict) or given.get("version") != VERSION:
        raise PolicyRefused("The policy file must begin with version: 1.")
    unknown = [str(name) for name in given if name != "version" and name not in rules()]
    if unknown:
        raise PolicyRefused(f"There is no rule called {unknown[0][:40]}.")
    return {name: _read(rule, given.get(name, rule.default)) for name, rule in rules().items()}


def _read(rule: RuleSpec, value: Any) -> Mapping[str, Any]:
    try:
        return rule.read(value)
    except ValueError as error:
        raise PolicyRefused(f"The rule {rule.id} {error}.") from error


def template(name: str = "clinic") -> str:
    """The policy file that a new practice starts with."""
    return (resources.files("pocketward.policy") / "templates" / f"{name}.yaml").read_text(encoding="utf-8")
