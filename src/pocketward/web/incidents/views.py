"""Incidents: the list, one case, and each act in it."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pocketward.access import api as access_api
from pocketward.incidents.errors import IncidentsError
from pocketward.kernel.errors import PocketwardError
from pocketward.overview import api as overview_api
from pocketward.response import api as response_api
from pocketward.web.components.paging import page_in
from pocketward.web.components.render import console_page, fragment
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.incidents.building import case_page
from pocketward.web.incidents.listing import incidents_page
from pocketward.web.incidents.losses import still_held
from pocketward.web.incidents.reading import CaseFacts, read_case
from pocketward.web.names import names_of
from pocketward.web.phones.second_yes import lost_mode_ends, requested
from pocketward.web.proving import NotProven, require_proof, to_prove
from pocketward.web.sender import network_of_sender
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

# From here on a wait is told in minutes.
LONG_SECONDS = 120


@require_GET
@practice_page()
def incidents(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every case, open ones first."""
    toast = take_toast(request)
    if toast:
        overview_api.catch_up(practice_id=visitor.practice.id)
    page = incidents_page(visitor, page=page_in(request.GET), toast=toast)
    return console_page(request, "incidents/list.html", page, console_shell(visitor, "incidents"))


def case_here(visitor: Visitor, case_ref: str) -> CaseFacts:
    """The case of the practice in scope, or 404."""
    found = read_case(visitor, case_ref)
    if found is None:
        raise Http404
    return found


