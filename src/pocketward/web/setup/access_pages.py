"""Page models of who may open what: the matrix of roles and records, and the rules in words."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import FieldError, PlainLine, Tab


@dataclass(frozen=True)
class Cell:
    """One role and one kind of record."""

    name: str
    label: str
    can: bool


@dataclass(frozen=True)
class MatrixLine:
    """A role, how many hold it, and what it may open."""

    role: str
    holders: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class RuleLine:
    """A rule in words: its head, and every condition."""

    head: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class AccessPage:
    """The matrix, to be changed; the rules; their versions."""

    title: str
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    columns: tuple[str, ...]
    lines: tuple[MatrixLine, ...]
    rules: tuple[RuleLine, ...]
    versions: tuple[PlainLine, ...]
    csv_url: str
    can_change: bool
    reason: str = ""
    prove_url: str = ""
    errors: tuple[FieldError, ...] = ()
    toast: str = ""
