"""Emergency access: asking for it, having it, and the officers' reviews."""

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
from pocketward.web.components.render import console_page, staff_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.emergency.pages import (
    EmergencyOpenPage,
    EmergencyPage,
    Review,
    ReviewPage,
    ReviewsPage,
)
from pocketward.web.gatekeeping import practice_page
from pocketward.web.my_phone.views import shell_of
from pocketward.web.names import Names, names_of
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

REASONS = {
    "patient_waiting": gettext_lazy("A patient is waiting"),
    "device_refused": gettext_lazy("My device is refused and I cannot wait"),
    "covering_for_colleague": gettext_lazy("I cover for a colleague"),
    "system_trouble": gettext_lazy("The system has a fault"),
}
FINDINGS = {
    "needed": gettext_lazy("It was needed"),
    "talk_about_it": gettext_lazy("We talk about it"),
    "not_needed": gettext_lazy("It was not needed"),
}


@require_http_methods(["GET", "POST"])
@practice_page(staff=True)
def ask(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for it, and have it at once: one app, half an hour."""
    if request.method == "GET":
        running = access_api.running_emergency(member_id=visitor.member.id)
        if running is not None:
            return _open_page(request, visitor, running)
        return _ask_page(request, visitor, "")
    try:
        opened = access_api.open_emergency(
            practice_id=visitor.practice.id,
            member_id=visitor.member.id,
            app_id=UUID(request.POST.get("app", "")),
            reason=request.POST.get("reason", ""),
            strength=visitor.signed_in.strength,
            auth_at=visitor.signed_in.auth_at,
            device_id=_device_of(request.POST.get("decision", "")),
        )
    except ValueError:
        return _ask_page(request, visitor, _("Choose which records."))
    except PocketwardError as error:
        return _ask_page(request, visitor, _(error.sentence))
    return _open_page(request, visitor, opened)


def _device_of(decision_id: str) -> UUID | None:
    """The device of the refusal that led here; None when there was none."""
    if not decision_id:
        return None
    try:
        return access_api.decision(decision_id=decision_id).device_id
    except PocketwardError:
        return None


def _ask_page(request: HttpRequest, visitor: Visitor, error: str) -> HttpResponse:
    wanted = request.POST.get("app") or request.GET.get("app", "")
    apps = [app for app in access_api.apps(practice_id=visitor.practice.id) if app.is_ours]
    page = EmergencyPage(
        title=_("Emergency access"),
        action=f"{visitor.base}me/emergency/?lang={visitor.language}",
        apps=tuple(Choice(str(app.id), app.name, str(app.id) == wanted or len(apps) == 1) for app in apps),
        reasons=tuple(
            Choice(key, str(label), key == request.POST.get("reason")) for key, label in REASONS.items()
        ),
        decision=request.POST.get("decision") or request.GET.get("decision", ""),
        blocked="" if apps else _("No app of this practice can be opened this way."),
        error=error,
    )
    status = 400 if error else 200
    return staff_page(request, "emergency/ask.html", page, shell_of(request, visitor), status=status)


def _open_page(request: HttpRequest, visitor: Visitor, grant: EmergencyRecord) -> HttpResponse:
    until = visitor.clock.time(grant.expires_at)
    page = EmergencyOpenPage(
        title=_("Open"),
        say=_("%(app)s is open until %(time)s.") % {"app": grant.app_name, "time": until},
        text=_("Officers have been told. It closes again by itself."),
        app_url=f"/open/{grant.app_id}",
        app_name=_("Open %(app)s") % {"app": grant.app_name},
    )
    return staff_page(request, "emergency/open.html", page, shell_of(request, visitor))


@require_GET
@practice_page(read=frozenset(OFFICERS))
def reviews(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every use, those that wait first."""
    names = names_of(visitor.practice.id)
    found = access_api.emergencies(practice_id=visitor.practice.id)
    waiting = tuple(_review(item, visitor, names) for item in found if item.reviewed_at is None)
    done = tuple(_review(item, visitor, names) for item in found if item.reviewed_at is not None)
    say = ngettext(
        "%(count)s use of emergency access waits.", "%(count)s uses of emergency access wait.", len(waiting)
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
    state = ngettext("Opened %(count)s answer.", "Opened %(count)s answers.", item.decisions)
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
        state=state % {"count": item.decisions} if item.reviewed_at is None else state,
    )


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
        follow=f"{REASONS.get(item.reason, item.reason)}.",
        lines=(
            PlainLine(_("Opened"), visitor.clock.when(item.opened_at, seconds=True)),
            PlainLine(_("Ended"), visitor.clock.when(ended, seconds=True)),
            PlainLine(_("Answers it opened"), str(item.decisions)),
        ),
        findings=tuple(Choice(key, str(label)) for key, label in FINDINGS.items()),
        action="",
        cannot=cannot,
        error=error,
    )
