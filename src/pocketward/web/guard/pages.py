"""Page model of the guard."""

from collections.abc import Mapping
from dataclasses import dataclass

from pocketward.web.components.crumbs import FieldError, PlainLine, Tab
from pocketward.web.guard.one_officer import GuardWords


@dataclass(frozen=True)
class WaitingLine:
    """Something that waits: who asked and when, what it would do, and until when it can be taken back.

    `approve_url` and `cancel_url` are empty where this person may not.
    """

    title: str
    detail: str
    asked: str
    state: str
    approve_url: str
    cancel_url: str


@dataclass(frozen=True)
class GuardPage:
    """The guard as it stands; `propose_url`, of the form for other limits, is empty for who may only look."""

    title: str
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    facts: tuple[PlainLine, ...]
    approvers: tuple[PlainLine, ...]
    orders: tuple[WaitingLine, ...]
    changes: tuple[WaitingLine, ...]
    proposals: tuple[WaitingLine, ...]
    values: Mapping[str, str]
    most: Mapping[str, int]
    propose_url: str
    words: GuardWords
    prove_url: str = ""
    errors: tuple[FieldError, ...] = ()
    toast: str = ""
