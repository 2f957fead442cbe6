"""The doors of a case: what is closed and how fast, and what somebody must still shut."""

from django.utils.translation import gettext as _

from pocketward.web.incidents.pages import Door
from pocketward.web.incidents.reading import CaseFacts
from pocketward.web.visitor import Visitor


def doors_closed(facts: CaseFacts) -> str:
    """How fast the doors that are ours closed; what people shut has no such time."""
    ours = [door.milliseconds for door in facts.doors if door.milliseconds is not None]
    others = [door for door in facts.doors if door.milliseconds is None]
    if not facts.doors:
        return _("It opens nothing here any more.")
    if not ours:
        return _("No door here is ours.")
    text = _("Every door we control closed %(time)s.") if others else _("Every door we know closed %(time)s.")
    said = text % {"time": quickness(max(ours))}
    by_hand = others and all(door.is_closed for door in others)
    return f"{said} " + _("The others were shut by hand.") if by_hand else said


def quickness(milliseconds: int) -> str:
    """In 3.1 seconds; in under a tenth of a second."""
    if milliseconds < 100:
        return _("in under a tenth of a second")
    return _("in %(seconds)s seconds") % {"seconds": f"{milliseconds / 1000:.1f}"}


def doors(visitor: Visitor, facts: CaseFacts, place: str) -> tuple[Door, ...]:
    """Every door with its receipt; one that is not ours can be ticked by a named person.

    Once the report is reversed nobody has to shut anything any more.
    """
    is_over = facts.report.restored_at is not None
    return tuple(
        Door(
            name=door.app_name,
            receipt="" if is_over and not door.is_closed else _receipt(door.milliseconds, door.is_closed),
            ours=door.door == "proxied",
            closed=door.is_closed,
            detail=_("Nothing to do: the report was reversed.") if is_over else door.sentence,
            tick_url=f"{place}door/{door.app_id}/"
            if not door.is_closed and visitor.may_change and not is_over
            else "",
        )
        for door in facts.doors
    )


def _receipt(milliseconds: int | None, closed: bool) -> str:
    if milliseconds is not None and milliseconds < 100:
        return _("under 0.1 s")
    if milliseconds is not None:
        return _("%(seconds)s s") % {"seconds": f"{milliseconds / 1000:.1f}"}
    return _("shut by hand") if closed else _("still open")
