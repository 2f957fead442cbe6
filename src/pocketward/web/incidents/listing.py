"""The list of cases: open ones first, the newest on top."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.ledger import api as ledger_api
from pocketward.web.incidents.building import number_of
from pocketward.web.incidents.pages import CaseLine, IncidentsPage
from pocketward.web.incidents.reading import CaseFacts, read_case
from pocketward.web.visitor import Visitor

REPORTED = ("response.loss_reported", "response.found_reported")


def incidents_page(visitor: Visitor, *, toast: str = "") -> IncidentsPage:
    """Every case of the practice in scope."""
    found = cases(visitor)
    count = sum(1 for facts in found if is_open(facts))
    say = ngettext("%(count)s case is open.", "%(count)s cases are open.", count) % {"count": count}
    if not found:
        say = _("No incidents so far.")
    elif not count:
        say = _("No case is open.")
    return IncidentsPage(
        title=_("Incidents"),
        say=say,
        lines=tuple(_line(facts, visitor) for facts in found),
        report_url=f"/l/{visitor.practice.lost_code}",
        toast=toast,
    )


def cases(visitor: Visitor) -> tuple[CaseFacts, ...]:
    """Every case that a report began, open ones first."""
    entries = ledger_api.entries(practice_id=visitor.practice.id, kinds=REPORTED, limit=200)
    refs = dict.fromkeys(entry.case_ref for entry in entries if entry.case_ref)
    found = [facts for facts in (read_case(visitor, ref, brief=True) for ref in refs) if facts is not None]
    return tuple(sorted(found, key=lambda facts: not is_open(facts)))


def is_open(facts: CaseFacts) -> bool:
    """Whether something of the case is still to be done."""
    if facts.report.kind == "found":
        return facts.unanswered
    if facts.report.kind == "found":
        return facts.unanswered
    return facts.report.restored_at is None and any(
        step.state not in ("done", "skipped", "failed") for step in facts.steps
    )


def _line(facts: CaseFacts, visitor: Visitor) -> CaseLine:
    report = facts.report
    titles = {"lost": _("%(phone)s is lost"), "found": _("%(phone)s is found")}
    return CaseLine(
        url=f"{visitor.base}incidents/{report.case_ref}/",
        number=number_of(facts),
        title=titles.get(report.kind, "%(phone)s") % {"phone": facts.names},
        state=_state(facts),
        open=is_open(facts),
        clock="",
        reported=visitor.clock.when(report.reported_at),
        lead="",
    )


def _state(facts: CaseFacts) -> str:
    if facts.report.restored_at is not None:
        return _("Reversed")
    states = {
        "closed": _("Contained"),
        "needs_confirmation": _("Waits for your tap"),
        "paged_only": _("Nobody fits the name"),
    }
    if not is_open(facts):
        return _("Closed")
    if facts.report.kind == "found":
        return _("Somebody waits for a call")
    if facts.report.kind == "found":
        return _("Somebody waits for a call")
    return states.get(facts.report.outcome, facts.report.outcome)
