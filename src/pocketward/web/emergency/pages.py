"""Page models of emergency access."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice, Crumb, PlainLine


@dataclass(frozen=True)
class EmergencyPage:
    """The form: which app, and why. `blocked` says that it cannot be had here, and why."""

    title: str
    action: str
    apps: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    decision: str = ""
    blocked: str = ""
    error: str = ""


@dataclass(frozen=True)
class EmergencyOpenPage:
    """Open now, until when, and what follows."""

    title: str
    say: str
    text: str
    app_url: str
    app_name: str


@dataclass(frozen=True)
class Review:
    """One use of emergency access that an officer must look at. `url` leads to it; `state` says how it is."""

    id: str
    who: str
    app: str
    when: str
    reason: str
    opened: str
    url: str
    state: str


@dataclass(frozen=True)
class ReviewsPage:
    """Uses of emergency access, those not yet looked at first."""

    title: str
    say: str
    waiting: tuple[Review, ...]
    done: tuple[Review, ...]
    toast: str = ""


@dataclass(frozen=True)
class ReviewPage:
    """One use, read by an officer: what was opened, and the finding. It cannot be closed unread."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    lines: tuple[PlainLine, ...]
    findings: tuple[Choice, ...]
    action: str
    cannot: str
    error: str = ""
    toast: str = ""
