"""One phone: overview, history, and what can be done to it."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pocketward.fleet import api as fleet_api
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import parse_public_id
from pocketward.ledger import api as ledger_api
from pocketward.web.components.asked import read_number
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import READERS, TECHNICIAN, practice_page
from pocketward.web.ledger.telling import told
from pocketward.web.names import names_of
from pocketward.web.phones.acting import DESTROYS, NOTHING_REFUSED, Refused, acts_page, do_act
from pocketward.web.phones.asking import BY_OFFICERS, ask_one
from pocketward.web.phones.building import crumbs, phone_page, place_of, tabs
from pocketward.web.phones.closing import ACTS, LOST, do_closing, report_lost
from pocketward.web.phones.handing_over import GIVE, hand_over
from pocketward.web.phones.phone_pages import HistoryPage
from pocketward.web.phones.reading import Phone, one_phone
from pocketward.web.phones.waiting import approve_order, stop_order
from pocketward.web.proving import NotProven, require_proof, to_prove
from pocketward.web.sender import network_of_sender
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

ICONS = {
    "fleet": "phone",
    "posture": "check",
    "access": "lock",
    "pki": "key",
    "response": "flag",
    "incidents": "flag",
}
# One letter more than counts: a reason that is too long is refused, not cut.
MOST_REASON = 201
MOST_TYPED = 200  # a refused name is shown again, as much of it as a name may have
KEY_KINDS = ("access.records_", "access.hold_")


def phone_here(visitor: Visitor, device_id: str) -> Phone:
    """The phone of this practice with this public id; 404 for every other."""
    try:
        device = fleet_api.get_device(device_id=parse_public_id("dev", device_id))
    except (ValueError, PocketwardError) as error:
        raise Http404 from error
    return one_phone(device, visitor.clock)


@require_GET
@practice_page(read=READERS | TECHNICIAN)
def phone(request: HttpRequest, visitor: Visitor, device_id: str) -> HttpResponse:
    """What is known of one phone."""
    found = phone_here(visitor, device_id)
    commands = fleet_api.commands(device_id=found.device.id)
    page = phone_page(visitor, found, commands, names_of(visitor.practice.id), take_toast(request))
    return console_page(request, "phones/phone.html", page, console_shell(visitor, "phones"))


@require_POST
@practice_page()
def check(request: HttpRequest, visitor: Visitor, device_id: str) -> HttpResponse:
    """Ask this phone now how it is."""
    found = phone_here(visitor, device_id)
    try:
        leave_toast(request, ask_one(visitor, found.device.id, most=BY_OFFICERS))
    except PocketwardError as error:
        leave_toast(request, error.sentence)
    return HttpResponseRedirect(place_of(visitor, found))


@require_GET
@practice_page()
def history(request: HttpRequest, visitor: Visitor, device_id: str) -> HttpResponse:
    """What the ledger says of this phone, newest first."""
    found = phone_here(visitor, device_id)
    before = request.GET.get("before", "")
    entries = ledger_api.entries(
        practice_id=visitor.practice.id,
        subject=f"device:{found.device.id}",
        before_index=read_number(before),
        limit=51,
    )
    names = names_of(visitor.practice.id)
    lines = told(entries[:50], names, visitor.clock, icons=ICONS, key_kinds=KEY_KINDS)
    page = HistoryPage(
        title=found.device.label,
        crumbs=crumbs(visitor, found),
        tabs=tabs(visitor, found, "history/"),
        say=_("What happened to %(phone)s") % {"phone": found.device.label},
        lines=lines,
        older_url=f"?before={entries[49].index}" if len(entries) > 50 else "",
    )
    return console_page(request, "phones/history.html", page, console_shell(visitor, "phones"))


@require_http_methods(["GET", "POST"])
@practice_page(read=frozenset({"owner", "privacy_officer", "security_officer", "it_lead"}))
def acts(request: HttpRequest, visitor: Visitor, device_id: str) -> HttpResponse:
    """What can be done to this phone; each act says its effect, who is told, and how it is undone."""
    found = phone_here(visitor, device_id)
    if request.method == "GET":
        return _show_acts(request, visitor, found)
    act, name = request.POST.get("act", ""), request.POST.get("name", "")
    if act == LOST:
        return _report_lost(request, visitor, found)
    if act == GIVE:
        person = request.POST.get("person", "")[:MOST_TYPED]
        return _do(request, visitor, found, lambda: hand_over(visitor, found, person), Refused("", act))
    if act in ACTS:
        reason = request.POST.get("reason", "")[:MOST_REASON]
        typed = Refused("", act, reason)
        return _do(request, visitor, found, lambda: do_closing(visitor, found, act, reason), typed)
    typed = Refused("", act, name[:MOST_TYPED])

    def order() -> str:
        if act in DESTROYS:
            require_proof(request)
        return do_act(visitor, found, act, name)

    return _do(request, visitor, found, order, typed)


def _report_lost(request: HttpRequest, visitor: Visitor, found: Phone) -> HttpResponse:
    """Its case is the next page."""
    try:
        case_ref = report_lost(visitor, found, request.POST.get("when", ""), network_of_sender(request))
    except PocketwardError as fault:
        return _show_acts(request, visitor, found, Refused(fault.sentence, LOST))
    leave_toast(request, _("Reported, and confirmed by you."))
    return HttpResponseRedirect(f"{visitor.base}incidents/{case_ref}/")


@require_POST
@practice_page()
def approve(request: HttpRequest, visitor: Visitor, device_id: str, command_id: UUID) -> HttpResponse:
    """A second officer says yes to an order for this phone."""
    found = phone_here(visitor, device_id)

    def say_yes() -> str:
        require_proof(request)
        return approve_order(visitor, found, command_id)

    return _do(request, visitor, found, say_yes)


@require_POST
@practice_page()
def stop(request: HttpRequest, visitor: Visitor, device_id: str, command_id: UUID) -> HttpResponse:
    """An officer stops an order for this phone before it is fetched."""
    found = phone_here(visitor, device_id)
    return _do(request, visitor, found, lambda: stop_order(visitor, found, command_id))


def _do(
    request: HttpRequest,
    visitor: Visitor,
    found: Phone,
    act: Callable[[], str],
    typed: Refused = NOTHING_REFUSED,
) -> HttpResponse:
    """Do it and say what it did; a refusal is shown on the page with its reason."""
    try:
        said = act()
    except NotProven as fault:
        return to_prove(request, fault, back=f"{place_of(visitor, found)}acts/")
    except PocketwardError as fault:
        refused = replace(typed, sentence=fault.with_advice)
        return _show_acts(request, visitor, found, refused)
    leave_toast(request, said)
    return HttpResponseRedirect(f"{place_of(visitor, found)}acts/")


def _show_acts(
    request: HttpRequest, visitor: Visitor, found: Phone, refused: Refused = NOTHING_REFUSED
) -> HttpResponse:
    commands = fleet_api.commands(device_id=found.device.id)
    names = names_of(visitor.practice.id)
    page = acts_page(visitor, found, commands, names, refused=refused, toast=take_toast(request))
    status = 400 if refused.sentence else 200
    return console_page(request, "phones/acts.html", page, console_shell(visitor, "phones"), status=status)
