"""The IT provider's technicians: an owner lets one in for a time, any officer ends it at once."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from pocketward.access import api as access_api
from pocketward.kernel import clock
from pocketward.kernel.errors import PocketwardError
from pocketward.practice import api as practice_api
from pocketward.practice.api import ServiceGrantRecord
from pocketward.practice.errors import GrantRefused
from pocketward.web.components.crumbs import Crumb, FieldError, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.people.provider_pages import ProviderPage, TechnicianLine
from pocketward.web.proving import is_proven, not_proven, prove_url
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

OWNERS: Final = frozenset({"owner"})
FIELDS = ("provider", "full_name", "email", "until")


@require_http_methods(["GET", "POST"])
@practice_page(change=OWNERS)
def provider(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who is let in and who was; sent by an owner, one more is let in."""
    if request.method == "GET":
        return _page(request, visitor)
    values = {field: " ".join(request.POST.get(field, "").split())[:254] for field in FIELDS}
    if not is_proven(request):
        return _page(request, visitor, not_proven(), values=values)
    until = _end_of(values["until"], visitor)
    if until is None:
        return _page(
            request, visitor, FieldError(_("Choose a last day within 90 days."), "until"), values=values
        )
    try:
        member_id = practice_api.give_service_grant(
            practice_id=visitor.practice.id, provider=values["provider"], full_name=values["full_name"],
            email=values["email"], until=until, by_member_id=visitor.member.id,
        )  # fmt: skip
    except PocketwardError as error:
        field = error.field if isinstance(error, GrantRefused) else ""
        return _page(request, visitor, FieldError(error.sentence, field), values=values)
    return _invited(request, visitor, member_id)


@require_POST
@practice_page(change=OWNERS)
def invite(request: HttpRequest, visitor: Visitor, grant_id: UUID) -> HttpResponse:
    """Make another invitation for a technician who has not signed in here yet."""
    grant = _live(visitor, grant_id)
    if grant.has_account:
        raise Http404
    return _invited(request, visitor, grant.member_id)


@require_POST
@practice_page()
def end(request: HttpRequest, visitor: Visitor, grant_id: UUID) -> HttpResponse:
    """End it now: at the next click nothing of the practice is there for the technician."""
    if practice_api.end_service_grant(grant_id=grant_id, by=visitor.actor):
        leave_toast(request, _("Ended. Nothing here is open to them any more."))
    return _back(visitor)


def _live(visitor: Visitor, grant_id: UUID) -> ServiceGrantRecord:
    for item in practice_api.service_grants(practice_id=visitor.practice.id):
        if item.id == grant_id and item.is_live(clock.now()):
            return item
    raise Http404


def _invited(request: HttpRequest, visitor: Visitor, member_id: UUID) -> HttpResponse:
    """Invite a technician who has no account here: by mail, or without mail shown once."""
    if practice_api.get_member(member_id=member_id).account_id is not None:
        leave_toast(request, _("Let in. They sign in as before."))
        return _back(visitor)
    secret = access_api.invite(member_id=member_id, by=visitor.actor)
    if not secret:
        leave_toast(request, _("Let in. The invitation is on its way to their work e-mail."))
        return _back(visitor)
    address = settings.POCKETWARD.people_url + reverse("join", args=[secret])
    return _page(request, visitor, invitation=address)


def _back(visitor: Visitor) -> HttpResponse:
    return HttpResponseRedirect(f"{visitor.base}people/provider/")


def _end_of(text: str, visitor: Visitor) -> datetime | None:
    """The end of that day in the practice's zone, at most 90 days away; None for no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    end_of_day = datetime.combine(day, time(23, 59, 59), visitor.clock.zone)
    longest = visitor.clock.now + practice_api.LONGEST_GRANT
    return min(end_of_day, longest) if end_of_day <= longest + timedelta(days=1) else None


def _page(
    request: HttpRequest,
    visitor: Visitor,
    *errors: FieldError,
    values: Mapping[str, str] | None = None,
    invitation: str = "",
) -> HttpResponse:
    grants = practice_api.service_grants(practice_id=visitor.practice.id)
    # Not the moment at which the request came: the grant it gave is younger.
    now = clock.now()
    live = [item for item in grants if item.is_live(now)]
    say = ngettext(
        "%(count)s person from outside is let in.", "%(count)s people from outside are let in.", len(live)
    )
    owns = bool(visitor.member.roles & OWNERS)
    page = ProviderPage(
        title=_("IT provider"),
        crumbs=(Crumb(_("People"), f"{visitor.base}people/"), Crumb(_("IT provider"))),
        say=say % {"count": len(live)} if live else _("Nobody from outside is let in."),
        follow=_(
            "A technician sees phones and what waits at the guard, and approves orders 24 hours after being "
            "let in. No case, no ledger, no list of people, and no order of their own."
        ),
        now=tuple(_line(item, visitor, owns) for item in live),
        before=tuple(_over(item, visitor) for item in grants if item not in live)[:20],
        values=values if values is not None else _start(grants, visitor),
        give_url=f"{visitor.base}people/provider/" if owns else "",
        invitation=invitation,
        prove_url=prove_url(request) if owns else "",
        errors=errors,
        toast=take_toast(request),
    )
    status = 400 if errors else 200
    return console_page(
        request, "people/provider.html", page, console_shell(visitor, "people"), status=status
    )


def _start(grants: tuple[ServiceGrantRecord, ...], visitor: Visitor) -> dict[str, str]:
    """The firm that came last, and a month."""
    month = visitor.clock.now.astimezone(visitor.clock.zone).date() + timedelta(days=30)
    return {"provider": grants[0].provider if grants else "", "until": month.isoformat()}


def _line(item: ServiceGrantRecord, visitor: Visitor, owns: bool) -> TechnicianLine:
    place = f"{visitor.base}people/provider/{item.id}/"
    dates = {"since": visitor.clock.date(item.given_at), "until": visitor.clock.when(item.until)}
    return TechnicianLine(
        name=item.full_name,
        provider=item.provider,
        email=item.email,
        when=_("since %(since)s, until %(until)s") % dates,
        sign_in=_("Signs in with a passkey") if item.has_account else _("Has not signed in here yet"),
        end_url=f"{place}end/" if visitor.may_change else "",
        invite_url=f"{place}invite/" if owns and not item.has_account else "",
    )


def _over(item: ServiceGrantRecord, visitor: Visitor) -> PlainLine:
    when = visitor.clock
    return PlainLine(
        f"{item.full_name}, {item.provider}",
        f"{when.date(item.given_at)} – {when.date(item.ended_at or item.until)}",
    )
