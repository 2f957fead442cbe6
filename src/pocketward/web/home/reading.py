"""Reads what Home is computed from."""

from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.practice import api as practice_api
from pocketward.web.components.roles import ROLE_WORDS
from pocketward.web.home.world import Overview, PhoneMark
from pocketward.web.incidents.losses import open_losses
from pocketward.web.phones.reading import Phone, phones
from pocketward.web.setup.steps import steps_left
from pocketward.web.surroundings import kill_switch_is_on
from pocketward.web.visitor import Visitor


def read_world(visitor: Visitor) -> Overview:
    """The practice at this moment."""
    practice_id = visitor.practice.id
    found = phones(practice_id, visitor.clock)
    certificate = fleet_api.push_certificate(practice_id=practice_id)
    return Overview(
        practice_name=visitor.practice.name,
        marks=tuple(_mark(phone) for phone in found),
        losses=open_losses(visitor),
        solo=len(practice_api.members(practice_id=practice_id)) == 1,
        kill_switch=kill_switch_is_on(),
        push_expires_at=certificate.not_after if certificate else None,
        setup_left=steps_left(visitor),
        vacancies=_vacancies(practice_id),
        safety_faults=sum(1 for phone in found if phone.verdict is not None and phone.verdict.our_fault),
    )


def _vacancies(practice_id: UUID) -> tuple[str, ...]:
    words = (str(ROLE_WORDS[role]) for role in practice_api.vacant_roles(practice_id=practice_id))
    return tuple(text if text.startswith("IT") else text[0].lower() + text[1:] for text in words)


def _mark(phone: Phone) -> PhoneMark:
    device = phone.device
    note = "Personal. Only its work side is managed." if device.ownership == "personal" else ""
    return PhoneMark(
        public_id=phone.public_id,
        name=device.label,
        status=phone.standing.status,
        reason=phone.standing.reason,
        heard_at=device.last_heard_at,
        is_tablet=device.kind == "ipad",
        note=note,
    )
