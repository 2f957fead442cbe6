"""What a refused person reads. The gate sends the browser to `/refused/<decision>`."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pocketward.access import api as access_api
from pocketward.access.api import DecisionRecord
from pocketward.kernel import clock as product_clock
from pocketward.kernel.errors import PocketwardError
from pocketward.practice import api as practice_api
from pocketward.spine.api import practice_scope
from pocketward.web.components.clock import Clock
from pocketward.web.components.language import language_of
from pocketward.web.components.render import staff_page
from pocketward.web.gatekeeping import READERS
from pocketward.web.notices import say
from pocketward.web.refused.building import refused_page
from pocketward.web.sign_in.views import practices_of
from pocketward.web.surroundings import staff_shell
from pocketward.web.visitor import Visitor


@require_GET
def refused(request: HttpRequest, decision_id: str, practice_id: str = "") -> HttpResponse:
    """Why records are closed for the person who reads it, and the shortest way to open them.

    The gate names the practice in the address; whose page it is, the sign-in alone decides.
    Only the person of the decision reads it here; an officer is led to the decision's own page.
    """
    person = access_api.signed_in(request)
    if person is None:
        return _ask_to_sign_in(request)
    for practice in practices_of(person.account_id):
        with practice_scope(practice.id):
            found = _decision(decision_id)
            if found is None:
                continue
            member_id = practice_api.member_of_account(practice_id=practice.id, account_id=person.account_id)
            if member_id is None:
                continue
            member = practice_api.get_member(member_id=member_id)
            language = language_of(request, member.language)
            clock = Clock(product_clock.now(), ZoneInfo(practice.zone), language)
            visitor = Visitor(practice, member, person, clock, language)
            if found.member_id not in (None, member.id):
                return _not_theirs(request, visitor, found)
            with translation.override(language):
                page = refused_page(visitor, found)
                shell = staff_shell(request, language, practice, home_url=f"{visitor.base}me/", clock=clock)
                return staff_page(request, "refused/refused.html", page, shell)
    return _gone(request)


def _decision(decision_id: str) -> DecisionRecord | None:
    try:
        return access_api.decision(decision_id=decision_id)
    except PocketwardError:
        return None


def _not_theirs(request: HttpRequest, visitor: Visitor, found: DecisionRecord) -> HttpResponse:
    if visitor.member.roles & READERS:
        return HttpResponseRedirect(f"{visitor.base}decisions/{found.public_id}/")
    return _gone(request)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    with translation.override(language_of(request)):
        return say(
            request,
            title=_("Records are closed here."),
            text=_("Sign in to see why, and how to open them. A device that never joined asks the IT lead."),
            status=401,
            url=f"{reverse('sign-in')}?next={request.path}",
            link=_("Sign in"),
            mark="closed",
        )


def _gone(request: HttpRequest) -> HttpResponse:
    with translation.override(language_of(request)):
        return say(
            request,
            title=_("Records are closed here."),
            text=_("We cannot show why with this number. Open the app again, or call."),
            status=404,
            url="/",
            link=_("To the start"),
            mark="closed",
        )
