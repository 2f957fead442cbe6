"""Holds: records closed on a device by a report or an officer, until lifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pocketward.access.devices import change_device, device_row, settle_device
from pocketward.access.events import HoldLifted, HoldPlaced
from pocketward.access.models import Hold
from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.spine.api import record, unit_of_work


@dataclass(frozen=True)
class OfficerHold:
    """Records that an officer closed on a device, under no case: why, who, when."""

    reason: str
    placed_by: str
    placed_at: datetime


@unit_of_work
def place_hold(
    *, practice_id: UUID, device_ids: tuple[UUID, ...], case_ref: str, by: str, reason: str
) -> tuple[UUID, ...]:
    """Close records on these devices; those that were not held so already.

    `case_ref` is the case of a report, empty when an officer closes them under none.
    """
    held = []
    for device_id in device_ids:
        if Hold.objects.filter(device_id=device_id, case_ref=case_ref, lifted_at=None).exists():
            continue
        Hold.objects.create(
            practice_id=practice_id, device_id=device_id, case_ref=case_ref, reason=reason[:200], placed_by=by
        )
        record(
            HoldPlaced(
                practice_id=practice_id,
                actor=by,
                subject=f"device:{device_id}",
                case_ref=case_ref,
                device_id=device_id,
                reason=reason[:200],
            )
        )
        settle_device(device_row(practice_id, device_id), case_ref=case_ref)
        held.append(device_id)
    fleet_api.mark_held(device_ids=tuple(held))
    return tuple(held)


@unit_of_work
def lift_hold(
    *, practice_id: UUID, case_ref: str, by: str, device_ids: tuple[UUID, ...] = ()
) -> tuple[UUID, ...]:
    """Lift the holds of one case (on these devices, if named), or those under none; nothing else opens by it.

    Records stay closed until the device has told its state after this moment and passed.
    """
    now = clock.now()
    rows = Hold.objects.filter(practice_id=practice_id, case_ref=case_ref, lifted_at=None)
    lifted = []
    for hold in rows.filter(device_id__in=device_ids) if device_ids else rows:
        Hold.objects.filter(pk=hold.pk).update(lifted_at=now, lifted_by=by)
        record(
            HoldLifted(
                practice_id=practice_id,
                actor=by,
                subject=f"device:{hold.device_id}",
                case_ref=case_ref,
                device_id=hold.device_id,
            )
        )
        change_device(practice_id, hold.device_id, case_ref=case_ref, must_report_since=now)
        lifted.append(hold.device_id)
    still = Hold.objects.filter(device_id__in=lifted, lifted_at=None).values_list("device_id", flat=True)
    fleet_api.mark_free(device_ids=tuple(set(lifted) - set(still)), at=now)
    return tuple(lifted)


def officer_hold(*, device_id: UUID) -> OfficerHold | None:
    """What an officer closed on this device under no case; None when nothing."""
    row = Hold.objects.filter(device_id=device_id, case_ref="", lifted_at=None).first()
    return None if row is None else OfficerHold(row.reason, row.placed_by, row.placed_at)


def held_devices(*, practice_id: UUID, device_ids: Sequence[UUID] | None = None) -> dict[UUID, str]:
    """The devices that are held (of these, if named), with the case or reason that holds them."""
    rows = Hold.objects.filter(practice_id=practice_id, lifted_at=None).order_by("-placed_at")
    if device_ids is not None:
        rows = rows.filter(device_id__in=device_ids)
    return {row.device_id: row.case_ref or row.reason for row in rows}
