"""How many things want a look, and the phones of a person."""

from dataclasses import dataclass
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.overview import api as overview_api
from pocketward.web.components.clock import Clock
from pocketward.web.people.pages import PhoneOfPerson
from pocketward.web.phones.erased import erased_words
from pocketward.web.phones.reading import one_phone
from pocketward.web.visitor import Visitor


@dataclass(frozen=True)
class Attention:
    """Phones that are not protected, and open incidents."""

    phones: int = 0
    incidents: int = 0


def attention(practice_id: UUID, clock: Clock) -> Attention:
    """The counts of a practice in scope."""
    return Attention(*overview_api.attention(practice_id=practice_id, now=clock.now))


def phone_count(practice_id: UUID) -> int:
    """How many phones and tablets the practice in scope has."""
    return overview_api.practice_line(practice_id=practice_id).phones


def phones_of(visitor: Visitor, member_id: UUID) -> tuple[PhoneOfPerson, ...]:
    """The phones a person uses, as their page shows them."""
    found = (one_phone(device, visitor.clock) for device in fleet_api.devices_of_member(member_id=member_id))
    return tuple(
        PhoneOfPerson(
            phone.device.label,
            f"{visitor.base}phones/{phone.public_id}/",
            phone.standing.status,
            visitor.clock.age(phone.device.last_heard_at),
            erased_words(phone.device.label, phone.erased_at, visitor.clock) if phone.erased_at else "",
        )
        for phone in found
    )
