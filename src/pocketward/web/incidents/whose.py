"""Builds what a case shows while nobody knows whose phone it is."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.kernel.ids import public_id
from pocketward.response import api as response_api
from pocketward.response.api import Candidate, ReportRecord
from pocketward.web.components.crumbs import PlainLine
from pocketward.web.incidents.pages import Possible, Whose
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.visitor import Visitor


def whose_box(visitor: Visitor, facts: CaseFacts, place: str, search: str) -> Whose | None:
    """What was typed and whom it may mean; None when the case has its phones, or is over."""
    report, case = facts.report, facts.case
    is_over = case is not None and case.state != "open"
    if report.kind != "lost" or report.outcome != "paged_only" or report.restored_at is not None or is_over:
        return None
    practice_id = visitor.practice.id
    further, count = response_api.sightings_of(practice_id=practice_id, case_ref=report.case_ref)
    found = response_api.candidates(practice_id=practice_id, case_ref=report.case_ref, search=search)
    hidden = count - len(further)
    more = ngettext("And %(count)s earlier report.", "And %(count)s earlier reports.", hidden)
    return Whose(
        said=tuple(_said(visitor, one) for one in (*further, report)),
        more=more % {"count": hidden} if hidden > 0 else "",
        possible=tuple(_possible(one) for one in found),
        heading=_heading(search, found),
        action=f"{place}whose/" if visitor.may_change else "",
        search_url=place,
        searched=search,
    )


def nobody_sure(report: ReportRecord) -> str:
    """Why the report closed nothing by itself: how many fit the name."""
    text = _("Somebody reported a loss for “%(typed)s”.") % {"typed": report.said}
    count = response_api.fits(case_ref=report.case_ref)
    if count == 0:
        return f"{text} {_('Nobody here fits that name.')}"
    if count == 1:
        return f"{text} {_('It fits one person here, who had no phone then.')}"
    return f"{text} {_('%(count)s here fit that name.') % {'count': count}}"


def _heading(search: str, found: tuple[Candidate, ...]) -> str:
    if search:
        return (
            _("Found for “%(text)s”") % {"text": search} if found else _("Nobody fits what you looked for.")
        )
    return _("It may mean") if found else _("Nobody here has a name like that.")


def _said(visitor: Visitor, report: ReportRecord) -> PlainLine:
    when = visitor.clock.when(report.reported_at)
    call = _("call back %(number)s") % {"number": report.callback} if report.callback else _("no number")
    return PlainLine(f"“{report.said}”", f"{when}, {call}")


def _possible(one: Candidate) -> Possible:
    detail = ", ".join(one.labels) or _("no phone here")
    if one.has_left:
        detail = _("has left; %(phones)s") % {"phones": detail}
    key = ""
    if one.member_id is not None and one.labels:
        key = public_id("mem", one.member_id)
    elif one.device_id is not None:
        key = public_id("dev", one.device_id)
    return Possible(key, one.name, detail)
