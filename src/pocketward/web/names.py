"""Names for ids: who "member:<uuid>" is, what "device:<uuid>" is called, as people know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.practice import api as practice_api


@dataclass(frozen=True)
class Names:
    """Names by id, as text. What is not found is called by what it is, never by its id."""

    people: Mapping[str, str]
    devices: Mapping[str, str]

    def person(self, member_id: UUID | str | None) -> str:
        """A person's full name; empty for nobody."""
        return self.people.get(str(member_id), _("a person")) if member_id else ""

    def device(self, device_id: UUID | str | None) -> str:
        """A phone's name."""
        return self.devices.get(str(device_id), _("a phone")) if device_id else _("a phone")

    def actor(self, actor: str, actor_name: str = "") -> str:
        """Who acted, from an event's actor."""
        kind, _colon, which = actor.partition(":")
        if actor_name:
            return actor_name
        if kind == "member":
            return self.person(which)
        if kind == "device":
            return self.device(which)
        if kind == "anonymous":
            return _("Someone without sign-in")
        if kind == "account":
            return _("A person")
        return "Pocketward"


def names_of(practice_id: UUID) -> Names:
    """Names of everybody and every phone of the practice in scope, those who left included."""
    people = practice_api.members(practice_id=practice_id, with_left=True, with_technicians=True)
    devices = fleet_api.devices(practice_id=practice_id, with_removed=True)
    return Names(
        {str(person.id): person.full_name for person in people},
        {str(device.id): device.label for device in devices},
    )
