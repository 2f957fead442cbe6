"""What a refused person reads. The gate sends the browser to `/refused/<practice>/<decision>`."""

import threading
import time
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pocketward.access import api as access_api
from pocketward.access.api import DecisionRecord, SignedIn
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import parse_public_id, public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import PracticeRecord
from pocketward.spine.api import practice_scope
from pocketward.web.components.asked import read_number
from pocketward.web.components.language import language_of
from pocketward.web.components.render import staff_page
from pocketward.web.gatekeeping import READERS
from pocketward.web.notices import say
from pocketward.web.refused.building import refused_page
from pocketward.web.sign_in.pages import OnwardPage
from pocketward.web.sign_in.views import practices_of
from pocketward.web.surroundings import staff_shell

# The browser may be here before the gate has written its decision down: of one just made, we wait for it.
PATIENCE_S: Final = (0.1, 0.2, 0.3, 0.4, 0.5)
JUST_MADE_S: Final = 30.0
# Anybody may ask for a number that never was. No more threads than these wait for one, so that nobody keeps
# the pages from everybody else.
MOST_WAITING: Final = 2
_WAITING: Final = threading.BoundedSemaphore(MOST_WAITING)
# Whoever finds no room comes back by itself, so many times; by then the decision stands written down.
MOST_TURNS: Final = 2
TURN_S: Final = 2
TURN: Final = "turn"


@require_GET
def refused(request: HttpRequest, decision_id: str, practice_id: str = "") -> HttpResponse:
    """Why records are closed for the person who reads it, and the shortest way to open them.

    Only the person of the decision reads it here; an officer is led to the decision's own page. A refusal
    of nobody known (a device that never joined, before any sign-in) is read by whoever met it.
    """
    person = access_api.signed_in(request)
    everything = practice_api.practices() if person is None else practices_of(person.account_id)
    asked = tuple(one for one in everything if practice_id in ("", public_id("prac", one.id)))
    try:
        place = _find(asked, decision_id) or _find_soon(asked, decision_id)
    except _NoRoom:
        turn = read_number(request.GET.get(TURN, "")) or 0
        if turn < MOST_TURNS:
            return _come_back(request, turn + 1)
        place = None
    if place is None:
        return _ask_to_sign_in(request) if person is None else _gone(request)
    practice, found = place
    with practice_scope(practice.id):
        if person is None:
            return _for_nobody(request, practice, found)
        return _for_member(request, practice, found, person)


Place = tuple[PracticeRecord, DecisionRecord]


class _NoRoom(Exception):
    """As many threads wait for a decision already as may."""


def _find(practices: tuple[PracticeRecord, ...], decision_id: str) -> Place | None:
    for practice in practices:
        with practice_scope(practice.id):
            if (found := _kept(decision_id)) is not None:
                return practice, found
    return None


def _find_soon(practices: tuple[PracticeRecord, ...], decision_id: str) -> Place | None:
    """Of a decision that was made just now, look again during a moment; _NoRoom when others do already."""
    if not _is_just_made(decision_id):
        return None
    if not _WAITING.acquire(blocking=False):
        raise _NoRoom
    try:
        for wait in PATIENCE_S:
            time.sleep(wait)
            if (place := _find(practices, decision_id)) is not None:
                return place
        return None
    finally:
        _WAITING.release()


def _come_back(request: HttpRequest, turn: int) -> HttpResponse:
    """A page that asks again by itself in a moment: no thread waits meanwhile."""
    query = request.GET.copy()
    query[TURN] = str(turn)
    language = language_of(request)
    with translation.override(language):
        page = OnwardPage(
            title=_("Records are closed here."),
            say=_("One moment."),
            text=_("We look up why records are closed. This page opens again by itself."),
            url=f"{request.path}?{query.urlencode()}",
            link=_("Go on"),
            seconds=TURN_S,
        )
        shell = staff_shell(request, language, None)
        return staff_page(request, "sign_in/onward.html", page, shell)


def _kept(decision_id: str) -> DecisionRecord | None:
    try:
        return access_api.decision(decision_id=decision_id)
    except PocketwardError:
        return None


def _is_just_made(decision_id: str) -> bool:
    """Whether the number is one of ours in form, and of the last seconds: it begins with its moment."""
    try:
        made_at = (parse_public_id("dec", decision_id).int >> 80) / 1000
    except ValueError:
        return False
    return abs(time.time() - made_at) < JUST_MADE_S


def _for_nobody(request: HttpRequest, practice: PracticeRecord, found: DecisionRecord) -> HttpResponse:
    if found.member_id is not None:
        return _ask_to_sign_in(request)
    return _page(request, practice, found, "")


def _for_member(
    request: HttpRequest, practice: PracticeRecord, found: DecisionRecord, person: SignedIn
) -> HttpResponse:
    member_id = practice_api.member_of_account(practice_id=practice.id, account_id=person.account_id)
    if member_id is None:
        return _gone(request)
    member = practice_api.get_member(member_id=member_id)
    if found.member_id not in (None, member.id):
        if member.roles & READERS:
            return HttpResponseRedirect(f"/p/{practice.slug}/decisions/{found.public_id}/")
        return _gone(request)
    return _page(request, practice, found, member.language, may_add=member.is_officer)


def _page(
    request: HttpRequest,
    practice: PracticeRecord,
    found: DecisionRecord,
    preferred: str,
    *,
    may_add: bool = False,
) -> HttpResponse:
    language = language_of(request, preferred)
    with translation.override(language):
        page = refused_page(practice, language, found, may_add=may_add)
        home = f"/p/{practice.slug}/me/" if preferred else ""
        shell = staff_shell(request, language, practice, home_url=home)
        return staff_page(request, "refused/refused.html", page, shell)


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
