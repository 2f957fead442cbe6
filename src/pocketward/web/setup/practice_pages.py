"""Page model of the practice's own details."""

from collections.abc import Mapping
from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice, FieldError, PlainLine, Tab


@dataclass(frozen=True)
class Rank:
    """A place in the on-call order, with everybody to choose from."""

    number: int
    people: tuple[Choice, ...]


@dataclass(frozen=True)
class SiteLine:
    """A site, to be named anew or closed."""

    id: str
    name: str
    address: str


@dataclass(frozen=True)
class PracticePage:
    """Name, zone, language, numbers, passwords, level; who is called; old certificate algorithms."""

    title: str
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    values: Mapping[str, str]
    zones: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    password_allowed: bool
    ranks: tuple[Rank, ...]
    then: str
    on_call_url: str
    legacy_url: str
    legacy_allowed: bool
    lines: tuple[PlainLine, ...]
    sites_url: str
    sites: tuple[SiteLine, ...] = ()
    prove_url: str = ""
    errors: tuple[FieldError, ...] = ()
    toast: str = ""
