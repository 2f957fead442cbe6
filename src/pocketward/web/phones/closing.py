"""An officer closes records on one phone, opens them again, or reports it as lost."""

from typing import Final

from django.utils.translation import gettext as _

from pocketward.access import api as access_api
from pocketward.response import api as response_api
from pocketward.web.names import Names
from pocketward.web.phones.phone_pages import Act
from pocketward.web.phones.reading import Phone
from pocketward.web.visitor import Visitor

CLOSE, OPEN, LOST = "close_records", "open_records", "report_lost"
ACTS: Final = (CLOSE, OPEN)


def closing_acts(phone: Phone) -> tuple[Act, ...]:
    """Close or open, by how it stands; and lost, unless an open case says so already."""
    found = [_open_act(phone) if access_api.officer_hold(device_id=phone.device.id) else _close_act(phone)]
    if not phone.device.stands_reported:
        found.append(
            Act(
                LOST,
                _("Report it as lost"),
                _("A case opens, confirmed by you. Every door we control closes, and the phone is locked."),
                _("The officers are called."),
                _("Nothing is erased. An officer can reverse the report in its case."),
                _("Report it as lost"),
                asks="when",
            )
        )
    return tuple(found)


def _close_act(phone: Phone) -> Act:
    person = phone.person.split()[0] if phone.person else _("Whoever holds it")
    return Act(
        CLOSE,
        _("Close records on this phone"),
        _("Every door we control closes on it at once, and whoever is signed in there is signed out."),
        _("%(person)s reads that an officer closed it. Your reason is for officers.") % {"person": person},
        _("Nothing is locked or erased. An officer can open it again."),
        _("Close records"),
        asks="reason",
    )


def _open_act(phone: Phone) -> Act:
    still = _("It is reported lost as well: that stays.") if phone.device.lost_case_ref else ""
    effect = _("It opens records when it has answered afresh and passes its checks, not before.")
    return Act(
        OPEN,
        _("Open records on this phone again"),
        f"{effect} {still}".strip(),
        _("It is recorded with your name."),
        _("It can be closed again."),
        _("Open again"),
    )


def do_closing(visitor: Visitor, phone: Phone, act: str, reason: str) -> str:
    """Close or open and say what that did; PocketwardError when it is refused, with the reason."""
    if act == OPEN:
        response_api.open_records(device_id=phone.device.id, by_member_id=visitor.member.id)
        return _("Lifted. It is asked now, and opens records when it has answered and passes.")
    response_api.close_records(device_id=phone.device.id, reason=reason, by_member_id=visitor.member.id)
    return _("The doors we control are closed on it.")


def report_lost(visitor: Visitor, phone: Phone, when: str, network: str) -> str:
    """Report it, as confirmed; the case."""
    return response_api.report_device(
        device_id=phone.device.id,
        when_seen=when,
        callback=visitor.member.phone,
        network=network,
        by_member_id=visitor.member.id,
        session_device_ids=access_api.devices_of_sign_in(
            practice_id=visitor.practice.id, session_key=visitor.signed_in.session_key
        ),
    )


def closed_by(visitor: Visitor, phone: Phone, names: Names) -> str:
    """Who closed it, when, and for officers and auditors why; empty when no officer did."""
    hold = access_api.officer_hold(device_id=phone.device.id)
    if hold is None:
        return ""
    values = {"who": names.actor(hold.placed_by), "when": visitor.clock.when(hold.placed_at)}
    if visitor.member.is_technician:
        return _("Closed by an officer, %(when)s.") % values
    return _("Closed by an officer: %(who)s, %(when)s. Why: %(why)s") % {**values, "why": hold.reason}
