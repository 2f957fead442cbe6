"""Reads phones for pages: the fleet's devices, with what posture and access say of each."""

from dataclasses import dataclass
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.web.components.clock import Clock
from pocketward.web.phones.list_pages import PhoneRow
from pocketward.web.phones.standing import Standing, Verdict, standing
from pocketward.web.phones.verdicts import holds, verdict_of, verdicts


@dataclass(frozen=True)
class Phone:
    """A device with how it stands."""

    device: DeviceRecord
    standing: Standing
    verdict: Verdict | None
    hold: str
    person: str

    @property
    def public_id(self) -> str:
        """dev_…"""
        return public_id("dev", self.device.id)


def phones(practice_id: UUID, clock: Clock) -> tuple[Phone, ...]:
    """Every phone of the practice in scope, by name."""
    people = {person.id: person.full_name for person in practice_api.members(practice_id=practice_id)}
    judged, held = verdicts(practice_id, clock), holds(practice_id)
    return tuple(
        _phone(device, judged.get(device.id), held.get(device.id, ""), people, clock)
        for device in fleet_api.devices(practice_id=practice_id)
    )


def one_phone(device: DeviceRecord, clock: Clock) -> Phone:
    """One phone as the list would show it."""
    people: dict[UUID, str] = {}
    if device.member_id is not None:
        people[device.member_id] = practice_api.get_member(member_id=device.member_id).full_name
    held = holds(device.practice_id).get(device.id, "")
    return _phone(device, verdict_of(device.id, clock), held, people, clock)


def _phone(
    device: DeviceRecord, verdict: Verdict | None, hold: str, people: dict[UUID, str], clock: Clock
) -> Phone:
    person = people.get(device.member_id, "") if device.member_id else ""
    return Phone(device, standing(device, verdict, hold, clock), verdict, hold, person)


def row_of(phone: Phone) -> PhoneRow:
    """A phone as a row of the list."""
    device = phone.device
    return PhoneRow(
        public_id=phone.public_id,
        name=device.label,
        status=phone.standing.status,
        reason=phone.standing.reason,
        person=phone.person,
        kind=device.kind,
        ownership=device.ownership,
        shared=device.shared,
        heard_at=device.last_heard_at,
        enrolled=device.enrollment_state == "enrolled",
    )
