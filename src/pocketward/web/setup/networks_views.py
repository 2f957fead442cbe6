"""Networks with names, and permits by which devices that are not checked open one app from one of them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from pocketward.access import api as access_api
from pocketward.access.api import PermitRecord
from pocketward.access.errors import AccessError, AppRefused
from pocketward.kernel.errors import PocketwardError
from pocketward.rollout import api as rollout_api
from pocketward.rollout.api import Outcome
from pocketward.web.components.crumbs import Choice, FieldError
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.guard.waiting import to_guard
from pocketward.web.names import Names, names_of
from pocketward.web.proving import is_proven, not_proven, prove_url
from pocketward.web.setup.networks_pages import NetworkLine, NetworksPage, PermitLine
from pocketward.web.setup.tabs import setup_tabs
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

FIELDS = ("zone", "cidrs", "app", "network", "reason", "until")
LONGEST_DAYS = 365


@require_http_methods(["GET", "POST"])
@practice_page()
def networks(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The networks and permits; sent, a network gets its name and addresses."""
    if request.method == "GET":
        return _page(request, visitor)
    values = _typed(request)
    if not is_proven(request):
        return _page(request, visitor, not_proven())
    cidrs = tuple(values["cidrs"].replace(",", " ").split())
    if not cidrs:
        return _page(request, visitor, FieldError(_("Write at least one address it is seen from."), "cidrs"))
    zone = values["zone"].lower()
    said = _("%(zone)s is known from now on.") % {"zone": zone}
    return _change(request, visitor, said, rollout_api.name_network, field="zone", zone=zone, cidrs=cidrs)


@require_POST
@practice_page()
def forget(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Forget a network; its permits end with it."""
    zone = request.POST.get("zone", "")
    said = _("%(zone)s is forgotten. Its permits ended.") % {"zone": zone}
    return _change(request, visitor, said, rollout_api.name_network, zone=zone, cidrs=())


@require_POST
@practice_page()
def permit(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let devices that are not checked open an app from a network until the end of a day."""
    values = _typed(request)
    if not is_proven(request):
        return _page(request, visitor, not_proven())
    until = _end_of(values["until"], visitor)
    if until is None:
        fault = FieldError(_("Choose the last day, within a year."), "until")
        return _page(request, visitor, fault)
    try:
        access_api.give_permit(
            app_id=UUID(values["app"]),
            network=values["network"],
            reason=values["reason"],
            expires_at=until,
            by=visitor.actor,
        )
    except ValueError:
        return _page(request, visitor, FieldError(_("Choose a record system."), "app"))
    except AccessError as error:
        field = error.field if isinstance(error, AppRefused) else "app"
        return _page(request, visitor, FieldError(error.sentence, field))
    return _back(request, visitor, _("Given. It is shown as “not checked” wherever it counts."))


@require_POST
@practice_page()
def end_permit(request: HttpRequest, visitor: Visitor, permit_id: UUID) -> HttpResponse:
    """Take a permit away; the next request is refused."""
    said = _("Ended. The next request is refused.")
    return _change(request, visitor, said, rollout_api.end_permit, permit_id=permit_id)


def _change(
    request: HttpRequest,
    visitor: Visitor,
    said: str,
    verb: Callable[..., Outcome],
    *,
    field: str = "",
    **parts: Any,
) -> HttpResponse:
    """Let rollout make it, or let it wait on the guard's page; a refusal is shown here."""
    try:
        outcome = verb(
            practice_id=visitor.practice.id, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength, **parts,
        )  # fmt: skip
    except PocketwardError as error:
        at = error.field if isinstance(error, AppRefused) else ""
        return _page(request, visitor, FieldError(error.sentence, at or field))
    return to_guard(request, visitor, outcome) if outcome.waiting else _back(request, visitor, said)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {field: " ".join(request.POST.get(field, "").split())[:1000] for field in FIELDS}


def _end_of(text: str, visitor: Visitor) -> datetime | None:
    """The end of that day in the practice's zone; None for no day, or one more than a year away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    end = datetime.combine(day, time(23, 59, 59), visitor.clock.zone)
    return end if end <= visitor.clock.now + timedelta(days=LONGEST_DAYS) else None


def _back(request: HttpRequest, visitor: Visitor, said: str) -> HttpResponse:
    leave_toast(request, said)
    return HttpResponseRedirect(f"{visitor.base}setup/networks/")


def _page(request: HttpRequest, visitor: Visitor, *errors: FieldError) -> HttpResponse:
    values = _typed(request) if errors else {"until": _in_a_month(visitor)}
    page = networks_page(
        visitor,
        values,
        your_address=access_api.address_of_sender(request),
        prove=prove_url(request) if visitor.may_change else "",
        errors=errors,
        toast=take_toast(request),
    )
    status = 400 if errors else 200
    return console_page(request, "setup/networks.html", page, console_shell(visitor, ""), status=status)


def _in_a_month(visitor: Visitor) -> str:
    return (visitor.clock.now.astimezone(visitor.clock.zone).date() + timedelta(days=30)).isoformat()


def networks_page(
    visitor: Visitor,
    values: Mapping[str, str],
    *,
    your_address: str,
    prove: str,
    errors: tuple[FieldError, ...],
    toast: str,
) -> NetworksPage:
    """The page: what is open for unchecked devices is said first."""
    named = access_api.networks(practice_id=visitor.practice.id)
    everything = access_api.permits(practice_id=visitor.practice.id, with_ended=True)
    still = [item for item in everything if item.is_open(visitor.clock.now)]
    names = names_of(visitor.practice.id)
    say = ngettext(
        "%(count)s permit lets in devices that are not checked.",
        "%(count)s permits let in devices that are not checked.",
        len(still),
    )
    apps = (app for app in access_api.apps(practice_id=visitor.practice.id) if app.is_ours)
    return NetworksPage(
        title=_("Networks"),
        tabs=setup_tabs(visitor, "networks/"),
        say=say % {"count": len(still)} if still else _("Only checked phones and tablets get in."),
        follow=_(
            "A front-desk computer has no certificate of ours. It gets in only from a network that is named "
            "here, at one record system, with a passkey, and only up to a last day."
        ),
        networks=tuple(NetworkLine(item.zone, ", ".join(item.cidrs)) for item in named),
        permits=tuple(_line(item, visitor, names) for item in still),
        over=tuple(_line(item, visitor, names) for item in everything if item not in still)[:10],
        apps=tuple(Choice(str(app.id), app.name, str(app.id) == values.get("app")) for app in apps),
        zones=tuple(Choice(item.zone, item.zone, item.zone == values.get("network")) for item in named),
        values=values,
        forget_url=f"{visitor.base}setup/networks/forget/",
        permit_url=f"{visitor.base}setup/networks/permit/",
        your_address=your_address,
        can_change=visitor.may_change,
        prove_url=prove,
        errors=errors,
        toast=toast,
    )


def _line(item: PermitRecord, visitor: Visitor, names: Names) -> PermitLine:
    clock, is_open = visitor.clock, item.is_open(visitor.clock.now)
    ended = item.ended_at or item.expires_at
    if is_open:
        until = clock.long_date(item.expires_at) if item.expires_at else _("no end")
    else:
        until = clock.date(ended) if ended else ""
    return PermitLine(
        app=item.app_name,
        network=item.network,
        reason=item.reason,
        given=_("%(who)s, %(when)s") % {"who": names.actor(item.given_by), "when": clock.date(item.given_at)},
        until=until,
        is_open=is_open,
        end_url=f"{visitor.base}setup/networks/permit/{item.id}/end/" if is_open else "",
    )
