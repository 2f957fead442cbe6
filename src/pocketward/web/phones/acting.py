"""Acts on one phone: which there are, why one is closed, and doing it through the fleet's guard."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.response import api as response_api
from pocketward.web.names import Names
from pocketward.web.phones.building import crumbs, place_of, tabs
from pocketward.web.phones.closing import closing_acts
from pocketward.web.phones.command_words import ROUTINE, under_way
from pocketward.web.phones.erased import erased_words
from pocketward.web.phones.handing_over import handover_act
from pocketward.web.phones.phone_pages import Act, ActsPage
from pocketward.web.phones.reading import Phone
from pocketward.web.phones.second_yes import before_asking, requested
from pocketward.web.phones.waiting import waiting_here
from pocketward.web.visitor import Visitor


@dataclass(frozen=True)
class Refused:
    """Why an act was refused, and what was typed for it."""

    sentence: str = ""
    act: str = ""
    typed_name: str = ""


NOTHING_REFUSED: Final = Refused()


# Acts that destroy what is on the phone.
DESTROYS: Final = frozenset({"erase", "remove_work_data"})


class ActRefused(PocketwardError):
    """An act that a page cannot pass on."""

    code = "web.act_refused"
    sentence = "This cannot be done to this phone."


def acts_page(
    visitor: Visitor,
    phone: Phone,
    commands: tuple[CommandRecord, ...],
    names: Names,
    *,
    refused: Refused = NOTHING_REFUSED,
    toast: str = "",
) -> ActsPage:
    """The acts for this phone with what was asked of it so far."""
    waiting = waiting_here(visitor, phone, commands, names)
    shown = [item for item in commands if item.purpose not in ROUTINE][:12]
    return ActsPage(
        title=phone.device.label,
        crumbs=crumbs(visitor, phone),
        tabs=tabs(visitor, phone, "acts/"),
        say=_("What can be done to %(phone)s") % {"phone": phone.device.label},
        follow=erased_words(phone.device.label, phone.erased_at, visitor.clock)
        if phone.erased_at is not None
        else _("Each act shows how far it is proven, never a hope."),
        acts=acts_for(visitor, phone, erase_waits=any(item.destroys for item in waiting)),
        commands=tuple(under_way(item, visitor.clock, names) for item in shown),
        phone_name=phone.device.label,
        practice_name=visitor.practice.name,
        # A refused yes is answered at its own address; the acts are done at the page's.
        action=f"{place_of(visitor, phone)}acts/",
        waiting=waiting,
        error=refused.sentence,
        toast=toast,
        longest_reason=response_api.LONGEST_REASON,
        refused_act=refused.act,
        typed_name=refused.typed_name,
    )


def acts_for(visitor: Visitor, phone: Phone, *, erase_waits: bool = False) -> tuple[Act, ...]:
    """The acts in order of harm, the reversible first; what waits already is not offered twice."""
    person = phone.person.split()[0] if phone.person else _("Nobody else")
    if phone.erased_at is not None:
        # Nothing is left on it to lock or to erase, and nobody to answer.
        return (_listing(phone, person),)
    lost = _("Not while it is lost.") if phone.device.lost_at else ""
    ordered = _("It is ordered already: see above.") if erase_waits else ""
    gone = "" if phone.device.enrollment_state == "enrolled" else _("It is not enrolled: nothing reaches it.")
    found = [
        *closing_acts(phone),
        *handover_act(visitor, phone),
        Act(
            "lock", _("Lock it"), _("The screen locks; the passcode opens it again."), "",
            _("Nothing is lost."), _("Lock it"), closed_because=gone,
        ),
        Act(
            "restart", _("Restart it"), _("It restarts. Locked phones stay locked."), "",
            _("Nothing is lost."), _("Restart it"), closed_because=gone or lost,
        ),
        _destructive(visitor, phone, person, gone or ordered),
    ]  # fmt: skip
    found.append(_listing(phone, person))
    return tuple(found)


def _listing(phone: Phone, person: str) -> Act:
    """Off the list or back on it; a lost phone has a key of its own, so that nobody removes it unaware."""
    told = _("%(person)s is not told; the officers see it in the ledger.") % {"person": person}
    if phone.erased_at is not None:
        return _listing_erased(phone, told)
    if phone.device.removed_at is not None:
        effect = _(
            "It counts again. It opens records when it has fetched a new key, has answered and passes. "
            "If it is no longer managed, enroll it again."
        )
        return Act(
            "put_back", _("Put it back on the list"), effect, told, _("It can be taken off again."),
            _("Put it back"),
        )  # fmt: skip
    managed = phone.device.enrollment_state in ("authenticated", "enrolled")
    effect = (
        _("It opens no records any more and is no longer counted. Take the management off the phone as well.")
        if managed
        else _("It opens no records any more and is no longer counted. It is not managed now.")
    )
    if phone.device.lost_case_ref:
        lost = (
            _("It is reported lost: its case stays open, and an erase is still sent or offered first.")
            if phone.device.stands_reported
            else _("It was lost and is not back: an erase that is not proven is still sent or offered first.")
        )
        effect = f"{lost} {effect}"
    return Act(
        "remove_lost" if phone.device.lost_case_ref else "remove",
        _("Take it off the list"), effect, told,
        _("Nothing is erased, and you can put it back. Its history stays."), _("Take it off the list"),
        needs_name=True,
    )  # fmt: skip


def _listing_erased(phone: Phone, told: str) -> Act:
    """The same for a phone whose erase is proven: nothing is on it, and nothing more is sent to it."""
    if phone.device.removed_at is not None:
        effect = _("It counts again. It opens nothing until it joins again with a new code.")
        return Act(
            "put_back", _("Put it back on the list"), effect, told, _("It can be taken off again."),
            _("Put it back"),
        )  # fmt: skip
    effect = _("It is no longer counted. It is erased already: nothing more is sent to it.")
    if phone.device.stands_reported:
        effect += " " + _("Its case stays open.")
    return Act(
        "remove_lost" if phone.device.lost_case_ref else "remove",
        _("Take it off the list"), effect, told,
        _("You can put it back. Its history stays."), _("Take it off the list"), needs_name=True,
    )  # fmt: skip


def _destructive(visitor: Visitor, phone: Phone, person: str, gone: str) -> Act:
    switch = _("The kill switch is on.") if fleet_api.kill_switch_is_on() else ""
    told = _("%(person)s, the officers and the ledger are told.") % {"person": person}
    if not fleet_api.may_erase(phone.device.access_rights):
        return Act(
            "remove_work_data",
            _("Remove work data"),
            _("Work apps and their data go. The person’s own photos, messages and apps stay."),
            told,
            before_asking(visitor),
            _("Remove work data"),
            needs_name=True,
            closed_because=gone or switch,
        )
    return Act(
        "erase",
        _("Erase it"),
        _("Everything on it goes, for good."),
        told,
        before_asking(visitor),
        _("Erase it"),
        danger=True,
        needs_name=True,
        closed_because=gone or switch,
    )


def do_act(visitor: Visitor, phone: Phone, act: str, typed_name: str) -> str:
    """Do `act` and say what was ordered; PocketwardError when it is refused, with the reason."""
    device = phone.device
    if phone.erased_at is not None and act in ("lock", "restart", "erase", "remove_work_data"):
        raise ActRefused(_("It is erased, and that is proven. There is nothing left to do to it."))
    if act in ("lock", "restart"):
        request_type = "DeviceLock" if act == "lock" else "RestartDevice"
        params = {"phone_number": visitor.practice.front_desk_phone} if act == "lock" else {}
        fleet_api.order_command(
            device_id=device.id, request_type=request_type, params=params, by=visitor.actor, urgent=True
        )
        return _("Queued. The ladder below shows how far it gets.")
    if act == "put_back":
        fleet_api.restore_device(device_id=device.id, by_member_id=visitor.member.id)
        return _("It is on the list again.")
    if act not in ("erase", "remove_work_data", "remove", "remove_lost"):
        raise ActRefused()
    if typed_name.strip() != device.label:
        raise ActRefused(_("The name you typed is not this phone’s. Nothing was ordered."))
    if act in ("remove", "remove_lost"):
        fleet_api.remove_device(
            device_id=device.id, by_member_id=visitor.member.id,
            case_ref=device.lost_case_ref if act == "remove_lost" else "",
        )  # fmt: skip
        return _("It is off the list. You can put it back below.")
    command_id = fleet_api.order_erase(
        device_id=device.id,
        case_ref=device.lost_case_ref,
        by_member_id=visitor.member.id,
        strength=visitor.signed_in.strength,
    )
    return requested(visitor, command_id)
