"""The page model of a decision."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice, Crumb, PlainLine
from pocketward.web.components.facts import FactLine
from pocketward.web.components.words import Status


@dataclass(frozen=True)
class WayBack:
    """One way to get access again, the shortest first."""

    text: str
    how_long: str


@dataclass(frozen=True)
class RuleLine:
    """A line of the rule as it stood; `decided` marks the one that decided."""

    number: int
    text: str
    decided: bool = False


@dataclass(frozen=True)
class Nearby:
    """The decision before or after."""

    status: Status
    when: str
    url: str = ""


@dataclass(frozen=True)
class DecisionPage:
    """Why access was opened or refused."""

    title: str
    crumbs: tuple[Crumb, ...]
    mark: Status
    say: str
    asked: tuple[PlainLine, ...]
    ways: tuple[WayBack, ...]
    known_title: str
    known_note: str
    facts: tuple[FactLine, ...]
    rule_title: str
    rule: tuple[RuleLine, ...]
    read_by_person: str
    person_url: str
    nearby: tuple[Nearby, ...]
    proof: str
    entry_url: str
    watch: str = ""
    lines: tuple[PlainLine, ...] = ()
    toast: str = ""


@dataclass(frozen=True)
class DecisionLine:
    """A row of the list."""

    url: str
    mark: Status
    when: str
    who: str
    device: str
    app: str
    note: str


@dataclass(frozen=True)
class DecisionsPage:
    """Decisions, newest first."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    kinds: tuple[Choice, ...]
    lines: tuple[DecisionLine, ...]
    toast: str = ""
