"""A fact on a page: what, its value, how old it is and how we know."""

from dataclasses import dataclass

from pocketward.web.components.words import Status


@dataclass(frozen=True)
class FactLine:
    """`mark` is unknown for a fact that is too old to count: it never stays green (`stale`)."""

    name: str
    value: str
    mark: Status
    meaning: str
    age: str
    source: str
    stale: bool = False
