"""Adding a phone: who gets it and who owns it, then a code to scan and its progress as it joins."""

from dataclasses import dataclass
from typing import Literal

from pocketward.web.components.crumbs import Choice, Crumb, FieldError


@dataclass(frozen=True)
class OwnerColumn:
    """What one kind of ownership brings, in short lines."""

    title: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]


@dataclass(frozen=True)
class AddPage:
    """The question: whose phone, whose property, which kind.

    `number` is the public id that its code will have, drawn with the form; `case_ref` the loss case whose
    phone the new one replaces.
    """

    title: str
    crumbs: tuple[Crumb, ...]
    action: str
    people: tuple[Choice, ...]
    label: str
    ownership: str
    kind: str
    columns: tuple[OwnerColumn, ...]
    blocked: str
    blocked_url: str
    waiting: tuple["Joining", ...]
    number: str = ""
    case_ref: str = ""
    errors: tuple[FieldError, ...] = ()
    toast: str = ""


@dataclass(frozen=True)
class JoinStep:
    """One step of a phone's joining, as the server saw it."""

    text: str
    state: Literal["up", "now", "open", "failed"]
    time: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Joining:
    """A phone half-way in; `remove_url` takes its code back, as long as nothing has joined with it."""

    name: str
    url: str
    text: str
    remove_url: str = ""


@dataclass(frozen=True)
class TicketPage:
    """The code to scan and the live progress. `done_url` is set when the phone is in."""

    title: str
    crumbs: tuple[Crumb, ...]
    for_whom: str
    notice: str
    qr_svg: str
    address: str
    expires: str
    steps: tuple[JoinStep, ...]
    progress_url: str
    done_url: str
    finished: bool
    say: str
    again_url: str
    toast: str = ""
