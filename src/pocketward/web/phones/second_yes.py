"""Who says yes to an order that destroys, in words that are true for one officer and for several."""

from uuid import UUID

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.response import api as response_api
from pocketward.web.visitor import Visitor


def before_asking(visitor: Visitor) -> str:
    """What has to happen before an order leaves, said before it is given."""
    if not _alone(visitor):
        return _("A second officer approves it. Then it can still be stopped for a while.")
    if fleet_api.has_second_channel(member_id=visitor.member.id):
        return _("You are the only officer who signs in: it waits 15 minutes, and can be stopped until then.")
    return _("You are the only officer who signs in: your IT provider approves it.")


def nothing_before(visitor: Visitor, ordered_by: str) -> str:
    """Whose yes the order of that actor still waits for."""
    if is_alone(visitor, ordered_by):
        return _("Nothing leaves before your IT provider approves it.")
    return _("A second officer must approve it; nothing leaves before.")


def requested(visitor: Visitor, command_id: UUID) -> str:
    """What becomes of an order that was just given."""
    left = response_api.seconds_left(command_id=command_id)
    if left:
        return _(
            "Requested. You are the only officer: it leaves in %(count)s minutes. "
            "Until then you can stop it here, or by the link in your mail."
        ) % {"count": round(left / 60)}
    if _alone(visitor):
        return _("Requested. Nothing leaves before your IT provider approves it.")
    return _("Requested. Nothing leaves before a second officer approves it.")


def lost_mode_ends(visitor: Visitor) -> str:
    """What becomes of the end of lost mode that this person asks for."""
    if not _alone(visitor):
        return _("Lost mode ends when a second officer approves it.")
    if fleet_api.has_second_channel(member_id=visitor.member.id):
        return _("You are the only officer: lost mode ends in 15 minutes, unless you stop it.")
    return _("Lost mode ends when your IT provider approves it.")


def is_alone(visitor: Visitor, ordered_by: str) -> bool:
    """Whether no officer but the actor that ordered could say yes here."""
    member_id = UUID(ordered_by.removeprefix("member:"))
    return fleet_api.is_alone(practice_id=visitor.practice.id, member_id=member_id)


def _alone(visitor: Visitor) -> bool:
    return is_alone(visitor, visitor.actor)
