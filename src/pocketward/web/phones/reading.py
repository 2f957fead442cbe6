"""Reads phones for pages: rows of the overview for lists, and one phone with all that its domains know."""

from dataclasses import dataclass
from datetime import datetime

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.kernel.ids import public_id
from pocketward.overview import api as overview_api
from pocketward.overview.api import PhoneLine
from pocketward.posture import api as posture_api
from pocketward.practice import api as practice_api
from pocketward.web.components.clock import Clock
from pocketward.web.phones.list_pages import PhoneRow
from pocketward.web.phones.standing import Standing, Verdict, in_words
from pocketward.web.phones.verdicts import verdict_from


@dataclass(frozen=True)
class Phone:
    """A device with how it stands."""

    device: DeviceRecord
    standing: Standing
    verdict: Verdict | None
    hold: str
    person: str
    has_left: bool = False
    # When its erase was proven, until it joins again.
    erased_at: datetime | None = None

    @property
    def public_id(self) -> str:
        """dev_…"""
        return public_id("dev", self.device.id)


def one_phone(device: DeviceRecord, clock: Clock) -> Phone:
    """One phone as it is at this moment; a list may be a moment behind."""
    user = practice_api.get_member(member_id=device.member_id) if device.member_id is not None else None
    has_left = user is not None and user.left_at is not None
    held = access_api.held_devices(practice_id=device.practice_id, device_ids=(device.id,))
    hold, judged = held.get(device.id, ""), posture_api.device_posture(device_id=device.id)
    erased_at = fleet_api.erased_at(device_id=device.id)
    stands = overview_api.stand(
        device=device, posture=judged, hold=hold, holder_left=has_left, erased=erased_at is not None
    )
    words = in_words(stands, lost_at=device.lost_at, heard_at=device.last_heard_at, clock=clock)
    verdict = verdict_from(judged, clock.language) if judged else None
    person = user.full_name if user is not None else ""
    return Phone(device, words, verdict, hold, person, has_left, erased_at)


def row_of(line: PhoneLine, clock: Clock) -> PhoneRow:
    """A phone of the overview as a row of the list."""
    words = in_words(line.standing, lost_at=line.lost_at, heard_at=line.heard_at, clock=clock)
    return PhoneRow(
        public_id=public_id("dev", line.device_id),
        name=line.label,
        status=words.status,
        reason=words.reason,
        person=line.person,
        kind=line.kind,
        ownership=line.ownership,
        shared=line.shared,
        heard_at=line.heard_at,
        enrolled=line.enrollment_state == "enrolled",
    )
