"""The list of phones: views, search, filters and order, all in the address, worst first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.overview.api import MOST, PER_PAGE, SORTS, VIEWS, PhoneCounts, PhoneQuestion
from pocketward.web.components.clock import Clock
from pocketward.web.components.crumbs import Crumb, PlainLine
from pocketward.web.components.paging import page_in, shown
from pocketward.web.components.words import WORDS, WORST_FIRST, Status, word


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

    @property
    def question(self) -> PhoneQuestion:
        """The same, as the overview takes it."""
        return PhoneQuestion(self.q, self.view, self.status, self.owner, self.kind, self.sort)

    @property
    def narrows(self) -> bool:
        """Whether something is asked for beyond the view."""
        return bool(self.q or self.status or self.owner or self.kind)

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
class RemovedPage:
    """The phones that were taken off the list, the latest first."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    lines: tuple[PlainLine, ...]
    toast: str = ""


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
    removed_url: str
    base: str
    statuses: tuple[tuple[str, str], ...]
    none_at_all: bool
    nothing: tuple[str, str] = ("", "")
    all_label: str = ""
    may_change: bool = True
    toast: str = ""


def read_asked(query: Mapping[str, str]) -> Asked:
    """The question in an address; what is not understood is ignored."""
    return Asked(
        q=" ".join(query.get("q", "").split())[:100],
        view=query.get("view", "all") if query.get("view") in VIEWS else "all",
        status=query.get("status", "") if query.get("status") in WORDS else "",
        owner=query.get("owner", "") if query.get("owner") in ("practice", "personal") else "",
        kind=query.get("kind", "") if query.get("kind") in ("iphone", "ipad") else "",
        sort=query.get("sort", "status") if query.get("sort") in SORTS else "status",
        page=page_in(query),
    )


def phones_page(
    part: Iterable[PhoneRow],
    numbers: PhoneCounts,
    asked: Asked,
    clock: Clock,
    *,
    base: str,
    toast: str = "",
    may_change: bool = True,
) -> PhonesPage:
    """The list for `asked`: its `part` of rows, and the numbers around. `base` ends with a slash."""
    rows, first = tuple(part), (asked.page - 1) * PER_PAGE
    return PhonesPage(
        title=_("Phones and tablets"),
        summary=_("%(good)s of %(total)s protected. Worst first.")
        % {"good": numbers.by_status["ok"], "total": numbers.total},
        asked=asked,
        views=tuple(_view(name, numbers, asked) for name in VIEWS),
        columns=_columns(asked),
        lines=tuple(line_of(row, clock, base) for row in rows),
        found=numbers.found,
        older_url=asked.url(page=asked.page + 1) if first + len(rows) < numbers.found else "",
        newer_url=asked.url(page=asked.page - 1) if asked.page > 1 else "",
        shown=shown(first, len(rows), numbers.found),
        csv_url=f"{base}phones/phones.csv{asked.url()}",
        add_url=f"{base}phones/add/",
        removed_url=f"{base}phones/removed/",
        bulk_url=f"{base}phones/bulk/{asked.url()}",
        base=base,
        statuses=tuple((status, str(WORDS[status])) for status in WORST_FIRST),
        none_at_all=not numbers.total,
        nothing=("", "") if rows else _nothing(numbers, asked),
        all_label=_all_label(len(rows), numbers.found),
        may_change=may_change,
        toast=toast,
    )


def _all_label(part: int, found: int) -> str:
    """The button that asks every phone of the question; without need, or beyond what one act takes, none."""
    if not part < found <= MOST:
        return ""
    return _("Ask all %(count)s that fit") % {"count": found}


def _nothing(numbers: PhoneCounts, asked: Asked) -> tuple[str, str]:
    """Why the list is empty, and the address that shows more."""
    if not asked.narrows and asked.view == "look":
        text = ngettext(
            "No phone needs a look. The only one is protected.",
            "No phone needs a look. All %(count)s are protected.",
            numbers.total,
        )
        return text % {"count": numbers.total}, Asked().url()
    parts = [f"“{asked.q}”"] if asked.q else []
    parts += [word(asked.status)] if asked.status else []
    parts += [{"iphone": "iPhone", "ipad": "iPad"}[asked.kind]] if asked.kind else []
    parts += [owner_word(asked.owner)] if asked.owner else []
    parts += [_view_label(asked.view)] if asked.view != "all" else []
    names = {"total": numbers.total, "wanted": ", ".join(parts)}
    return _("None of %(total)s phones fits: %(wanted)s.") % names, Asked(sort=asked.sort).url()


def owner_word(ownership: str) -> str:
    """Whose it is, in a word."""
    return _("Personal") if ownership == "personal" else _("Practice")


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
        owner=owner_word(row.ownership),
        heard=clock.age(row.heard_at),
        stale=row.status == "silent",
    )


def _view_label(name: str) -> str:
    return {
        "look": _("Needs a look"),
        "all": _("All"),
        "shared": _("Shared tablets"),
        "personal": _("Personal"),
    }[name]


def _view(name: str, numbers: PhoneCounts, asked: Asked) -> View:
    number = {
        "look": numbers.look, "all": numbers.total, "shared": numbers.shared, "personal": numbers.personal,
    }[name]  # fmt: skip
    return View(_view_label(name), number, Asked(view=name).url(), asked.view == name)


def _columns(asked: Asked) -> tuple[Column, ...]:
    labels = (("status", _("Status")), ("name", _("Phone")), ("", _("Reason")), ("person", _("Person")))
    more = (("", _("Kind")), ("", _("Owner")), ("heard", _("Last heard")))
    return tuple(
        Column(label, asked.url(sort=key) if key else "", key == asked.sort, key == "heard")
        for key, label in (*labels, *more)
    )
