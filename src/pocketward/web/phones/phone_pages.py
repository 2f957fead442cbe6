"""One phone: what is known with age and source, what is under way, what happens next."""

from dataclasses import dataclass
from typing import Literal

from pocketward.web.components.crumbs import Crumb, PlainLine, Tab, TimelineLine
from pocketward.web.components.facts import FactLine
from pocketward.web.components.ladder import Ruler, Rung
from pocketward.web.components.words import Status
from pocketward.web.phones.app_lines import AppLine


@dataclass(frozen=True)
class UnderWay:
    """A command and the rungs it has climbed."""

    title: str
    asked_by: str
    rungs: tuple[Rung, ...]
    short: str


@dataclass(frozen=True)
class Deadline:
    """What is left until records close."""

    left: str
    due: str
    ruler: Ruler


@dataclass(frozen=True)
class Ahead:
    """Something that will happen, and when."""

    text: str
    when: str = ""


@dataclass(frozen=True)
class PhonePage:
    """The overview of one phone."""

    title: str
    crumbs: tuple[Crumb, ...]
    tabs: tuple[Tab, ...]
    status: Status
    say: str
    follow: str
    heard: str
    facts: tuple[FactLine, ...]
    under_way: tuple[UnderWay, ...]
    ahead: tuple[Ahead, ...]
    about: tuple[PlainLine, ...]
    limits_title: str
    limits: str
    deadline: Deadline | None = None
    person_view_url: str = ""
    check_url: str = ""
    case_url: str = ""
    toast: str = ""
    apps: tuple[AppLine, ...] = ()
    # What stands in place of the facts when there are none.
    no_facts: str = ""


@dataclass(frozen=True)
class Act:
    """Something one may do to a phone: its effect, who is told, how it is undone, and where."""

    key: str
    title: str
    effect: str
    told: str
    undo: str
    button: str
    danger: bool = False
    needs_name: bool = False
    closed_because: str = ""
    # What its dialog asks for besides: a reason in words, when the phone was last seen, or a person.
    asks: Literal["", "reason", "when", "person"] = ""
    # (public id, name) of whom it can be.
    people: tuple[tuple[str, str], ...] = ()

    @property
    def has_dialog(self) -> bool:
        """Whether one more step stands before it."""
        return self.needs_name or bool(self.asks)


@dataclass(frozen=True)
class WaitingOrder:
    """An order that destroys and has not left: who asked and when, and where one says yes or stops it.

    `approve_url` is empty when nobody has to approve it any more, or this person may not.
    """

    title: str
    text: str
    approve_url: str
    stop_url: str
    destroys: bool = True


@dataclass(frozen=True)
class ActsPage:
    """Lock, find, erase: what may be done to this phone, and what may not with the reason."""

    title: str
    crumbs: tuple[Crumb, ...]
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    acts: tuple[Act, ...]
    commands: tuple[UnderWay, ...]
    phone_name: str
    practice_name: str
    action: str
    waiting: tuple[WaitingOrder, ...] = ()
    error: str = ""
    toast: str = ""
    longest_reason: int = 200
    # What was typed in the dialog of which act, when that was refused: it opens again as it was.
    refused_act: str = ""
    typed_name: str = ""


@dataclass(frozen=True)
class HistoryPage:
    """What happened to this phone, newest first."""

    title: str
    crumbs: tuple[Crumb, ...]
    tabs: tuple[Tab, ...]
    say: str
    lines: tuple[TimelineLine, ...]
    older_url: str = ""
    toast: str = ""
