"""The page model of the search."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    icon: str
    name: str
    end: str
    url: str
    status: str = ""


@dataclass(frozen=True)
class Group:
    """Things of one kind."""

    title: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class SearchPage:
    """What `q` found."""

    title: str
    q: str
    groups: tuple[Group, ...]
    url: str
    toast: str = ""
