"""The lost mark, set and cleared by `response`, and the held mark, by `access`; both read by the guard.

A device whose hold was lifted carries a third mark until access has heard from it afresh.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from pocketward.fleet.events import DeviceFound, DeviceMarkedLost
from pocketward.fleet.models import Device
from pocketward.kernel import clock
from pocketward.spine.api import record, unit_of_work


@unit_of_work
def mark_lost(
    *, device_ids: tuple[UUID, ...], case_ref: str, by: str, at: datetime | None = None,
    case_closed_at: datetime | None = None,
) -> None:  # fmt: skip
    """Mark devices as reported lost (`at`: now); one that is marked stays so while that case is open."""
    unmarked = Q(lost_case_ref="") | Q(lost_case_closed_at__isnull=False)
    for row in Device.objects.filter(unmarked, pk__in=device_ids):
        Device.objects.filter(pk=row.pk).update(
            lost_case_ref=case_ref, lost_at=at or clock.now(), lost_case_closed_at=case_closed_at
        )
        _note_marked(row, case_ref, by)


def _note_marked(row: Device, case_ref: str, by: str) -> None:
    record(
        DeviceMarkedLost(
            practice_id=row.practice_id, actor=by, subject=f"device:{row.id}", case_ref=case_ref,
            device_id=row.id,
        )
    )  # fmt: skip


@unit_of_work
def end_lost_case(*, case_ref: str, others: Mapping[UUID, str], by: str) -> None:
    """The case is over, its devices are not back: what it made possible ends, the mark stays.

    A device that another open case names (`others`: device -> case) is marked under that one.
    """
    for row in Device.objects.filter(lost_case_ref=case_ref):
        other = others.get(row.id)
        if other is None:
            Device.objects.filter(pk=row.pk).update(lost_case_closed_at=clock.now())
            continue
        Device.objects.filter(pk=row.pk).update(lost_case_ref=other)
        _note_marked(row, other, by)


@unit_of_work
def clear_lost(*, case_ref: str, by: str, device_ids: tuple[UUID, ...] = ()) -> tuple[UUID, ...]:
    """Take the marks of this report away (of these devices, if named); which devices they were on."""
    rows = Device.objects.filter(lost_case_ref=case_ref)
    marked = list(rows.filter(pk__in=device_ids) if device_ids else rows)
    for row in marked:
        Device.objects.filter(pk=row.pk).update(lost_case_ref="", lost_at=None, lost_case_closed_at=None)
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
def mark_held(*, device_ids: tuple[UUID, ...]) -> None:
    """A hold stands on these devices; told by access with each hold, which is the recorded fact."""
    if device_ids:
        Device.objects.filter(pk__in=device_ids).update(held=True)


@unit_of_work
def mark_free(*, device_ids: tuple[UUID, ...], at: datetime) -> None:
    """No hold stands on them any more since `at`; each owes a whole report of its state from now on."""
    if device_ids:
        Device.objects.filter(pk__in=device_ids).update(held=False, must_report_since=at)


@unit_of_work
def note_reported(*, device_id: UUID) -> None:
    """Access has judged what the device told after its hold was lifted: it owes nothing more."""
    Device.objects.filter(pk=device_id).update(must_report_since=None)
