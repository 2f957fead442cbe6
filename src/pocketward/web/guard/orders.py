"""Orders that destroy and wait for somebody else, as the guard's page shows them: for the IT provider too."""

from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord
from pocketward.fleet.errors import NoSuchCommand
from pocketward.kernel.ids import public_id
from pocketward.web.guard.pages import WaitingLine
from pocketward.web.names import Names
from pocketward.web.phones.command_words import command_words
from pocketward.web.phones.waiting import is_second_person
from pocketward.web.visitor import Visitor


def orders_that_wait(visitor: Visitor, names: Names) -> tuple[WaitingLine, ...]:
    """Every order of the practice that a second person can let pass, oldest first."""
    ids = fleet_api.orders_to_approve(practice_id=visitor.practice.id)
    return tuple(_line(fleet_api.get_command(command_id=item), visitor, names) for item in ids)


def _line(command: CommandRecord, visitor: Visitor, names: Names) -> WaitingLine:
    state = _("It leaves only after somebody else approves it.")
    if command.not_before is not None:
        moment = visitor.clock.time(command.not_before)
        state = _("It leaves at %(time)s unless it is stopped, sooner if somebody approves it.")
        state = state % {"time": moment}
    asked = _("Asked for by %(who)s, %(when)s.") % {
        "who": names.actor(command.ordered_by),
        "when": visitor.clock.when(command.ordered_at),
    }
    place = f"{visitor.base}setup/guard/orders/{command.id}/"
    return WaitingLine(
        title=f"{names.device(command.device_id)}: {command_words(command.request_type)}",
        detail=_("For a case of a lost phone.") if command.case_ref else "",
        asked=asked,
        state=state,
        approve_url=f"{place}approve/" if is_second_person(visitor, command.ordered_by) else "",
        cancel_url=f"{_acts(visitor, command)}stop/{command.id}/" if visitor.may_change else "",
    )


def _acts(visitor: Visitor, command: CommandRecord) -> str:
    return f"{visitor.base}phones/{public_id('dev', command.device_id)}/acts/"


def waiting_order(visitor: Visitor, command_id: UUID) -> CommandRecord:
    """The order that waits in this practice; 404 for every other."""
    if command_id not in fleet_api.orders_to_approve(practice_id=visitor.practice.id):
        raise Http404
    try:
        return fleet_api.get_command(command_id=command_id)
    except NoSuchCommand as error:
        raise Http404 from error
