"""How many things want a look: the counts beside Phones and Incidents, and phones by person."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.kernel.ids import public_id
from pocketward.web.components.clock import Clock
from pocketward.web.people.pages import PhoneOfPerson
from pocketward.web.phones.reading import one_phone, phones
from pocketward.web.visitor import Visitor


@dataclass(frozen=True)
class Attention:
    """Phones that are not protected, and open incidents."""

    phones: int = 0
    incidents: int = 0


def attention(practice_id: UUID, clock: Clock) -> Attention:
    """The counts of a practice in scope."""
    found = phones(practice_id, clock)
    cases = {phone.device.lost_case_ref for phone in found if phone.device.lost_case_ref}
    return Attention(sum(1 for phone in found if phone.standing.status != "ok"), len(cases))


def phone_count(practice_id: UUID) -> int:
    """How many phones and tablets the practice in scope has."""
    return len(fleet_api.devices(practice_id=practice_id))


def phones_by_person(practice_id: UUID) -> Mapping[str, int]:
    """How many phones each person has, by public member id."""
    devices = fleet_api.devices(practice_id=practice_id)
    return Counter(public_id("mem", device.member_id) for device in devices if device.member_id)


def phones_of(visitor: Visitor, member_id: UUID) -> tuple[PhoneOfPerson, ...]:
    """The phones a person uses, as their page shows them."""
    found = (one_phone(device, visitor.clock) for device in fleet_api.devices_of_member(member_id=member_id))
    return tuple(
        PhoneOfPerson(
            phone.device.label,
            f"{visitor.base}phones/{phone.public_id}/",
            phone.standing.status,
            visitor.clock.age(phone.device.last_heard_at),
        )
        for phone in found
    )
