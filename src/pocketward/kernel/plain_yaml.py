"""YAML as people write it: one document of plain values, read in bounded time and memory.

Refused are aliases (they repeat what they name, and so on, without bound), a key that is there twice, tags of
programs, and deep nesting, for which the parser below needs time with the square of the depth.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from pocketward.kernel.errors import PocketwardError

DEEPEST = 20


class YamlRefused(PocketwardError):
    """This text is no plain YAML; the sentence names the line where that is known."""

    code = "kernel.yaml_refused"
    sentence = "This is not YAML."
    advice = "Write plain keys and values, as in the file that came with the product."


class _Loader(yaml.SafeLoader):
    """Safe YAML with fewer liberties."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse an alias, and what is nested too deep."""
        line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
        if self.check_event(yaml.events.AliasEvent):
            raise YamlRefused(f"Line {line}: aliases are not used here.")
        self.depth += 1
        if self.depth > DEEPEST:
            raise YamlRefused(f"Line {line}: this is nested too deep.")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Refuse a key that is there twice."""
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise YamlRefused(f"Line {key_node.start_mark.line + 1}: {key_node.value} is there twice.")
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


def read_yaml(text: str, *, most_bytes: int = 100_000) -> Any:
    """The value of a YAML text; YamlRefused when it is larger, not plain, or cannot be read."""
    if len(text.encode(errors="replace")) > most_bytes:
        raise YamlRefused(f"This file is larger than {most_bytes // 1000} kB.")
    try:
        # The loader is a SafeLoader with further refusals.
        return yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}: " if mark is not None else ""
        raise YamlRefused(f"{where}this is not YAML.") from error
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise YamlRefused("This file holds a value that cannot be read.") from error


def line_of(text: str, name: str, fault: str = "") -> int:
    """The line (from 1) of a top key of a YAML text that can be read, or of the key below it that `fault`
    names; 1 when there is none.
    """
    whole = yaml.compose(text, Loader=_Loader)
    for key, value in whole.value if isinstance(whole, yaml.MappingNode) else ():
        if key.value != name:
            continue
        below = value.value if isinstance(value, yaml.MappingNode) else ()
        words = set(re.findall(r"\w+", fault))
        named = [part for part, _ in below if isinstance(part.value, str) and part.value in words]
        return int((named or [key])[0].start_mark.line) + 1
    return 1
