"""Further acts in a case: when it was known, where the phone was, steps that a person ends."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pocketward.incidents import api as incidents_api
from pocketward.incidents.errors import IncidentsError
from pocketward.kernel.errors import PocketwardError
from pocketward.response import api as response_api
from pocketward.web.components.render import console_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.incidents.building import crumbs
from pocketward.web.incidents.pages import PlacePage
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.incidents.views import act_in_case, case_here, show_case
from pocketward.web.names import names_of
from pocketward.web.phones.second_yes import lost_mode_ends
from pocketward.web.proving import require_proof
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor


@require_POST
@practice_page()
def change_discovery(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """An officer sets another moment of discovery, with a reason."""

    def act(facts: CaseFacts) -> str:
        incidents_api.change_discovery(
            case_ref=case_ref, at=_moment(request.POST.get("at", ""), visitor),
            reason=request.POST.get("reason", ""), by_member_id=visitor.member.id,
        )  # fmt: skip
        return _("Changed. The earlier moments are kept.")

    return act_in_case(request, visitor, case_ref, act)


def _moment(text: str, visitor: Visitor) -> datetime:
    """A moment as the browser's field writes it, in the practice's zone."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError as error:
        raise IncidentsError("Write a day and a time.") from error
    return typed.replace(tzinfo=ZoneInfo(visitor.practice.zone)) if typed.tzinfo is None else typed


@require_POST
@practice_page()
def place(request: HttpRequest, visitor: Visitor, case_ref: str, ask_id: UUID) -> HttpResponse:
    """Look at where the phone was: recorded with its purpose, shown once, kept by no browser."""
    facts = case_here(visitor, case_ref)
    try:
        seen = response_api.view_location(
            case_ref=case_ref, ask_id=ask_id, purpose=request.POST.get("purpose", ""),
            by_member_id=visitor.member.id,
        )  # fmt: skip
    except PocketwardError as error:
        return show_case(request, visitor, facts, error.sentence)
    asked = {item.id: item for item in facts.locations}[ask_id]
    near = _("within %(m)s meters") % {"m": round(seen.accuracy_m)} if seen.accuracy_m is not None else ""
    page = PlacePage(
        title=_("Where it was"),
        crumbs=crumbs(visitor, facts, _("Where it was")),
        say=_("%(phone)s was at %(latitude).5f, %(longitude).5f.")
        % {
            "phone": names_of(visitor.practice.id).device(asked.device_id),
            "latitude": seen.latitude,
            "longitude": seen.longitude,
        },
        follow=", ".join(part for part in (near, visitor.clock.when(asked.received_at)) if part)
        if asked.received_at
        else near,
        geo=f"geo:{seen.latitude:.5f},{seen.longitude:.5f}",
        back_url=f"{visitor.base}incidents/{case_ref}/",
    )
    answer = console_page(request, "incidents/place.html", page, console_shell(visitor, "incidents"))
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@practice_page()
def decide_without(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """An officer no longer waits for proof."""

    def act(facts: CaseFacts) -> str:
        response_api.decide_without(
            case_ref=case_ref, reason=request.POST.get("reason", ""), by_member_id=visitor.member.id
        )
        return _("Noted with your name. The phone is still asked.")

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def no_replacement(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """No replacement is needed."""

    def act(facts: CaseFacts) -> str:
        response_api.no_replacement(
            practice_id=visitor.practice.id, case_ref=case_ref, by_member_id=visitor.member.id
        )
        return _("Noted with your name.")

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def end_lost_mode(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """The report was reversed and the phone is still in lost mode."""

    def act(facts: CaseFacts) -> str:
        require_proof(request)
        response_api.end_lost_mode(
            case_ref=case_ref, by_member_id=visitor.member.id, strength=visitor.signed_in.strength
        )
        return lost_mode_ends(visitor)

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def revoke_management(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """Revoke it for the phone whose name was typed."""

    def act(facts: CaseFacts) -> str:
        require_proof(request)
        typed = request.POST.get("name", "").strip()
        device = next((item for item in facts.devices if item.label == typed), None)
        if device is None:
            raise IncidentsError(_("The name you typed is not this phone’s. Nothing was revoked."))
        response_api.revoke_management(
            case_ref=case_ref, device_id=device.id, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
        return _("Revoked. The phone can no longer be locked or erased.")

    return act_in_case(request, visitor, case_ref, act)
