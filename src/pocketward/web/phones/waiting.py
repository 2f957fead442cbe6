"""Destructive orders that have not left: the second officer's yes and the stop, on their phone's page."""

from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord
from pocketward.fleet.errors import NoSuchCommand
from pocketward.response import api as response_api
from pocketward.web.names import Names
from pocketward.web.phones.building import place_of
from pocketward.web.phones.command_words import command_words
from pocketward.web.phones.phone_pages import WaitingOrder
from pocketward.web.phones.reading import Phone
from pocketward.web.phones.second_yes import has_provider, is_alone
from pocketward.web.visitor import Visitor


def is_second_person(visitor: Visitor, ordered_by: str) -> bool:
    """Whether this visitor's yes to what that actor ordered would be taken: nobody else is offered it."""
    return visitor.member.id in fleet_api.other_approvers(
        practice_id=visitor.practice.id, ordered_by=UUID(ordered_by.removeprefix("member:"))
    )


def orders_waiting(visitor: Visitor) -> tuple[CommandRecord, ...]:
    """Every order of the practice that waits for a second officer, oldest first."""
    ids = fleet_api.waiting_for_approval(practice_id=visitor.practice.id)
    return tuple(fleet_api.get_command(command_id=item) for item in ids)


def waiting_here(
    visitor: Visitor, phone: Phone, commands: tuple[CommandRecord, ...], names: Names
) -> tuple[WaitingOrder, ...]:
    """What was ordered for this phone and has not left: asked for, or let pass and still stoppable."""
    asked = [item for item in orders_waiting(visitor) if item.device_id == phone.device.id]
    leaving = [
        item
        for item in commands
        if item.not_before is not None
        and item.state in ("authorized", "queued", "pushed")
        and fleet_api.can_stop(command_id=item.id)
    ]
    return tuple(_waiting(item, visitor, phone, names) for item in (*asked, *leaving))


def _waiting(command: CommandRecord, visitor: Visitor, phone: Phone, names: Names) -> WaitingOrder:
    place, clock = place_of(visitor, phone), visitor.clock
    values = {"who": names.actor(command.ordered_by), "when": clock.when(command.ordered_at)}
    may_approve = False
    if command.state == "requested":
        may_approve = is_second_person(visitor, command.ordered_by)
        if may_approve:
            text = _("%(who)s asked for it, %(when)s. It leaves only after your yes, or another officer's.")
        elif is_alone(visitor, command.ordered_by) and not has_provider(visitor):
            text = _(
                "%(who)s asked for it, %(when)s. Nobody here can approve it any more: stop it, and ask anew."
            )
        elif is_alone(visitor, command.ordered_by):
            text = _("%(who)s asked for it, %(when)s. It leaves only after your IT provider approves it.")
        elif command.ordered_by == visitor.actor:
            text = _("You asked for it, %(when)s. It leaves only after another officer approves it.")
        else:
            text = _(
                "%(who)s asked for it, %(when)s. It leaves only after another officer approves it; your yes "
                "counts after 24 hours, as an officer and with this sign-in."
            )
    elif command.not_before is not None and command.not_before > clock.now:
        text = _("%(who)s asked for it, %(when)s. It leaves at %(time)s unless it is stopped.")
        values["time"] = clock.time(command.not_before, seconds=True)
    else:
        text = _("%(who)s asked for it, %(when)s. The phone has not fetched it; it can still be stopped.")
    return WaitingOrder(
        title=command_words(command.request_type),
        destroys=command.request_type in ("EraseDevice", "RemoveProfile"),
        text=text % values,
        approve_url=f"{place}acts/approve/{command.id}/" if may_approve else "",
        stop_url=f"{place}acts/stop/{command.id}/",
    )


def _order_of(phone: Phone, command_id: UUID) -> CommandRecord:
    """The order of this phone; 404 for every other."""
    try:
        command = fleet_api.get_command(command_id=command_id)
    except NoSuchCommand as error:
        raise Http404 from error
    if command.device_id != phone.device.id:
        raise Http404
    return command


def approve_order(visitor: Visitor, phone: Phone, command_id: UUID) -> str:
    """The second officer's yes, and what follows; CommandRefused when the guard says no."""
    let_pass(visitor, _order_of(phone, command_id))
    return _("Approved. Until it leaves it can be stopped here.")


def let_pass(visitor: Visitor, command: CommandRecord) -> None:
    """Approve an order, in a case or not. CommandRefused."""
    member_id, strength = visitor.member.id, visitor.signed_in.strength
    if command.case_ref:
        # The case's steps are told as well.
        response_api.approve_erase(
            case_ref=command.case_ref, command_id=command.id, by_member_id=member_id, strength=strength
        )
    else:
        fleet_api.check_approval(command_id=command.id, by_member_id=member_id, strength=strength)
        fleet_api.approve_command(command_id=command.id, by_member_id=member_id, strength=strength)


def stop_order(visitor: Visitor, phone: Phone, command_id: UUID) -> str:
    """Stop it before the phone has fetched it, and say whether that was in time."""
    command = _order_of(phone, command_id)
    if command.case_ref:
        stopped = response_api.stop_erase(
            case_ref=command.case_ref, command_id=command_id, by_member_id=visitor.member.id
        )
    else:
        stopped = fleet_api.stop_command(command_id=command_id, by=visitor.actor)
    return _("Stopped. The phone was told nothing.") if stopped else _("Too late: the phone has fetched it.")
