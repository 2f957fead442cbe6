"""Page models of emergency access."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice


@dataclass(frozen=True)
class EmergencyPage:
    """The form: which app, and why. `blocked` says that it cannot be had here, and why."""

    title: str
    action: str
    apps: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    note: str
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
    """One use of emergency access that an officer must look at."""

    id: str
    who: str
    app: str
    when: str
    reason: str
    opened: str


@dataclass(frozen=True)
class ReviewsPage:
    """Uses of emergency access, those not yet looked at first. A review cannot be closed unread."""

    title: str
    say: str
    action: str
    waiting: tuple[Review, ...]
    done: tuple[Review, ...]
    toast: str = ""