@require_GET
@practice_page()
def case(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """One case."""
    facts = case_here(visitor, case_ref)
    if any(call.member_id == visitor.member.id and call.seen_at is None for call in facts.calls):
        response_api.note_seen(
            practice_id=visitor.practice.id, case_ref=case_ref, by_member_id=visitor.member.id
        )
    return show_case(request, visitor, facts)


def show_case(request: HttpRequest, visitor: Visitor, facts: CaseFacts, error: str = "") -> HttpResponse:
    """The page of a case; with an error it says what was refused."""
    search = " ".join(request.GET.get("q", "").split())[:120]
    page = case_page(
        visitor, facts, names_of(visitor.practice.id), error=error, toast=take_toast(request), search=search
    )
    status = 400 if error else 200
    shell = console_shell(visitor, "incidents")
    return console_page(request, "incidents/case.html", page, shell, status=status)


@require_GET
@practice_page()
def case_body(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """The moving part of the case, for the page to swap in."""
    page = case_page(visitor, case_here(visitor, case_ref), names_of(visitor.practice.id))
    return fragment(request, "incidents/body.html", page)


def act_in_case(
    request: HttpRequest, visitor: Visitor, case_ref: str, act: Callable[[CaseFacts], str]
) -> HttpResponse:
    """Do one act in a case and say what it did; a refusal is shown on the case's page with its reason."""
    facts = case_here(visitor, case_ref)
    try:
        said = act(facts)
    except NotProven as error:
        return to_prove(request, error, back=f"{visitor.base}incidents/{case_ref}/")
    except PocketwardError as error:
        return show_case(request, visitor, case_here(visitor, case_ref), error.with_advice)
    leave_toast(request, said)
    return HttpResponseRedirect(f"{visitor.base}incidents/{case_ref}/")


@require_POST
@practice_page()
def take(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """An officer takes the case: nobody else is called."""

    def act(facts: CaseFacts) -> str:
        response_api.answer_alert(
            practice_id=visitor.practice.id, case_ref=case_ref, by_member_id=visitor.member.id
        )
        return _("It is yours. Nobody else is called.")

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def confirm(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """The loss is real: closes what waited for this."""

    def act(facts: CaseFacts) -> str:
        response_api.confirm_loss(case_ref=case_ref, by_member_id=visitor.member.id)
        return _("Confirmed. Only an officer can open records again.")

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def reverse(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """A false report, or it was found: lift what this report closed, in one action."""

    def act(facts: CaseFacts) -> str:
        here = access_api.devices_of_sign_in(
            practice_id=visitor.practice.id, session_key=visitor.signed_in.session_key
        )
        response_api.reverse(
            case_ref=case_ref, by_member_id=visitor.member.id, network=network_of_sender(request),
            session_device_ids=here,
        )  # fmt: skip
        said = lifted_words(visitor, facts)
        try:
            asked = response_api.end_lost_mode(
                case_ref=case_ref, by_member_id=visitor.member.id, strength=visitor.signed_in.strength
            )
        except PocketwardError as error:
            # The reversal stands; what could not be asked for as well is told beside it.
            return f"{said} {error.sentence}"
        return f"{said} {lost_mode_ends(visitor)}" if asked else said

    return act_in_case(request, visitor, case_ref, act)


def lifted_words(visitor: Visitor, facts: CaseFacts) -> str:
    """What a reversal did, and which phones something else still closes."""
    left = still_held(visitor.practice.id, facts.devices)
    if not left:
        return _("Lifted. Each phone opens records when it has reported and passed.")
    text = _("What this report closed is lifted. Another report, or an officer, still closes %(phones)s.")
    return text % {"phones": ", ".join(left)}


@require_POST
@practice_page()
def locate(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """Ask where it is, with a reason that the ledger commits to."""

    def act(facts: CaseFacts) -> str:
        able = [device for device in facts.devices if response_api.may_be_located(device, case_ref=case_ref)]
        wanted = able or list(facts.devices)
        for device in wanted:
            response_api.locate(
                case_ref=case_ref, device_id=device.id, reason=request.POST.get("reason", ""),
                by_member_id=visitor.member.id,
            )  # fmt: skip
        return _("Asked. It answers when it is online.")

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def order_erase(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """Request the erase; a second officer approves it, or the only officer waits."""

    def act(facts: CaseFacts) -> str:
        require_proof(request)
        typed = request.POST.get("name", "").strip()
        device = next((item for item in facts.devices if item.label == typed), None)
        if device is None:
            raise IncidentsError(_("The name you typed is not this phone’s. Nothing was ordered."))
        command_id = response_api.order_erase(
            case_ref=case_ref, device_id=device.id, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
        return requested(visitor, command_id)

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def approve(request: HttpRequest, visitor: Visitor, case_ref: str, command_id: UUID) -> HttpResponse:
    """The second officer says yes."""

    def act(facts: CaseFacts) -> str:
        must_be_of_case(facts, command_id)
        require_proof(request)
        response_api.approve_erase(
            case_ref=case_ref, command_id=command_id, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
        if facts.report.restored_at is not None:
            return _("Approved. Lost mode ends in 10 minutes.")
        left = response_api.seconds_left(command_id=command_id)
        if left >= LONG_SECONDS:
            return _("Approved. It can be stopped for %(count)s minutes.") % {"count": round(left / 60)}
        return _("Approved. It can be stopped for %(count)s seconds.") % {"count": left}

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def stop(request: HttpRequest, visitor: Visitor, case_ref: str, command_id: UUID) -> HttpResponse:
    """Stop it before the phone has fetched it."""

    def act(facts: CaseFacts) -> str:
        must_be_of_case(facts, command_id)
        stopped = response_api.stop_erase(
            case_ref=case_ref, command_id=command_id, by_member_id=visitor.member.id
        )
        return _("Stopped. Nothing was erased.") if stopped else _("Too late: the phone has fetched it.")

    return act_in_case(request, visitor, case_ref, act)


def must_be_of_case(facts: CaseFacts, command_id: UUID) -> None:
    """404 for a command of another case."""
    if command_id not in {command.id for command in facts.commands}:
        raise Http404


@require_POST
@practice_page()
def tick_door(request: HttpRequest, visitor: Visitor, case_ref: str, app_id: UUID) -> HttpResponse:
    """A named person says that they shut a door that is not ours."""

    def act(facts: CaseFacts) -> str:
        response_api.tick_door(
            practice_id=visitor.practice.id, case_ref=case_ref, app_id=app_id, by_member_id=visitor.member.id
        )
        return _("Noted with your name.")

    return act_in_case(request, visitor, case_ref, act)


@require_POST
@practice_page()
def finish_doors(request: HttpRequest, visitor: Visitor, case_ref: str) -> HttpResponse:
    """Every door of the case is shut."""

    def act(facts: CaseFacts) -> str:
        done = response_api.finish_doors(
            practice_id=visitor.practice.id, case_ref=case_ref, receipt=_("Every door is shut."),
            by_member_id=visitor.member.id,
        )  # fmt: skip
        return _("Done.") if done else _("A door is still open.")

    return act_in_case(request, visitor, case_ref, act)
