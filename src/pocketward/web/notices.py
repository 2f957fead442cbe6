"""Pages that only say something: not found, not for this role, a fault of ours, a link that is spent."""

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from pocketward.kernel.errors import PocketwardError
from pocketward.web.components.language import Language, language_of
from pocketward.web.components.notice_page import NoticePage
from pocketward.web.components.render import staff_page
from pocketward.web.surroundings import staff_shell
from pocketward.web.visitor import Visitor


def no_right_page(request: HttpRequest, visitor: Visitor, *, only_privacy: bool = False) -> HttpResponse:
    """403: this role may not do this; who may. `only_privacy`: nobody else may."""
    with translation.override(visitor.language):
        page = NoticePage(
            _("Not for your role"),
            _("This is for the privacy officer.")
            if only_privacy
            else _("This is for officers of your practice."),
            _("Only the privacy officer may do this. Ask that person.")
            if only_privacy
            else _("Owner, privacy officer, security officer and IT lead may do this. Ask one of them."),
            f"{visitor.base}me/",
            _("To your own page"),
        )
    shell = staff_shell(request, visitor.language, visitor.practice)
    return staff_page(request, "components/notice.html", page, shell, status=403)


def not_for_technicians(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """403: what a technician of the IT provider may do here, and no more."""
    with translation.override(visitor.language):
        page = NoticePage(
            _("Not for the IT provider"),
            _("This is for people of the practice."),
            _("You see phones and what waits at the guard, and you approve orders. Nothing else is open."),
            f"{visitor.base}setup/guard/",
            _("To what waits"),
        )
    shell = staff_shell(request, visitor.language, visitor.practice)
    return staff_page(request, "components/notice.html", page, shell, status=403)


def say(
    request: HttpRequest,
    *,
    title: str,
    text: str,
    status: int = 200,
    url: str = "",
    link: str = "",
    mark: str = "",
    preferred: str = "",
) -> HttpResponse:
    """A notice outside any practice, in the reader's language (`preferred` where one is known); texts are
    translated already.
    """
    language: Language = language_of(request, preferred)
    page = NoticePage(title, title, text, url, link, mark)
    return staff_page(
        request, "components/notice.html", page, staff_shell(request, language, None), status=status
    )


def say_refused(request: HttpRequest, error: PocketwardError, *, preferred: str = "") -> HttpResponse:
    """400 with the error's words, outside any practice; its advice where it has one of its own."""
    advice = _(error.own_advice) if error.own_advice else ""
    return say(request, title=_(error.sentence), text=advice, status=400, preferred=preferred)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what never was and for what belongs to another practice."""
    with translation.override(language_of(request)):
        return say(
            request,
            title=_("This page is not here."),
            text=_("It may have moved, or it belongs to somebody else."),
            status=404,
            url="/",
            link=_("To the start"),
        )


def broken(request: HttpRequest) -> HttpResponse:
    """500: ours. What was done before stands; the person is told what to do, and where a click does it."""
    asked = request.method == "GET"
    with translation.override(language_of(request)):
        return say(
            request,
            title=_("That was our fault."),
            text=_("What you did before is kept. Try once more. If it happens again, call your IT lead."),
            status=500,
            url=request.get_full_path() if asked else "/",
            link=_("Try once more") if asked else _("To the start"),
        )


def from_elsewhere(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the form guard: the form was too old or came from another site."""
    with translation.override(language_of(request)):
        return say(
            request,
            title=_("This form was too old."),
            text=_("Nothing was changed. Open the page again and send it once more."),
            status=403,
            url="/",
            link=_("To the start"),
        )
