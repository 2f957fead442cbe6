"""Looking devices up, naming and assigning them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pocketward.fleet.errors import NoSuchDevice
from pocketward.fleet.events import DeviceAssigned
from pocketward.fleet.models import Device, DeviceState, Enrollment
from pocketward.fleet.records import DeviceRecord, EnrollmentRecord
from pocketward.spine.api import record, unit_of_work


def _records(rows: Iterable[Device]) -> tuple[DeviceRecord, ...]:
    found = list(rows)
    newest: dict[UUID, Enrollment] = {}
    for enrollment in Enrollment.objects.filter(device_id__in=[row.id for row in found]).order_by("made_at"):
        if enrollment.device_id is not None:
            newest[enrollment.device_id] = enrollment
    return tuple(_record(row, newest.get(row.id)) for row in found)


def _record(row: Device, enrollment: Enrollment | None) -> DeviceRecord:
    return DeviceRecord(
        id=row.id,
        practice_id=row.practice_id,
        label=row.label,
        kind=row.kind,
        ownership=row.ownership,
        shared=row.shared,
        member_id=row.member_id,
        serial=row.serial,
        product_name=row.product_name,
        supervised=row.supervised,
        last_heard_at=row.last_heard_at,
        lost_case_ref=row.lost_case_ref,
        lost_at=row.lost_at,
        added_at=row.added_at,
        removed_at=row.removed_at,
        enrollment_id=enrollment.id if enrollment else None,
        enrollment_state=enrollment.state if enrollment else "",
        access_rights=enrollment.access_rights if enrollment else 0,
        last_network=row.last_network,
        must_report_since=row.must_report_since,
        lost_case_closed_at=row.lost_case_closed_at,
    )


def devices(
    *, practice_id: UUID, with_removed: bool = False, device_ids: Sequence[UUID] | None = None
) -> tuple[DeviceRecord, ...]:
    """The practice's devices, by label; only these, if named."""
    rows = Device.objects.filter(practice_id=practice_id).order_by("label", "id")
    if device_ids is not None:
        rows = rows.filter(pk__in=device_ids)
    return _records(rows if with_removed else rows.filter(removed_at=None))


def removed_devices(*, practice_id: UUID, limit: int = 200) -> tuple[DeviceRecord, ...]:
    """The devices that were taken off the list, the latest first."""
    rows = Device.objects.filter(practice_id=practice_id, removed_at__isnull=False)
    return _records(rows.order_by("-removed_at")[:limit])


def get_device(*, device_id: UUID) -> DeviceRecord:
    """The device, also one that was taken off the list; NoSuchDevice."""
    found = _records(Device.objects.filter(pk=device_id))
    if not found:
        raise NoSuchDevice()
    return found[0]


def devices_of_member(*, member_id: UUID) -> tuple[DeviceRecord, ...]:
    """The devices assigned to a person."""
    return _records(Device.objects.filter(member_id=member_id, removed_at=None).order_by("label"))


def devices_by_label(*, practice_id: UUID, label: str) -> tuple[DeviceRecord, ...]:
    """The devices whose label is exactly this, case aside."""
    text = " ".join(label.split())[:80]
    return _records(Device.objects.filter(practice_id=practice_id, removed_at=None, label__iexact=text))


def device_state(*, device_id: UUID) -> dict[str, dict[str, object]]:
    """The whole last known state: fact -> {value, observed_at, source}; empty when nothing is known."""
    row = DeviceState.objects.filter(device_id=device_id).first()
    return dict(row.facts) if row is not None else {}


def enrollments(*, practice_id: UUID, device_id: UUID | None = None) -> tuple[EnrollmentRecord, ...]:
    """Enrollments, newest first: of one device, or all of the practice (half-enrolled ones too)."""
    rows = Enrollment.objects.filter(practice_id=practice_id).order_by("-made_at")
    return tuple(enrollment_record(row) for row in (rows.filter(device_id=device_id) if device_id else rows))


def joined_since(*, practice_id: UUID, since: datetime) -> frozenset[UUID]:
    """The devices whose management began at `since` (aware) or later and still stands."""
    rows = Enrollment.objects.filter(
        practice_id=practice_id, state=Enrollment.ENROLLED, enrolled_at__gte=since, device__isnull=False
    )
    return frozenset(rows.values_list("device_id", flat=True))


def enrollment_record(row: Enrollment) -> EnrollmentRecord:
    """The record of a row."""
    names = EnrollmentRecord.__dataclass_fields__
    return EnrollmentRecord(**{name: getattr(row, name) for name in names})


@unit_of_work
def assign_device(*, device_id: UUID, member_id: UUID | None, by: str) -> None:
    """Give the device to a person, or to nobody."""
    device = get_device(device_id=device_id)
    Device.objects.filter(pk=device_id).update(member_id=member_id)
    record(
        DeviceAssigned(
            practice_id=device.practice_id,
            actor=by,
            subject=f"device:{device_id}",
            device_id=device_id,
            member_id=member_id,
        )
    )
