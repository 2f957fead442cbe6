"""The officers' reviews of emergency access: a use cannot be closed unread."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from pocketward.access import api as access_api
from pocketward.access.api import EmergencyRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.practice.api import OFFICERS
from pocketward.web.components.crumbs import Choice, Crumb, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.emergency.pages import Review, ReviewPage, ReviewsPage
from pocketward.web.emergency.views import REASONS
from pocketward.web.gatekeeping import practice_page
from pocketward.web.names import Names, names_of
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

FINDINGS = {
    "needed": gettext_lazy("It was needed"),
    "talk_about_it": gettext_lazy("We talk about it"),
    "not_needed": gettext_lazy("It was not needed"),
}


@require_GET
@practice_page(read=frozenset(OFFICERS))
def reviews(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every use, those that wait first."""
    names = names_of(visitor.practice.id)
    found = access_api.emergencies(practice_id=visitor.practice.id)
    waiting = tuple(_review(item, visitor, names) for item in found if item.reviewed_at is None)
    done = tuple(_review(item, visitor, names) for item in found if item.reviewed_at is not None)
    say = ngettext(
        "%(count)s use of emergency access waits for you.",
        "%(count)s uses of emergency access wait for you.",
        len(waiting),
    )
    page = ReviewsPage(
        title=_("Emergency access used"),
        say=say % {"count": len(waiting)} if waiting else _("No use of emergency access waits."),
        waiting=waiting,
        done=done,
        toast=take_toast(request),
    )
    return console_page(request, "emergency/reviews.html", page, console_shell(visitor, "people"))


def _review(item: EmergencyRecord, visitor: Visitor, names: Names) -> Review:
    state = _opened(item.decisions)
    if item.reviewed_at is not None:
        state = f"{names.person(item.reviewed_by)}: {FINDINGS[item.finding]}."
    return Review(
        id=str(item.id),
        who=names.person(item.member_id),
        app=item.app_name,
        when=visitor.clock.when(item.opened_at),
        reason=str(REASONS.get(item.reason, item.reason)),
        opened=str(item.decisions),
        url=f"{visitor.base}emergency/{item.id}/",
        state=state,
    )


def _opened(number: int) -> str:
    """How much a use opened, in words."""
    if not number:
        return _("No record was opened.")
    return ngettext("A record was opened once.", "Records were opened %(count)s times.", number) % {
        "count": number
    }


@require_http_methods(["GET", "POST"])
@practice_page(read=frozenset(OFFICERS))
def review(request: HttpRequest, visitor: Visitor, grant_id: UUID) -> HttpResponse:
    """Read one use, and close its review. Opening this page is what reading means."""
    known = {item.id: item for item in access_api.emergencies(practice_id=visitor.practice.id)}
    if grant_id not in known:
        raise Http404
    error = ""
    if request.method == "POST":
        try:
            access_api.review_emergency(
                grant_id=grant_id, by_member_id=visitor.member.id, finding=request.POST.get("finding", "")
            )
        except PocketwardError as fault:
            error = fault.sentence
        else:
            leave_toast(request, _("The review is closed. Your finding is in the ledger."))
            return HttpResponseRedirect(f"{visitor.base}emergency/reviews/")
    page = _review_page(visitor, known[grant_id], error)
    return console_page(request, "emergency/review.html", page, console_shell(visitor, "people"))


def _review_page(visitor: Visitor, item: EmergencyRecord, error: str) -> ReviewPage:
    names = names_of(visitor.practice.id)
    who = names.person(item.member_id)
    ended = item.ended_at or item.expires_at
    cannot = ""
    try:
        access_api.read_emergency(grant_id=item.id, by_member_id=visitor.member.id)
    except PocketwardError as fault:
        cannot = fault.sentence
    if item.reviewed_at is not None:
        cannot = _("%(who)s looked at it: %(finding)s.") % {
            "who": names.person(item.reviewed_by),
            "finding": FINDINGS[item.finding],
        }
    elif not cannot and ended > visitor.clock.now:
        cannot = _("It is still open. Come back when it has ended, at %(time)s.") % {
            "time": visitor.clock.time(ended)
        }
    return ReviewPage(
        title=_("Emergency access"),
        crumbs=(Crumb(_("Emergency access used"), f"{visitor.base}emergency/reviews/"), Crumb(who)),
        say=_("%(who)s opened %(app)s in an emergency.") % {"who": who, "app": item.app_name},
        follow=_("The reason given: “%(reason)s”") % {"reason": REASONS.get(item.reason, item.reason)},
        lines=(
            PlainLine(_("Opened"), visitor.clock.when(item.opened_at, seconds=True)),
            PlainLine(_("Ended"), visitor.clock.when(ended, seconds=True)),
            PlainLine(_("Times a record was opened"), str(item.decisions)),
        ),
        findings=tuple(Choice(key, str(label)) for key, label in FINDINGS.items()),
        action="",
        cannot=cannot,
        error=error,
    )
