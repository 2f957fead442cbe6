"""An officer gives a phone to somebody else, takes one that is no longer used off the list, or puts it back.

None of these erases anything: the record stays, with its history, and an erase that is not proven yet is
still sent, or offered first when the same phone joins again.
"""

from __future__ import annotations

from uuid import UUID

from pocketward.fleet.apple.rounds import ask
from pocketward.fleet.devices import assign_device, get_device
from pocketward.fleet.errors import HandoverRefused, RemovalRefused
from pocketward.fleet.events import DeviceRemoved, DeviceRestored
from pocketward.fleet.giving_up import offer_access_identity
from pocketward.fleet.models import Device, Enrollment
from pocketward.fleet.state import HEALTH
from pocketward.kernel import clock
from pocketward.pki import api as pki_api
from pocketward.practice import api as practice_api
from pocketward.spine.api import record, unit_of_work


@unit_of_work
def remove_device(*, device_id: UUID, by_member_id: UUID, case_ref: str = "") -> None:
    """An officer takes the device off the list; doing it again changes nothing.

    It opens no records any more. Its management identity stays, for an erase that may still have to reach
    it. `case_ref` is the open case that the officer was told of: RemovalRefused for a lost phone without it,
    and for anybody but an officer of this practice.
    """
    device = get_device(device_id=device_id)
    _require_officer(device.practice_id, by_member_id)
    if device.removed_at is not None:
        return
    if device.lost_case_ref != case_ref:
        raise RemovalRefused("It is reported lost, and its case is open. Read what that means first.")
    Device.objects.filter(pk=device_id).update(removed_at=clock.now())
    by = f"member:{by_member_id}"
    record(
        DeviceRemoved(
            practice_id=device.practice_id, actor=by, subject=f"device:{device_id}", case_ref=case_ref,
            device_id=device_id, label=device.label,
        )
    )  # fmt: skip
    pki_api.revoke_device(device_id=device_id, reason="cessation", by=by, case_ref=case_ref)


@unit_of_work
def restore_device(*, device_id: UUID, by_member_id: UUID) -> None:
    """An officer puts the device back; RemovalRefused for anybody else.

    A phone that is still managed gets a new access identity and must tell its state afresh before it opens
    records; any other must be enrolled again.
    """
    device = get_device(device_id=device_id)
    _require_officer(device.practice_id, by_member_id)
    if device.removed_at is None:
        return
    by, now = f"member:{by_member_id}", clock.now()
    Device.objects.filter(pk=device_id).update(removed_at=None, must_report_since=now)
    record(
        DeviceRestored(
            practice_id=device.practice_id, actor=by, subject=f"device:{device_id}", device_id=device_id,
            label=device.label, must_report_since=now,
        )
    )  # fmt: skip
    if device.enrollment_state == Enrollment.ENROLLED:
        offer_access_identity(device_id=device_id, by=by)
        ask(device_id=device_id, request_types=HEALTH)


@unit_of_work
def give_device(*, device_id: UUID, member_id: UUID, by_member_id: UUID) -> None:
    """An officer gives a phone of the practice's to somebody who works here; doing it again changes nothing.

    HandoverRefused for a personal, shared, lost or removed one, and for somebody who has left or comes from
    the IT provider; RemovalRefused for anybody but an officer.
    """
    device, to = get_device(device_id=device_id), practice_api.get_member(member_id=member_id)
    _require_officer(device.practice_id, by_member_id)
    if device.ownership == "personal" or device.shared:
        raise HandoverRefused("Only a phone of the practice’s that one person carries can be given on.")
    if device.lost_at is not None or device.removed_at is not None:
        raise HandoverRefused("It is reported lost, or off the list. Settle that first.")
    if to.practice_id != device.practice_id or to.left_at is not None or to.is_technician:
        raise HandoverRefused("Choose somebody who works here.")
    if device.member_id != member_id:
        assign_device(device_id=device_id, member_id=member_id, by=f"member:{by_member_id}")


def _require_officer(practice_id: UUID, member_id: UUID) -> None:
    person = practice_api.get_member(member_id=member_id)
    if person.practice_id != practice_id or person.left_at is not None or not person.is_officer:
        raise RemovalRefused("Only an officer can do this.")
