"""Who may see a page: one decorator for pages inside a practice, read from the sign-in of this browser.

Whatever belongs to another practice is not there (404). Inside one's own practice a role decides: reading
and changing are granted apart, and staff without a console role are led to their own pages.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from pocketward.access import api as access_api
from pocketward.access.api import SignedIn
from pocketward.kernel import clock as product_clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import OFFICERS, PracticeRecord
from pocketward.practice.errors import PracticeError
from pocketward.spine.api import practice_scope
from pocketward.web.components.clock import Clock
from pocketward.web.components.language import Language, language_of
from pocketward.web.notices import no_right_page, not_for_technicians
from pocketward.web.visitor import Visitor

READERS: Final = OFFICERS | {"compliance_lead", "auditor"}
# Of the IT provider, while the practice's grant lives; only pages that name this role are open to it.
TECHNICIAN: Final = frozenset({"service_technician"})
FIRST_PASSKEY_ONLY: Final = "link"  # came by a one-time link: may only register a passkey


Page = Callable[..., HttpResponse]


def practice_page(
    *, read: frozenset[str] = READERS, change: frozenset[str] = OFFICERS, staff: bool = False
) -> Callable[[Page], Page]:
    """A page at /p/<slug>/…, for `read` roles by GET and `change` roles by POST.

    The view is called as view(request, visitor, **the rest of the address), inside the practice's scope.
    `staff` opens it to everybody who works there, roles or not.
    """

    def decorate(view: Page) -> Page:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **rest: Any) -> HttpResponse:
            person = access_api.signed_in(request)
            if person is None:
                return to_sign_in(request)
            if person.strength == FIRST_PASSKEY_ONLY:
                return HttpResponseRedirect(reverse("passkey"))
            practice = _practice(slug)
            with practice_scope(practice.id):
                visitor = _visitor(request, practice, person, staff)
                if visitor.member.is_technician and not access_api.is_phishing_resistant(person.strength):
                    return to_sign_in(request)
                if not staff and not _allowed(visitor, request, read, change):
                    return _turned_away(request, visitor, change)
                with translation.override(visitor.language):
                    return view(request, visitor, **rest)

        return guarded

    return decorate


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in first, and come back here after."""
    here = request.get_full_path() if request.method == "GET" else request.path
    return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': here})}")


def _practice(slug: str) -> PracticeRecord:
    try:
        return practice_api.practice_by_slug(slug=slug)
    except PracticeError as error:
        raise Http404 from error


def _visitor(request: HttpRequest, practice: PracticeRecord, person: SignedIn, staff: bool) -> Visitor:
    member_id = practice_api.member_of_account(practice_id=practice.id, account_id=person.account_id)
    if member_id is None:
        raise Http404
    member = practice_api.get_member(member_id=member_id)
    if staff and member.is_technician:
        raise Http404
    # The console speaks English until its texts are whole in Spanish; staff pages speak both.
    language: Language = language_of(request, member.language) if staff else "en"
    clock = Clock(product_clock.now(), ZoneInfo(practice.zone), language)
    return Visitor(practice, member, person, clock, language)


def _allowed(visitor: Visitor, request: HttpRequest, read: frozenset[str], change: frozenset[str]) -> bool:
    wanted = read if request.method in ("GET", "HEAD") else change
    return bool(visitor.member.roles & wanted)


def _turned_away(request: HttpRequest, visitor: Visitor, change: frozenset[str]) -> HttpResponse:
    if visitor.member.is_technician:
        if request.path == visitor.base and request.method == "GET":
            return HttpResponseRedirect(f"{visitor.base}setup/guard/")
        return not_for_technicians(request, visitor)
    if not visitor.member.roles & READERS and request.method == "GET":
        return HttpResponseRedirect(f"{visitor.base}me/")
    only_privacy = request.method == "POST" and change == frozenset({"privacy_officer"})
    return no_right_page(request, visitor, only_privacy=only_privacy)
