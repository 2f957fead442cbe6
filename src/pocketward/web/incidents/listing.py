"""The list of cases: open ones first, the newest on top."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.incidents import api as incidents_api
from pocketward.incidents.api import CaseRecord
from pocketward.response import api as response_api
from pocketward.response.api import AlertRecord
from pocketward.web.incidents.pages import CaseLine, IncidentsPage
from pocketward.web.names import Names, names_of
from pocketward.web.visitor import Visitor

STATES = {
    "closed": "Contained",
    "needs_confirmation": "Waits for your tap",
    "paged_only": "Nobody fits the name",
}


def incidents_page(visitor: Visitor, *, toast: str = "") -> IncidentsPage:
    """Every case of the practice in scope, and whoever waits for a call because a phone was found."""
    practice_id = visitor.practice.id
    found, names = incidents_api.cases(practice_id=practice_id), names_of(practice_id)
    known = {case.case_ref for case in found}
    calls = [
        alert for alert in response_api.unanswered(practice_id=practice_id) if alert.case_ref not in known
    ]
    count = sum(1 for case in found if case.state == "open") + len(calls)
    say = ngettext("%(count)s case is open.", "%(count)s cases are open.", count) % {"count": count}
    if not found and not calls:
        say = _("No incidents so far.")
    elif not count:
        say = _("No case is open.")
    return IncidentsPage(
        title=_("Incidents"),
        say=say,
        lines=(
            *(_call(alert, visitor) for alert in {alert.case_ref: alert for alert in calls}.values()),
            *(_line(case, visitor, names) for case in found),
        ),
        report_url=f"/l/{visitor.practice.lost_code}",
        toast=toast,
    )


def _call(alert: AlertRecord, visitor: Visitor) -> CaseLine:
    report = response_api.get_report(case_ref=alert.case_ref)
    return CaseLine(
        url=f"{visitor.base}incidents/{alert.case_ref}/",
        number="",
        title=_("Somebody has “%(typed)s” again") % {"typed": report.said},
        state=_("Waits for a call"),
        open=True,
        clock="",
        reported=visitor.clock.when(alert.raised_at),
        lead="",
    )


def _line(case: CaseRecord, visitor: Visitor, names: Names) -> CaseLine:
    what = ", ".join(case.labels)
    return CaseLine(
        url=f"{visitor.base}incidents/{case.case_ref}/",
        number=case.number,
        title=_("%(phone)s is lost") % {"phone": what} if what else _("A loss that fits nobody"),
        state=state_of(case),
        open=case.state == "open",
        clock=next_date(case),
        reported=visitor.clock.when(case.opened_at),
        lead=names.actor(case.lead) if case.lead else "",
    )


def state_of(case: CaseRecord) -> str:
    """The state in a word or two."""
    if case.state == "reversed":
        return _("Reversed")
    if case.state == "closed":
        return _("Closed")
    return STATES.get(case.outcome, case.outcome)


def next_date(case: CaseRecord) -> str:
    """The next date somebody is held to: day 60, while it counts as a breach."""
    if case.state != "open" or case.verdict == "low_probability":
        return ""
    return _("%(day)s: tell patients, if a breach") % {"day": plain_day(case.breach_clock.limit_on)}


def plain_day(day: date) -> str:
    """Jan 18, 2027."""
    return f"{day:%b} {day.day}, {day.year}"
