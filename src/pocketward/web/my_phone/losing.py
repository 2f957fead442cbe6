"""A signed-in person reports a phone of theirs, or a shared tablet, as lost, and sees what became of it."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import public_id
from pocketward.response import api as response_api
from pocketward.response.api import ReportRecord
from pocketward.web.components.crumbs import Choice
from pocketward.web.components.render import staff_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.lost.form import LONGEST_NUMBER, WHENS, dialable
from pocketward.web.my_phone.pages import LosePage, ReportedLine, ReportedPage
from pocketward.web.my_phone.views import my_phones, shell_of
from pocketward.web.sender import network_of_sender
from pocketward.web.surroundings import call_instead
from pocketward.web.visitor import Visitor

TABLET: Final = "tablet"


@require_http_methods(["GET", "POST"])
@practice_page(staff=True)
def lose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Which phone, when it was last seen, and where to call back; no words of one's own."""
    with translation.override(visitor.language):
        if request.method == "GET":
            return _ask(request, visitor, {}, "")
        device_id = _chosen(request, visitor)
        if device_id is None:
            return _ask(request, visitor, request.POST.dict(), _("Choose the phone or the tablet."))
        try:
            case_ref = _report(request, visitor, device_id)
        except PocketwardError:
            said = _("You cannot report this device here. Use the page for lost phones, without sign-in.")
            return _ask(request, visitor, request.POST.dict(), said)
        # Told at once: from now on every session of this person asks for a passkey first, this one too.
        return _show(request, visitor, response_api.get_report(case_ref=case_ref))


def _report(request: HttpRequest, visitor: Visitor, device_id: UUID) -> str:
    return response_api.report_device(
        device_id=device_id,
        when_seen=request.POST.get("when", ""),
        callback=dialable(request.POST.get("callback", "")),
        network=network_of_sender(request),
        by_member_id=visitor.member.id,
        session_device_ids=_living_on(visitor),
    )


def _living_on(visitor: Visitor) -> frozenset[UUID]:
    """The devices that this very session is known to live on."""
    return access_api.devices_of_sign_in(
        practice_id=visitor.practice.id, session_key=visitor.signed_in.session_key
    )


def _own(visitor: Visitor) -> list[DeviceRecord]:
    return [phone.device for phone in my_phones(visitor) if not phone.device.shared]


def _tablets(visitor: Visitor) -> list[DeviceRecord]:
    """What everybody uses; who only looks in from outside is shown none."""
    if visitor.member.roles and visitor.member.roles <= response_api.OUTSIDERS:
        return []
    return [device for device in fleet_api.devices(practice_id=visitor.practice.id) if device.shared]


def _chosen(request: HttpRequest, visitor: Visitor) -> UUID | None:
    """The device that the form names, of those that it offered."""
    which, offered = request.POST.get("which", ""), _own(visitor)
    if which == TABLET:
        which, offered = request.POST.get("tablet", ""), _tablets(visitor)
    return next((device.id for device in offered if public_id("dev", device.id) == which), None)


def _ask(request: HttpRequest, visitor: Visitor, typed: dict[str, str], error: str) -> HttpResponse:
    own, tablets, here = _own(visitor), _tablets(visitor), _living_on(visitor)
    which = typed.get("which", "" if len(own) != 1 else public_id("dev", own[0].id))
    page = LosePage(
        title=_("I have lost my phone"),
        action=f"{visitor.base}me/lost/?lang={visitor.language}",
        phones=tuple(_choice(device, which, _("You are using it now.") if device.id in here else "")
                     for device in own),
        tablets=tuple(_choice(device, typed.get("tablet", "")) for device in tablets),
        tablet_chosen=which == TABLET,
        when=typed.get("when", "") if typed.get("when", "") in WHENS else "",
        callback=dialable(typed.get("callback", visitor.member.phone))[:LONGEST_NUMBER],
        error=error,
        back_url=f"{visitor.base}me/",
        open_url=f"/l/{visitor.practice.lost_code}?lang={visitor.language}",
    )  # fmt: skip
    status = 400 if error else 200
    return staff_page(request, "my_phone/lose.html", page, shell_of(request, visitor), status=status)


