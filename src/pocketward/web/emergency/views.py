"""Emergency access: asking for it, having it, and the officers' reviews."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from pocketward.access import api as access_api
from pocketward.access.api import EmergencyRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.web.components.crumbs import Choice
from pocketward.web.components.render import staff_page
from pocketward.web.emergency.pages import (
    EmergencyOpenPage,
    EmergencyPage,
)
from pocketward.web.gatekeeping import practice_page
from pocketward.web.my_phone.views import shell_of
from pocketward.web.visitor import Visitor

REASONS = {
    "patient_waiting": gettext_lazy("A patient is waiting"),
    "device_refused": gettext_lazy("My device is refused and I cannot wait"),
    "covering_for_colleague": gettext_lazy("I cover for a colleague"),
    "system_trouble": gettext_lazy("The system has a fault"),
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
