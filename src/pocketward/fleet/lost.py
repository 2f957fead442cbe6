"""The lost mark, set and cleared by `response`, and the held mark, by `access`; both read by the guard."""

from __future__ import annotations

from uuid import UUID

from pocketward.fleet.events import DeviceFound, DeviceMarkedLost
from pocketward.fleet.models import Device
from pocketward.kernel import clock
from pocketward.spine.api import record, unit_of_work


@unit_of_work
def mark_lost(*, device_ids: tuple[UUID, ...], case_ref: str, by: str) -> None:
    """Mark devices as reported lost; one that is marked already keeps its first mark."""
    for row in Device.objects.filter(pk__in=device_ids, lost_case_ref=""):
        Device.objects.filter(pk=row.pk).update(lost_case_ref=case_ref, lost_at=clock.now())
        record(
            DeviceMarkedLost(
                practice_id=row.practice_id,
                actor=by,
                subject=f"device:{row.id}",
                case_ref=case_ref,
                device_id=row.id,
            )
        )


@unit_of_work
def clear_lost(*, case_ref: str, by: str, device_ids: tuple[UUID, ...] = ()) -> tuple[UUID, ...]:
    """Take the marks of this report away (of these devices, if named); which devices they were on."""
    rows = Device.objects.filter(lost_case_ref=case_ref)
    marked = list(rows.filter(pk__in=device_ids) if device_ids else rows)
    for row in marked:
        Device.objects.filter(pk=row.pk).update(lost_case_ref="", lost_at=None)
        record(
            DeviceFound(
                practice_id=row.practice_id,
                actor=by,
                subject=f"device:{row.id}",
                case_ref=case_ref,
                device_id=row.id,
            )
        )
    return tuple(row.id for row in marked)


@unit_of_work
def mark_held(*, device_ids: tuple[UUID, ...], held: bool) -> None:
    """Whether a hold stands on these devices; told by access with each hold, which is the recorded fact."""
    if device_ids:
        Device.objects.filter(pk__in=device_ids).update(held=held)
