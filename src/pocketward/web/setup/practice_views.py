"""The practice's own details, who is called and in which order, and old certificate algorithms."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import parse_public_id, public_id
from pocketward.pki import api as pki_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import OFFICERS, Member
from pocketward.practice.errors import DetailsRefused, NoSuchSite, PracticeError
from pocketward.web.components.asked import read_number
from pocketward.web.components.crumbs import Choice, FieldError, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.proving import is_proven, not_proven, prove_url
from pocketward.web.setup.levels import level_choices
from pocketward.web.setup.practice_pages import PracticePage, Rank, SiteLine
from pocketward.web.setup.start_views import US_ZONES
from pocketward.web.setup.tabs import setup_tabs
from pocketward.web.surroundings import console_shell, lost_address
from pocketward.web.visitor import Visitor

READ = frozenset(OFFICERS)
FIELDS: Final = ("name", "zone", "language", "front_desk_phone", "emergency_phone", "level")
RANKS = 4


@require_http_methods(["GET", "POST"])
@practice_page(read=READ)
def practice(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the details and take new ones; letting passwords in needs a passkey used just now."""
    if request.method == "GET":
        return _page(request, visitor)
    values = {field: " ".join(request.POST.get(field, "").split())[:200] for field in FIELDS}
    passwords = request.POST.get("password_allowed") == "on"
    if passwords and not visitor.practice.password_allowed and not is_proven(request):
        return _page(request, visitor, not_proven())
    try:
        changed = practice_api.change_practice(
            practice_id=visitor.practice.id,
            name=values["name"],
            zone=values["zone"],
            language=values["language"],
            front_desk_phone=values["front_desk_phone"],
            emergency_phone=values["emergency_phone"],
            password_allowed=passwords,
            adoption_level=int(values["level"]) if values["level"] in ("0", "1", "2", "3") else -1,
            by=visitor.actor,
        )
    except DetailsRefused as error:
        return _page(request, visitor, FieldError(error.sentence, error.field))
    return _back(request, visitor, _("Kept.") if changed else _("Nothing was changed."))


@require_POST
@practice_page(read=READ)
def on_call(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Write down who is called first, second and so on."""
    wanted: list[UUID] = []
    try:
        wanted = [UUID(text) for text in request.POST.getlist("on_call") if text]
        practice_api.set_on_call(practice_id=visitor.practice.id, member_ids=tuple(wanted), by=visitor.actor)
    except ValueError:
        return _page(request, visitor, FieldError(_("Choose people of this practice."), "on_call"))
    except PracticeError as error:
        return _page(request, visitor, FieldError(error.sentence, "on_call"))
    return _back(request, visitor, _("Kept. The next alert goes in this order."))


@require_POST
@practice_page(read=READ)
def sites(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Add a site, name one anew, or close one."""
    name, address = request.POST.get("site_name", ""), request.POST.get("site_address", "")
    try:
        if request.POST.get("act") == "add":
            practice_api.add_site(
                practice_id=visitor.practice.id, name=name, address=address, by=visitor.actor
            )
            return _back(request, visitor, _("The site is added."))
        site_id = parse_public_id("site", request.POST.get("site", ""))
        if request.POST.get("act") == "end":
            practice_api.end_site(site_id=site_id, by=visitor.actor)
            return _back(request, visitor, _("The site is closed."))
        changed = practice_api.change_site(site_id=site_id, name=name, address=address, by=visitor.actor)
    except (ValueError, NoSuchSite) as error:
        raise Http404 from error
    except PracticeError as error:
        return _page(request, visitor, FieldError(error.sentence, "sites"))
    return _back(request, visitor, _("Kept.") if changed else _("Nothing was changed."))


@require_POST
@practice_page(read=READ)
def legacy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let old certificate clients in, or no longer; letting them in needs a passkey used just now."""
    allowed = request.POST.get("allow") == "yes"
    if allowed and not is_proven(request):
        return _page(request, visitor, not_proven())
    try:
        pki_api.allow_legacy(practice_id=visitor.practice.id, allowed=allowed, by=visitor.actor)
    except PocketwardError as error:
        return _page(request, visitor, FieldError(error.sentence))
    said = (
        _("Old algorithms are allowed. Each use is written down.")
        if allowed
        else _("Old algorithms are off.")
    )
    return _back(request, visitor, said)


def _back(request: HttpRequest, visitor: Visitor, said: str) -> HttpResponse:
    leave_toast(request, said)
    return HttpResponseRedirect(f"{visitor.base}setup/practice/")


def _page(request: HttpRequest, visitor: Visitor, *errors: FieldError) -> HttpResponse:
    standing = visitor.practice
    values = {
        "name": standing.name,
        "zone": standing.zone,
        "language": standing.language,
        "front_desk_phone": standing.front_desk_phone,
        "emergency_phone": standing.emergency_phone,
        "level": str(standing.adoption_level),
    }
    if errors:
        values |= {field: request.POST[field] for field in FIELDS if field in request.POST}
    called = practice_api.on_call_list(practice_id=standing.id)
    page = PracticePage(
        title=_("Practice details"),
        tabs=setup_tabs(visitor, "practice/"),
        say=standing.name,
        follow=_("What people read on cards and on their phones, and who is called at night."),
        values=values,
        zones=_zones(values["zone"]),
        levels=level_choices(read_number(values["level"]) or 0),
        password_allowed=standing.password_allowed,
        ranks=_ranks(visitor, called),
        then=_then(visitor, called),
        on_call_url=f"{visitor.base}setup/practice/on-call/",
        legacy_url=f"{visitor.base}setup/practice/legacy/",
        legacy_allowed=pki_api.legacy_is_allowed(practice_id=standing.id),
        lines=(PlainLine(_("Lost-phone address"), lost_address(standing)),),
        sites_url=f"{visitor.base}setup/practice/sites/",
        sites=tuple(
            SiteLine(public_id("site", site.id), site.name, site.address)
            for site in practice_api.sites(practice_id=standing.id)
        ),
        prove_url=prove_url(request),
        errors=errors,
        toast=take_toast(request),
    )
    status = 400 if errors else 200
    return console_page(request, "setup/practice.html", page, console_shell(visitor, ""), status=status)


def _zones(chosen: str) -> tuple[Choice, ...]:
    others = () if chosen in US_ZONES or chosen not in practice_api.zones() else (chosen,)
    return tuple(
        Choice(zone, zone.rpartition("/")[2].replace("_", " "), zone == chosen)
        for zone in (*US_ZONES, *others)
    )


def _ranks(visitor: Visitor, called: tuple[Member, ...]) -> tuple[Rank, ...]:
    people = practice_api.members(practice_id=visitor.practice.id)
    order = [person.id for person in called]
    return tuple(
        Rank(
            number + 1,
            tuple(
                Choice(str(person.id), person.full_name, number < len(order) and order[number] == person.id)
                for person in people
            ),
        )
        for number in range(max(RANKS, len(order)))
    )


def _then(visitor: Visitor, called: tuple[Member, ...]) -> str:
    """The officers who are called after those on the list."""
    named = {person.id for person in called}
    rest = [
        person.full_name
        for person in practice_api.on_call(practice_id=visitor.practice.id)
        if person.id not in named
    ]
    return ", ".join(rest)
