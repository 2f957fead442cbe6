"""The page model of Home, for a clinic and for a practice of one."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.web.components.clock import Clock
from pocketward.web.components.crumbs import PlainLine
from pocketward.web.components.words import WORST_FIRST, Status, badness, word
from pocketward.web.home.sentence import Sentence, sentence
from pocketward.web.home.tasks import MOST, Task, tasks
from pocketward.web.home.world import Overview, PhoneMark

ROLL_CALL_LIMIT = 120


@dataclass(frozen=True)
class Mark:
    """One phone on the roll call: a shape, a link, and the words read out."""

    url: str
    name: str
    status: Status
    spoken: str
    note: str
    age: str
    is_tablet: bool


@dataclass(frozen=True)
class Count:
    """How many phones are in one state, in words, with the list it leads to."""

    status: Status
    number: int
    text: str
    url: str


@dataclass(frozen=True)
class Happening:
    """A line of "since you were here"."""

    time: str
    text: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class HomePage:
    """Home. `marks` is empty above ROLL_CALL_LIMIT: counts alone are read there."""

    title: str
    say: Sentence
    marks: tuple[Mark, ...]
    counts: tuple[Count, ...]
    tasks: tuple[Task, ...]
    tasks_title: str
    more: str
    more_url: str
    since_title: str
    since: tuple[Happening, ...]
    ledger_url: str
    lost_address: str
    card_url: str
    add_url: str
    solo: bool
    openings: tuple[PlainLine, ...] = ()
    quiet: bool = False
    toast: str = ""


@dataclass(frozen=True)
class TasksPage:
    """Everything that is to do, worst first."""

    title: str
    say: str
    tasks: tuple[Task, ...]
    home_url: str
    quiet: bool = False


def tasks_page(world: Overview, clock: Clock, *, base: str) -> TasksPage:
    """The list behind Home's count: what Home shows, and the rest."""
    everything = tasks(world, clock, base)
    say = ngettext("%(count)s thing to do", "%(count)s things to do, worst first", len(everything))
    return TasksPage(
        title=_("Things to do"),
        say=say % {"count": len(everything)} if everything else _("Nothing needs you"),
        tasks=everything,
        home_url=base,
    )


def home_page(
    world: Overview,
    clock: Clock,
    *,
    base: str,
    lost_address: str,
    since_title: str = "",
    since: tuple[Happening, ...] = (),
    openings: tuple[PlainLine, ...] = (),
) -> HomePage:
    """Home for `world` as it stands on `clock`. `base` is the practice's address with its slash.

    `openings` are the ways past the checks that the practice left open itself.
    """
    everything = tasks(world, clock, base)
    shown = everything[:MOST]
    return HomePage(
        title=_("Home"),
        say=sentence(world, clock),
        marks=_roll_call(world, clock, base),
        counts=_counts(world, base),
        tasks=shown,
        tasks_title=_tasks_title(len(shown)),
        more=_more(len(everything) - len(shown)),
        more_url=f"{base}tasks/",
        since_title=since_title,
        since=since,
        ledger_url=f"{base}proof/ledger/",
        lost_address=lost_address,
        card_url=f"{base}card/",
        add_url=f"{base}phones/add/",
        solo=world.solo,
        openings=openings,
    )


def _roll_call(world: Overview, clock: Clock, base: str) -> tuple[Mark, ...]:
    if world.total > ROLL_CALL_LIMIT:
        return ()
    ordered = sorted(world.marks, key=lambda mark: (badness(mark.status), mark.name))
    return tuple(_mark(mark, clock, base) for mark in ordered)


def _mark(mark: PhoneMark, clock: Clock, base: str) -> Mark:
    return Mark(
        url=f"{base}phones/{mark.public_id}/",
        name=mark.name,
        status=mark.status,
        spoken=f"{mark.name}: {word(mark.status)}",
        note=mark.reason if mark.status != "ok" else mark.note,
        age=clock.age(mark.heard_at),
        is_tablet=mark.is_tablet,
    )


def _counts(world: Overview, base: str) -> tuple[Count, ...]:
    order: tuple[Status, ...] = ("ok", *(status for status in WORST_FIRST if status != "ok"))
    return tuple(
        Count(
            status,
            world.count(status),
            _count_words(status, world.count(status)),
            f"{base}phones/?status={status}",
        )
        for status in order
        if world.count(status)
    )


def _count_words(status: str, number: int) -> str:
    return {
        "ok": _("protected"),
        "fix": ngettext("needs a fix", "need a fix", number),
        "closed": _("closed"),
        "silent": _("not heard from"),
        "unknown": _("unknown"),
    }[status]


def _tasks_title(number: int) -> str:
    return {
        0: "",
        1: _("One thing"),
        2: _("Two things, worst first"),
        3: _("Three things, worst first"),
    }[number]


def _more(left: int) -> str:
    if left <= 0:
        return ""
    return ngettext("%(count)s more thing to do", "%(count)s more things to do", left) % {"count": left}
