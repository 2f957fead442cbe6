"""The list of cases: open ones first, the newest on top."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.overview import api as overview_api
from pocketward.overview.api import CaseLine as Case
from pocketward.web.components.paging import page_that_exists, shown
from pocketward.web.incidents.pages import CaseLine, IncidentsPage
from pocketward.web.visitor import Visitor

STATES = {
    "closed": "Our doors are closed",
    "needs_confirmation": "Waits for your tap",
    "paged_only": "Nobody fits the name",
}


def incidents_page(visitor: Visitor, *, page: int = 1, toast: str = "") -> IncidentsPage:
    """One page of the cases, and of whoever waits for a call because a phone was found."""
    practice_id = visitor.practice.id
    total, count = overview_api.count_cases(practice_id=practice_id)
    page = page_that_exists(page, total)
    first = (page - 1) * overview_api.PER_PAGE
    lines = overview_api.cases(practice_id=practice_id, first=first)
    say = ngettext("%(count)s case is open.", "%(count)s cases are open.", count) % {"count": count}
    if not total:
        say = _("No incidents so far.")
    elif not count:
        say = _("No case is open.")
    return IncidentsPage(
        title=_("Incidents"),
        say=say,
        lines=tuple(_line(case, visitor) for case in lines),
        report_url=f"/l/{visitor.practice.lost_code}",
        shown=shown(first, len(lines), total),
        older_url=f"?page={page + 1}" if first + len(lines) < total else "",
        newer_url=f"?page={page - 1}" if page > 1 else "",
        steps_url=f"{visitor.base}incidents/steps/lost_device/",
        toast=toast,
    )


def case_title(case: Case) -> str:
    """What a case is about."""
    if case.kind == "call":
        return _("Somebody has “%(typed)s” again") % {"typed": case.said}
    what = ", ".join(case.labels)
    if not what:
        return _("A loss that fits nobody")
    if case.state == "reversed":
        return _("%(phone)s is back") % {"phone": what}
    text = _("%(phone)s was lost and is erased") if case.is_erased else _("%(phone)s is lost")
    return text % {"phone": what}


def _line(case: Case, visitor: Visitor) -> CaseLine:
    return CaseLine(
        url=f"{visitor.base}incidents/{case.case_ref}/",
        number=case.number,
        title=case_title(case),
        state=_state(case),
        open=case.is_open,
        clock=_next_date(case),
        reported=visitor.clock.when(case.opened_at),
        lead=case.lead,
    )


def _state(case: Case) -> str:
    if case.kind == "call":
        return _("Waits for a call")
    if case.state == "reversed":
        return _("Reversed")
    if case.state == "closed":
        return _("Closed")
    return STATES.get(case.outcome, case.outcome)


def _next_date(case: Case) -> str:
    """The next date somebody is held to: day 60, while it counts as a breach."""
    if case.state != "open" or case.verdict == "low_probability" or case.limit_on is None:
        return ""
    return _("%(day)s: tell patients, if a breach") % {"day": plain_day(case.limit_on)}


def plain_day(day: date) -> str:
    """Jan 18, 2027."""
    return f"{day:%b} {day.day}, {day.year}"
