"""The texts that tell people what is wrong and how to fix it, one file per check and language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class FixIt:
    """What to say about one code of one check; `steps` are one tap each.

    `{value}` in a text is what the check names (its value); `unnamed` is said where no value is at hand.
    """

    check: str
    code: str
    title: str
    consequence: str
    why: str
    steps: tuple[str, ...]
    minutes: int
    needs: str
    how_we_know: str
    unnamed: str = ""

    def naming(self, value: str) -> FixIt:
        """The text with the value in its place. Replaced, not formatted: a value may hold braces."""
        words = value or self.unnamed
        return replace(
            self,
            title=self.title.replace("{value}", words),
            steps=tuple(step.replace("{value}", words) for step in self.steps),
        )


@cache
def fixits(*, check: str, language: str) -> dict[str, FixIt]:
    """The texts of a check by code; English where a language is not ours."""
    wanted = language if language in LANGUAGES else "en"
    file = resources.files("pocketward.posture") / "checks" / check / f"fixit.{wanted}.toml"
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return {code: FixIt(check=check, code=code, **_fields(text)) for code, text in content.items()}


def _fields(text: dict[str, Any]) -> dict[str, Any]:
    return text | {"steps": tuple(text["steps"])}


def fixit(*, check: str, code: str, language: str, value: str = "") -> FixIt | None:
    """The text, or None for a code that needs none. `value` is the check's own, where the caller has it."""
    try:
        found = fixits(check=check, language=language).get(code)
    except FileNotFoundError:
        return None
    return found.naming(value) if found is not None else None
