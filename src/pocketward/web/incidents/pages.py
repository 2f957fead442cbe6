"""Page models of Incidents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pocketward.web.components.crumbs import Choice, Crumb, FieldError, PlainLine, Tab, TimelineLine
from pocketward.web.components.ladder import Ruler, Rung


@dataclass(frozen=True)
class CaseLine:
    """A row of the list."""

    url: str
    number: str
    title: str
    state: str
    open: bool
    clock: str
    reported: str
    lead: str


@dataclass(frozen=True)
class IncidentsPage:
    """Open cases first, each with its next date."""

    title: str
    say: str
    lines: tuple[CaseLine, ...]
    report_url: str
    shown: str = ""
    older_url: str = ""
    newer_url: str = ""
    steps_url: str = ""
    toast: str = ""


@dataclass(frozen=True)
class CaseStep:
    """A step of the playbook. The step that is `now` carries the page's one filled button."""

    number: int
    state: Literal["done", "now", "later", "failed", "skipped"]
    title: str
    text: str
    rungs: tuple[Rung, ...] = ()
    rungs_text: str = ""
    action: str = ""
    action_label: str = ""
    confirm: "Confirm | None" = None
    ask: str = ""
    second: str = ""
    second_label: str = ""


@dataclass(frozen=True)
class Confirm:
    """The dialog before a destructive step: what goes, who is told, how it is stopped."""

    key: str
    title: str
    lines: tuple[str, ...]
    type_name: str
    button: str
    keep: str


@dataclass(frozen=True)
class Countdown:
    """A destructive step that has been let pass and can still be stopped.

    `phone` is named where the case has several; `stop_url` is empty for who may only look.
    """

    phone: str
    left: str
    until: str
    ruler: Ruler
    stop_url: str


@dataclass(frozen=True)
class Door:
    """One door and its receipt; a door that is not ours says who must shut it."""

    name: str
    receipt: str
    ours: bool
    closed: bool
    detail: str = ""
    tick_url: str = ""


@dataclass(frozen=True)
class BreachClock:
    """Day 60 in words and as a ruler."""

    title: str
    left: str
    due: str
    ruler: Ruler


@dataclass(frozen=True)
class Known:
    """A moment at which somebody knew; one counts."""

    when: str
    why: str
    counts: bool


@dataclass(frozen=True)
class LookUp:
    """A question where the phone is: when, by whom, why, how to look at the answer, and who did."""

    key: str
    text: str
    state: str
    view_url: str = ""
    looks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LostModeLeft:
    """The report was reversed and lost mode is still on: what ends it."""

    text: str
    action: str = ""
    label: str = ""


@dataclass(frozen=True)
class GiveUp:
    """Revoking the management certificate of a held phone: what it means, and the dialog before it."""

    text: str
    action: str
    label: str
    confirm: Confirm


@dataclass(frozen=True)
class Possible:
    """Somebody, or a tablet, that a report may mean; `key` is what the button sends, empty with no phone."""

    key: str
    name: str
    detail: str


@dataclass(frozen=True)
class Whose:
    """Whose phone is it? What was typed, whom it may mean, and a search over everybody."""

    said: tuple[PlainLine, ...]
    more: str
    possible: tuple[Possible, ...]
    heading: str
    action: str
    search_url: str
    searched: str


@dataclass(frozen=True)
class CasePage:
    """One case."""

    title: str
    crumbs: tuple[Crumb, ...]
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    steps: tuple[CaseStep, ...]
    timeline_title: str
    timeline: tuple[TimelineLine, ...]
    doors: tuple[Door, ...]
    facts: tuple[PlainLine, ...]
    people: tuple[PlainLine, ...]
    pdf_url: str
    undo_url: str
    undo_text: str
    refresh_url: str
    open: bool
    own_phone_url: str = ""
    clock: BreachClock | None = None
    countdowns: tuple[Countdown, ...] = ()
    known: tuple[Known, ...] = ()
    discovery_url: str = ""
    look_ups: tuple[LookUp, ...] = ()
    lost_mode: LostModeLeft | None = None
    give_up: GiveUp | None = None
    waiting_hold_url: str = ""
    whose: Whose | None = None
    one_channel: str = ""
    more_came: bool = False
    take_url: str = ""
    csv_url: str = ""
    error: str = ""
    toast: str = ""


@dataclass(frozen=True)
class Question:
    """A line of the exposure worksheet: what facts say, and the answer ("unknown" is one)."""

    key: str
    text: str
    from_facts: str
    answers: tuple[Choice, ...]
    note: str
    law: str = ""


@dataclass(frozen=True)
class ExposurePage:
    """The exposure worksheet and the decision at its end."""

    title: str
    crumbs: tuple[Crumb, ...]
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    action: str
    questions: tuple[Question, ...]
    facts: tuple[PlainLine, ...]
    answered: str
    decided: tuple[str, ...]
    may_decide: bool
    decide_url: str
    verdicts: tuple[Choice, ...]
    pdf_url: str
    # What was typed for a decision that is not made, and the fault of each field by its id.
    reason: str = ""
    fault_of: Mapping[str, str] = field(default_factory=dict)
    close_url: str = ""
    may_change: bool = True
    errors: tuple[FieldError, ...] = ()
    toast: str = ""


@dataclass(frozen=True)
class PlacePage:
    """Where a phone was, shown once."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    geo: str
    back_url: str
    toast: str = ""


@dataclass(frozen=True)
class WrittenStep:
    """One step of the playbook on paper."""

    title: str
    who: str
    within: str
    offline: str
    only: str = ""


@dataclass(frozen=True)
class PlaybookPage:
    """The written steps."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    steps: tuple[WrittenStep, ...]
    number: str
    pdf_url: str
    toast: str = ""
