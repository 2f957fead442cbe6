"""The guard under Set up, for officers: limits proposed and approved, wide changes approved or called off."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pocketward.fleet import api as fleet_api
from pocketward.kernel.errors import PocketwardError
from pocketward.practice.api import OFFICERS
from pocketward.rollout import api as rollout_api
from pocketward.web.components.crumbs import FieldError
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import TECHNICIAN, practice_page
from pocketward.web.guard.building import guard_page
from pocketward.web.guard.orders import waiting_order
from pocketward.web.phones.waiting import let_pass
from pocketward.web.proving import is_proven, not_proven, prove_url
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

MAY_APPROVE: Final = OFFICERS | TECHNICIAN


@require_GET
@practice_page(read=MAY_APPROVE)
def guard(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """How destruction is limited here, and what waits."""
    return _page(request, visitor)


@require_POST
@practice_page(read=OFFICERS)
def propose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Propose other limits; they count a day after a second officer's yes."""
    values = {name: request.POST.get(name, "").strip()[:4] for name in fleet_api.MOST_GUARD_FIGURES}
    for name, value in values.items():
        if not (value.isascii() and value.isdecimal()):
            return _page(request, visitor, FieldError(_("Write a whole number."), name), values=values)

    def act() -> str:
        fleet_api.propose_guard_options(
            practice_id=visitor.practice.id, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength, **{name: int(value) for name, value in values.items()},
        )  # fmt: skip
        return _("Proposed. It stands below until it counts.")

    return _do(request, visitor, act, values)


@require_POST
@practice_page(read=OFFICERS)
def approve_proposal(request: HttpRequest, visitor: Visitor, proposal_id: UUID) -> HttpResponse:
    """The second officer's yes to other limits."""

    def act() -> str:
        effective = fleet_api.approve_guard_options(
            proposal_id=proposal_id, by_member_id=visitor.member.id, strength=visitor.signed_in.strength
        )
        return _("Approved. It counts %(when)s.") % {"when": visitor.clock.when(effective)}

    return _do(request, visitor, act)


@require_POST
@practice_page(read=OFFICERS)
def cancel_proposal(request: HttpRequest, visitor: Visitor, proposal_id: UUID) -> HttpResponse:
    """Take other limits back; that weakens nothing, so it needs nobody else."""

    def act() -> str:
        fleet_api.cancel_guard_options(proposal_id=proposal_id, by_member_id=visitor.member.id)
        return _("Taken back. The limits stay as they are.")

    return _do(request, visitor, act, weakens=False)


@require_POST
@practice_page(read=MAY_APPROVE, change=MAY_APPROVE)
def approve_order(request: HttpRequest, visitor: Visitor, command_id: UUID) -> HttpResponse:
    """The yes of a second officer, or of the IT provider, to an order that destroys."""
    command = waiting_order(visitor, command_id)

    def act() -> str:
        let_pass(visitor, command)
        return _("Approved. It leaves after the countdown, unless an officer stops it.")

    return _do(request, visitor, act)


@require_POST
@practice_page(read=MAY_APPROVE, change=MAY_APPROVE)
def approve_change(request: HttpRequest, visitor: Visitor, change_id: UUID) -> HttpResponse:
    """The second officer's yes to a change that closes many phones."""

    def act() -> str:
        effective = rollout_api.approve_change(
            change_id=change_id, by_member_id=visitor.member.id, strength=visitor.signed_in.strength
        )
        return _("Approved. In force %(when)s, unless it is stopped.") % {
            "when": visitor.clock.when(effective)
        }

    return _do(request, visitor, act)


@require_POST
@practice_page(read=OFFICERS)
def cancel_change(request: HttpRequest, visitor: Visitor, change_id: UUID) -> HttpResponse:
    """Call it off before it is in force."""

    def act() -> str:
        rollout_api.cancel_change(change_id=change_id, by=visitor.actor)
        return _("Called off. Nothing was changed.")

    return _do(request, visitor, act, weakens=False)


def _do(
    request: HttpRequest,
    visitor: Visitor,
    act: Callable[[], str],
    values: dict[str, str] | None = None,
    *,
    weakens: bool = True,
) -> HttpResponse:
    if weakens and not is_proven(request):
        return _page(request, visitor, not_proven(), values=values)
    try:
        said = act()
    except PocketwardError as error:
        return _page(request, visitor, FieldError(error.sentence), values=values)
    leave_toast(request, said)
    return HttpResponseRedirect(f"{visitor.base}setup/guard/")


def _page(
    request: HttpRequest, visitor: Visitor, *errors: FieldError, values: dict[str, str] | None = None
) -> HttpResponse:
    page = guard_page(visitor, values, prove_url=prove_url(request), errors=errors, toast=take_toast(request))
    status = 400 if errors else 200
    return console_page(request, "guard/guard.html", page, console_shell(visitor, ""), status=status)
