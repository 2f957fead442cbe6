"""Page models of the record systems: the list with each door, one system's form, what the proxy needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice, Crumb, FieldError, PlainLine, Tab
from pocketward.web.setup.doors import DoorKind


@dataclass(frozen=True)
class RecordLine:
    """A record system: its door, what is said when it was shut, and what its gate answered lately."""

    url: str
    name: str
    door: DoorKind
    sentence: str
    hosts: str
    mode: str
    lately: str
    not_checked: str


@dataclass(frozen=True)
class RecordsPage:
    """Every record system; below, the values that a proxy in front of them needs."""

    title: str
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    lines: tuple[RecordLine, ...]
    add_url: str
    proxy: tuple[PlainLine, ...]
    authority_url: str
    command: str
    stale: str
    toast: str = ""


@dataclass(frozen=True)
class RecordPage:
    """The form of one record system, new or standing; a standing one can be watched, enforced, taken away."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    action: str
    values: Mapping[str, str]
    doors: tuple[DoorKind, ...]
    modes: tuple[Choice, ...]
    mode: str = ""
    mode_say: str = ""
    mode_next: str = ""
    mode_action: str = ""
    mode_url: str = ""
    remove_url: str = ""
    can_change: bool = True
    prove_url: str = ""
    errors: tuple[FieldError, ...] = ()
    toast: str = ""
