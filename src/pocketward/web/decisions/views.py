"""A decision's page for officers and auditors, and the list of decisions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from pocketward.access import api as access_api
from pocketward.kernel.errors import PocketwardError
from pocketward.web.components.render import console_page
from pocketward.web.decisions.building import decision_page, decisions_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor


@require_GET
@practice_page()
def decisions(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Decisions, newest first; refusals first when asked."""
    outcome = request.GET.get("outcome", "")
    wanted = outcome if outcome in ("refuse", "allow", "reauthenticate") else ""
    found = access_api.decisions(practice_id=visitor.practice.id, outcome=wanted, limit=100)
    page = decisions_page(visitor, found, wanted)
    return console_page(request, "decisions/list.html", page, console_shell(visitor, "proof"))


@require_GET
@practice_page()
def decision(request: HttpRequest, visitor: Visitor, decision_id: str) -> HttpResponse:
    """Why one answer was given: what was asked, what was known, which rule."""
    try:
        found = access_api.decision(decision_id=decision_id)
    except PocketwardError as error:
        raise Http404 from error
    page = decision_page(visitor, found)
    return console_page(request, "decisions/decision.html", page, console_shell(visitor, "proof"))
