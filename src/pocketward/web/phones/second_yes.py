"""Who says yes to an order that destroys, in words that are true for one officer and for several."""

from uuid import UUID

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.practice import api as practice_api
from pocketward.response import api as response_api
from pocketward.web.visitor import Visitor


def before_asking(visitor: Visitor) -> str:
    """What has to happen before an order leaves, said before it is given."""
    if not _alone(visitor):
        return _("A second officer approves it. Then it can still be stopped for a while.")
    if fleet_api.has_second_channel(member_id=visitor.member.id):
        return _("You are the only officer who signs in: it waits 15 minutes, and can be stopped until then.")
    if has_provider(visitor):
        return _("You are the only officer who signs in: your IT provider approves it.")
    return _(
        "Nobody here can approve it: set up mail first, so that it can be stopped, or let an IT provider in."
    )


def nothing_before(visitor: Visitor, ordered_by: str) -> str:
    """Whose yes the order of that actor still waits for."""
    if not is_alone(visitor, ordered_by):
        return _("A second officer must approve it; nothing leaves before.")
    if has_provider(visitor):
        return _("Nothing leaves before your IT provider approves it.")
    return _("Nobody here can approve it any more: stop it, and ask for it anew.")


def requested(visitor: Visitor, command_id: UUID) -> str:
    """What becomes of an order that was just given."""
    left = response_api.seconds_left(command_id=command_id)
    if left:
        return _(
            "Requested. You are the only officer: it leaves in %(count)s minutes. "
            "Until then you can stop it here, or by the link in your mail."
        ) % {"count": round(left / 60)}
    if not _alone(visitor):
        return _("Requested. Nothing leaves before a second officer approves it.")
    if has_provider(visitor):
        return _("Requested. Nothing leaves before your IT provider approves it.")
    return _("Requested, and nobody here can approve it: let an IT provider in, or stop it and set up mail.")


def lost_mode_ends(visitor: Visitor) -> str:
    """What becomes of the end of lost mode that this person asks for."""
    if not _alone(visitor):
        return _("Lost mode ends when a second officer approves it.")
    if fleet_api.has_second_channel(member_id=visitor.member.id):
        return _("You are the only officer: lost mode ends in 15 minutes, unless you stop it.")
    if has_provider(visitor):
        return _("Lost mode ends when your IT provider approves it.")
    return _("Lost mode stays: nobody here can approve its end. Let an IT provider in, or set up mail.")


def has_provider(visitor: Visitor) -> bool:
    """Whether somebody of an IT provider is let in, whose yes counts now or after a day."""
    grants = practice_api.service_grants(practice_id=visitor.practice.id)
    return any(item.is_live(visitor.clock.now) for item in grants)


def is_alone(visitor: Visitor, ordered_by: str) -> bool:
    """Whether no officer but the actor that ordered could say yes here."""
    member_id = UUID(ordered_by.removeprefix("member:"))
    return fleet_api.is_alone(practice_id=visitor.practice.id, member_id=member_id)


def _alone(visitor: Visitor) -> bool:
    return is_alone(visitor, visitor.actor)
