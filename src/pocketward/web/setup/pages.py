"""Page models of set-up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pocketward.web.components.crumbs import Choice, FieldError, PlainLine, Tab


@dataclass(frozen=True)
class SetupStep:
    """A line of the checklist: minutes, who is needed, why, and what waiting costs (`waits`)."""

    key: str
    title: str
    why: str
    minutes: str
    needs: str
    state: Literal["done", "now", "later"]
    said: str
    url: str
    action: str
    waits: str = ""


@dataclass(frozen=True)
class ChecklistPage:
    """The checklist, and the level of adoption asked first."""

    title: str
    say: str
    follow: str
    levels: tuple[Choice, ...]
    steps: tuple[SetupStep, ...]
    tabs: tuple[Tab, ...]
    level_url: str
    doctor: tuple[PlainLine, ...]
    toast: str = ""


@dataclass(frozen=True)
class RequestCard:
    """The request that waits, if any, and the way to make one. `file_url` is empty where none waits."""

    say: str
    make_url: str
    make: str
    facts: tuple[PlainLine, ...] = ()
    file_url: str = ""
    file_name: str = ""
    warning: str = ""


@dataclass(frozen=True)
class PushPage:
    """Apple's push certificate: what stands, the request made here, and the form for a new one."""

    title: str
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    facts: tuple[PlainLine, ...]
    action: str
    can_change: bool
    card: RequestCard
    steps: tuple[str, ...]
    errors: tuple[FieldError, ...] = ()
    toast: str = ""


@dataclass(frozen=True)
class StartPage:
    """The first owner's form, behind the setup link."""

    title: str
    action: str
    values: Mapping[str, str]
    zones: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    expires: str
    new_practice: bool
    practice_name: str
    errors: tuple[FieldError, ...] = ()
