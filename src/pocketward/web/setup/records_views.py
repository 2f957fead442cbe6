"""Record systems: listing, adding, changing, watching or enforcing, taking away; the proxy's certificate."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pocketward.access import api as access_api
from pocketward.access.api import AppRecord
from pocketward.access.errors import AccessError, AppRefused
from pocketward.kernel.errors import PocketwardError
from pocketward.pki import api as pki_api
from pocketward.rollout import api as rollout_api
from pocketward.web.components.crumbs import FieldError
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.guard.waiting import to_guard
from pocketward.web.proving import is_proven, not_proven, prove_url
from pocketward.web.setup.records_building import (
    NEW,
    RESOURCES,
    add_page,
    record_page,
    records_page,
    values_of,
)
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

FIELDS = ("name", "door", "hosts", "notes", "calendar", "billing", "url", "session_hours", "mode")


@require_GET
@practice_page()
def records(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every record system with its door."""
    page = records_page(visitor, take_toast(request))
    return console_page(request, "setup/records.html", page, console_shell(visitor, ""))


@require_GET
@practice_page()
def authority(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The certificate that a proxy checks access identities with (PEM); it is no secret."""
    try:
        pem = "".join(pki_api.trust_anchors(practice_id=visitor.practice.id))
    except PocketwardError as error:
        raise Http404 from error
    answer = HttpResponse(pem, content_type="application/x-pem-file")
    answer["Content-Disposition"] = 'attachment; filename="access-authority.pem"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
@practice_page()
def add(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Make a record system known."""
    if request.method == "GET":
        return console_page(request, "setup/record.html", add_page(visitor, NEW), console_shell(visitor, ""))
    values = _typed(request)
    try:
        mode = "watch" if values["mode"] == "watch" else "enforce"
        app = access_api.register_app(
            practice_id=visitor.practice.id, mode=mode, by=visitor.actor, **_parts(values)
        )
    except AccessError as error:
        page = add_page(visitor, values, (_fault(error),))
        return console_page(request, "setup/record.html", page, console_shell(visitor, ""), status=400)
    leave_toast(request, _("%(name)s is on the list.") % {"name": app.name})
    return HttpResponseRedirect(f"{visitor.base}setup/records/")


@require_http_methods(["GET", "POST"])
@practice_page()
def record(request: HttpRequest, visitor: Visitor, app_id: UUID) -> HttpResponse:
    """One record system; sent, it is written anew."""
    app = _app(app_id)
    if request.method == "GET":
        return _page(request, visitor, app, values_of(app))
    values = _typed(request)
    if not is_proven(request):
        return _page(request, visitor, app, values, (not_proven(),))
    try:
        outcome = rollout_api.change_app(
            practice_id=visitor.practice.id, app_id=app.id, parts=_parts(values),
            by_member_id=visitor.member.id, strength=visitor.signed_in.strength,
        )  # fmt: skip
    except PocketwardError as error:
        return _page(request, visitor, app, values, (_fault(error),))
    if outcome.waiting is not None:
        return to_guard(request, visitor, outcome)
    if outcome.number:
        leave_toast(request, _("Kept. It counts from the next request on."))
    return HttpResponseRedirect(f"{visitor.base}setup/records/{app.id}/")


@require_POST
@practice_page()
def mode(request: HttpRequest, visitor: Visitor, app_id: UUID) -> HttpResponse:
    """Watch or enforce; only watching needs a passkey used just now."""
    app = _app(app_id)
    wanted = "watch" if app.mode == "enforce" else "enforce"
    if wanted == "watch" and not is_proven(request):
        return _page(request, visitor, app, values_of(app), (not_proven(),))
    try:
        outcome = rollout_api.change_app_mode(
            practice_id=visitor.practice.id, app_id=app.id, mode=wanted, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
    except PocketwardError as error:
        return _page(request, visitor, app, values_of(app), (FieldError(error.sentence),))
    if outcome.waiting is not None:
        return to_guard(request, visitor, outcome)
    said = _("%(name)s is only watched now.") if wanted == "watch" else _("%(name)s is enforced now.")
    leave_toast(request, said % {"name": app.name})
    return HttpResponseRedirect(f"{visitor.base}setup/records/{app.id}/")


@require_POST
@practice_page()
def remove(request: HttpRequest, visitor: Visitor, app_id: UUID) -> HttpResponse:
    """Take it off the list: at our gate its addresses are refused from then on."""
    app = _app(app_id)
    try:
        outcome = rollout_api.remove_app(
            practice_id=visitor.practice.id, app_id=app.id, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
    except PocketwardError as error:
        return _page(request, visitor, app, values_of(app), (_fault(error),))
    if outcome.waiting is not None:
        return to_guard(request, visitor, outcome)
    said = _("%(name)s is off the list. The gate refuses its addresses.")
    plain = _("%(name)s is off the list.")
    leave_toast(request, (said if app.is_ours else plain) % {"name": app.name})
    return HttpResponseRedirect(f"{visitor.base}setup/records/")


def _app(app_id: UUID) -> AppRecord:
    try:
        app = access_api.get_app(app_id=app_id)
    except AccessError as error:
        raise Http404 from error
    if app.is_removed:
        raise Http404
    return app


def _typed(request: HttpRequest) -> dict[str, str]:
    return {field: request.POST.get(field, "").strip()[:4000] for field in FIELDS}


def _parts(values: dict[str, str]) -> dict[str, Any]:
    """The form as the verbs take it; a number that is none is refused by the verb."""
    hours = values["session_hours"]
    return {
        "name": values["name"],
        "door": values["door"],
        "hosts": tuple(values["hosts"].replace(",", " ").split()),
        "paths": tuple((prefix, which) for which in RESOURCES for prefix in values[which].split()),
        "url": values["url"],
        "session_hours": int(hours) if hours.isdecimal() and len(hours) < 4 else 0,
    }


def _fault(error: PocketwardError) -> FieldError:
    return FieldError(error.sentence, error.field if isinstance(error, AppRefused) else "")


def _page(
    request: HttpRequest,
    visitor: Visitor,
    app: AppRecord,
    values: dict[str, str],
    errors: tuple[FieldError, ...] = (),
) -> HttpResponse:
    page = record_page(
        visitor, app, values, prove_url=prove_url(request), errors=errors, toast=take_toast(request)
    )
    status = 400 if errors else 200
    return console_page(request, "setup/record.html", page, console_shell(visitor, ""), status=status)