def _choice(device: DeviceRecord, chosen: str, hint: str = "") -> Choice:
    key = public_id("dev", device.id)
    return Choice(key, device.label, key == chosen, hint)


@require_GET
@practice_page(staff=True)
def reported(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """What became of one's own report; 404 for everybody else's."""
    with translation.override(visitor.language):
        try:
            report = response_api.get_report(case_ref=case_ref)
        except PocketwardError as error:
            raise Http404 from error
        if report.kind != "lost" or (
            visitor.member.id != report.member_id and report.reported_by != visitor.actor
        ):
            raise Http404
        return _show(request, visitor, report)


def _show(request: HttpRequest, visitor: Visitor, report: ReportRecord) -> HttpResponse:
    page = _reported_page(visitor, report)
    return staff_page(request, "my_phone/reported.html", page, shell_of(request, visitor))


def _reported_page(visitor: Visitor, report: ReportRecord) -> ReportedPage:
    labels = [fleet_api.get_device(device_id=device_id).label for device_id in report.device_ids]
    return ReportedPage(
        title=_("What became of your report"),
        say=_say(visitor, report, ", ".join(labels)),
        received=_("Reported %(when)s.") % {"when": visitor.clock.when(report.reported_at)},
        lines=_lines(visitor, report),
        number=call_instead(visitor.practice),
        over=report.restored_at is not None,
        again_url=f"{visitor.base}me/lost/{report.case_ref}/?lang={visitor.language}",
        back_url=f"{visitor.base}me/",
    )


def _say(visitor: Visitor, report: ReportRecord, phone: str) -> str:
    names = {"phone": phone or _("the phone")}
    if report.restored_at is not None:
        return _("The report of %(phone)s is settled.") % names
    if report.outcome == "closed":
        if _all_shut(visitor, report):
            return _("Records are closed on %(phone)s.") % names
        return _("Every door we control is closed on %(phone)s.") % names
    return _("We have your report. An officer confirms it before records close.")


def _all_shut(visitor: Visitor, report: ReportRecord) -> bool:
    known = response_api.doors(practice_id=visitor.practice.id, case_ref=report.case_ref)
    return all(door.is_closed for door in known)


def _lines(visitor: Visitor, report: ReportRecord) -> tuple[ReportedLine, ...]:
    """Step by step, in the person's words."""
    found = {
        step.step: step.state
        for step in response_api.steps(practice_id=visitor.practice.id, case_ref=report.case_ref)
    }
    if report.restored_at is not None:
        text = _("Records open when the phone has answered and is healthy.")
        return (ReportedLine("check", _("It opens again"), text),)
    taken = response_api.taken_by(practice_id=visitor.practice.id, case_ref=report.case_ref)
    who = (
        _("An officer has taken it and calls you.")
        if taken
        else _("Officers are called. Nobody has answered yet.")
    )
    lines = [
        ReportedLine("lock", _("The phone itself"), _lock_words(found.get("lock", ""))),
        ReportedLine("call", _("Who looks after it"), who),
        ReportedLine(
            "phone", _("What is on it"), _erase_words(found.get("erase", ""), found.get("prove_erase", ""))
        ),
    ]
    if report.outcome == "closed" and not _all_shut(visitor, report):
        text = _("An officer shuts the doors that we cannot.")
        lines.insert(1, ReportedLine("key", _("Other doors"), text))
    return tuple(lines)


def _lock_words(state: str) -> str:
    if state == "waiting":
        return _("It is not locked before an officer has confirmed the loss.")
    if state in ("ready", "running"):
        return _("The lock is on its way. It locks as soon as it is online.")
    if state == "done":
        return _("It has answered: it is locked.")
    return _("It could not be locked. An officer looks after it.")


def _erase_words(ordered: str, proven: str) -> str:
    if proven == "done":
        return _("It is erased, and that is proven.")
    if ordered in ("done", "running"):
        return _("An officer ordered to erase it.")
    return _("Nothing is erased. An officer decides about that.")
