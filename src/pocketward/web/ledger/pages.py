"""Page models of the ledger."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice, Crumb, PlainLine, Tab


@dataclass(frozen=True)
class Seal:
    """What the last verification showed. `whole` False names the first bad entry in `text`."""

    whole: bool
    text: str
    detail: str
    root: str


@dataclass(frozen=True)
class EntryLine:
    """A row: number, time, who did what, and a note."""

    number: str
    url: str
    time: str
    who: str
    what: str
    note: str
    note_url: str = ""
    erased: bool = False


@dataclass(frozen=True)
class LedgerPage:
    """Entries, newest first, under the seal."""

    title: str
    tabs: tuple[Tab, ...]
    seal: Seal
    verify_url: str
    kinds: tuple[Choice, ...]
    q: str
    lines: tuple[EntryLine, ...]
    shown: str
    older_url: str
    newer_url: str
    export_url: str
    decisions_url: str = ""
    toast: str = ""


@dataclass(frozen=True)
class EntryPage:
    """One entry: what was sealed, and how to check it without us."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    body: str
    lines: tuple[PlainLine, ...]
    proof: tuple[str, ...]
    toast: str = ""
