"""An officer gives a phone of the practice's to somebody else."""

from typing import Final

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.fleet.errors import HandoverRefused
from pocketward.kernel.ids import parse_public_id, public_id
from pocketward.practice import api as practice_api
from pocketward.web.phones.phone_pages import Act
from pocketward.web.phones.reading import Phone
from pocketward.web.visitor import Visitor

GIVE: Final = "give"


def handover_act(visitor: Visitor, phone: Phone) -> tuple[Act, ...]:
    """Giving it to somebody else; none for a phone that cannot be given on."""
    device = phone.device
    if device.ownership == "personal" or device.shared or device.removed_at is not None:
        return ()
    here = practice_api.members(practice_id=visitor.practice.id)
    others = tuple(
        (public_id("mem", item.id), item.full_name)
        for item in here
        if item.id != device.member_id and not item.is_technician
    )
    closed = _("Not while it is lost.") if device.lost_at else "" if others else _("Nobody else works here.")
    return (
        Act(
            GIVE,
            _("Give it to somebody else"),
            _("Records open on it for the new person after they sign in, not for the one before."),
            _("Both are in the ledger. Erase it first if it holds what the new person must not see."),
            _("It can be given back."),
            _("Give it"),
            asks="person",
            people=others,
            closed_because=closed,
        ),
    )


def hand_over(visitor: Visitor, phone: Phone, person: str) -> str:
    """Give it, and say so; PocketwardError when it is refused."""
    try:
        member = practice_api.get_member(member_id=parse_public_id("mem", person))
    except ValueError as error:
        raise HandoverRefused(_("Choose who carries it now.")) from error
    fleet_api.give_device(device_id=phone.device.id, member_id=member.id, by_member_id=visitor.member.id)
    return _("%(name)s carries it now.") % {"name": member.full_name}
