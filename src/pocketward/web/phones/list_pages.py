"""The list of phones: views, search, filters and order, all in the address, worst first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from pocketward.web.components.clock import Clock
from pocketward.web.components.words import WORDS, WORST_FIRST, Status, badness

PER_PAGE: Final = 50
_NEVER: Final = "0"


@dataclass(frozen=True)
class PhoneRow:
    """One phone as the overview knows it. `person` is empty for a shared tablet."""

    public_id: str
    name: str
    status: Status
    reason: str
    person: str
    kind: str
    ownership: str
    shared: bool
    heard_at: datetime | None
    enrolled: bool = True


@dataclass(frozen=True)
class Asked:
    """What the address asks for: words to find, state, owner, kind, order, page (from 1)."""

    q: str = ""
    view: str = "all"
    status: str = ""
    owner: str = ""
    kind: str = ""
    sort: str = "status"
    page: int = 1

    def url(self, **changes: str | int) -> str:
        """The address with `changes`; defaults are left out, and another question starts at page 1."""
        wanted: dict[str, str | int] = {**vars(self), "page": 1, **changes}
        plain = vars(Asked())
        query = urlencode({key: value for key, value in wanted.items() if value != plain[key]})
        return f"?{query}" if query else "?"


@dataclass(frozen=True)
class View:
    """A saved view as a pill."""

    label: str
    number: int
    url: str
    here: bool


@dataclass(frozen=True)
class Column:
    """A head that sorts."""

    label: str
    url: str
    sorted: bool
    right: bool = False


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    public_id: str
    url: str
    name: str
    icon: str
    status: Status
    why: str
    person: str
    kind: str
    owner: str
    heard: str
    stale: bool


@dataclass(frozen=True)
class PhonesPage:
    """The list as it stands for one question."""

    title: str
    summary: str
    asked: Asked
    views: tuple[View, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    found: int
    older_url: str
    newer_url: str
    shown: str
    csv_url: str
    add_url: str
    bulk_url: str
    base: str
    statuses: tuple[tuple[str, str], ...]
    none_at_all: bool
    may_change: bool = True
    toast: str = ""


def read_asked(query: Mapping[str, str]) -> Asked:
    """The question in an address; what is not understood is ignored."""
    page = query.get("page", "1")
    return Asked(
        q=" ".join(query.get("q", "").split())[:100],
        view=query.get("view", "all") if query.get("view") in _VIEWS else "all",
        status=query.get("status", "") if query.get("status") in WORDS else "",
        owner=query.get("owner", "") if query.get("owner") in ("practice", "personal") else "",
        kind=query.get("kind", "") if query.get("kind") in ("iphone", "ipad") else "",
        sort=query.get("sort", "status") if query.get("sort") in _ORDERS else "status",
        page=int(page) if page.isdecimal() and 0 < int(page) < 100_000 else 1,
    )


def phones_page(
    rows: Iterable[PhoneRow],
    asked: Asked,
    clock: Clock,
    *,
    base: str,
    toast: str = "",
    may_change: bool = True,
) -> PhonesPage:
    """The list for `asked`. `base` is the practice's address with its slash."""
    everything = tuple(rows)
    found = select(everything, asked)
    first = (asked.page - 1) * PER_PAGE
    part = found[first : first + PER_PAGE]
    good = sum(1 for row in everything if row.status == "ok")
    return PhonesPage(
        title=_("Phones and tablets"),
        summary=_("%(good)s of %(total)s protected. Worst first.") % {"good": good, "total": len(everything)},
        asked=asked,
        views=tuple(_view(name, everything, asked) for name in _VIEWS),
        columns=_columns(asked),
        lines=tuple(line_of(row, clock, base) for row in part),
        found=len(found),
        older_url=asked.url(page=asked.page + 1) if first + PER_PAGE < len(found) else "",
        newer_url=asked.url(page=asked.page - 1) if asked.page > 1 else "",
        shown=_shown(first, len(part), len(found)),
        csv_url=f"{base}phones/phones.csv{asked.url()}",
        add_url=f"{base}phones/add/",
        bulk_url=f"{base}phones/bulk/",
        base=base,
        statuses=tuple((status, str(WORDS[status])) for status in WORST_FIRST),
        none_at_all=not everything,
        may_change=may_change,
        toast=toast,
    )


def select(rows: Iterable[PhoneRow], asked: Asked) -> list[PhoneRow]:
    """The rows `asked` wants, in its order."""
    wanted = [row for row in rows if _fits(row, asked)]
    return sorted(wanted, key=lambda row: (_ORDERS[asked.sort](row), row.name.casefold()))


def line_of(row: PhoneRow, clock: Clock, base: str) -> Line:
    """One row in words."""
    return Line(
        public_id=row.public_id,
        url=f"{base}phones/{row.public_id}/",
        name=row.name,
        icon="tablet" if row.kind == "ipad" else "phone",
        status=row.status,
        why=row.reason if row.status != "ok" else "",
        person=row.person or (_("Shared") if row.shared else _("Nobody named")),
        kind="iPad" if row.kind == "ipad" else "iPhone",
        owner=_("Personal") if row.ownership == "personal" else _("Practice"),
        heard=clock.age(row.heard_at),
        stale=row.status == "silent",
    )


def _fits(row: PhoneRow, asked: Asked) -> bool:
    words = asked.q.casefold().split()
    text = f"{row.name} {row.person} {row.reason}".casefold()
    return (
        all(word in text for word in words)
        and _VIEWS[asked.view](row)
        and (not asked.status or row.status == asked.status)
        and (not asked.owner or row.ownership == asked.owner)
        and (not asked.kind or row.kind == asked.kind)
    )


_VIEWS: Final[dict[str, Callable[[PhoneRow], bool]]] = {
    "look": lambda row: row.status != "ok",
    "all": lambda row: True,
    "shared": lambda row: row.shared,
    "personal": lambda row: row.ownership == "personal",
}

_ORDERS: Final[dict[str, Callable[[PhoneRow], tuple[int, str]]]] = {
    "status": lambda row: (badness(row.status), ""),
    "name": lambda row: (0, row.name.casefold()),
    "person": lambda row: (0, row.person.casefold()),
    "heard": lambda row: (0, row.heard_at.isoformat() if row.heard_at else _NEVER),
}


def _view(name: str, rows: tuple[PhoneRow, ...], asked: Asked) -> View:
    labels = {
        "look": _("Needs a look"),
        "all": _("All"),
        "shared": _("Shared tablets"),
        "personal": _("Personal"),
    }
    number = sum(1 for row in rows if _VIEWS[name](row))
    return View(labels[name], number, Asked(view=name).url(), asked.view == name)


def _columns(asked: Asked) -> tuple[Column, ...]:
    labels = (("status", _("Status")), ("name", _("Phone")), ("", _("Reason")), ("person", _("Person")))
    more = (("", _("Kind")), ("", _("Owner")), ("heard", _("Last heard")))
    return tuple(
        Column(label, asked.url(sort=key) if key else "", key == asked.sort, key == "heard")
        for key, label in (*labels, *more)
    )


def _shown(first: int, part: int, found: int) -> str:
    if not found:
        return ""
    return _("%(from)s to %(to)s of %(all)s") % {"from": first + 1, "to": first + part, "all": found}
