"""What access keeps of each device, and whether records are open on it as far as the device goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pocketward.access.events import RecordsClosed, RecordsOpened
from pocketward.access.models import DeviceAccess
from pocketward.access.publishing import publish_device
from pocketward.fleet import api as fleet_api
from pocketward.gate.records import DeviceFacts
from pocketward.kernel import clock
from pocketward.spine.api import record


def device_row(practice_id: UUID, device_id: UUID) -> DeviceAccess:
    """The device's row, a new one when access hears of it for the first time."""
    row: DeviceAccess | None = DeviceAccess.objects.filter(device_id=device_id).first()
    return row or DeviceAccess(practice_id=practice_id, device_id=device_id)


def change_device(practice_id: UUID, device_id: UUID, *, case_ref: str = "", **changes: Any) -> None:
    """Change facts of a device, publish it, and record when records closed or opened on it."""
    row = device_row(practice_id, device_id)
    for name, value in changes.items():
        setattr(row, name, value)
    settle_device(row, case_ref=case_ref)


def settle_device(row: DeviceAccess, *, case_ref: str = "") -> None:
    """Save and publish a changed row; records a flip between open and closed.

    A device that owed a report since its hold was lifted owes it no more once what it told is compliant.
    """
    if _has_reported(row):
        row.must_report_since = None
        fleet_api.note_reported(device_id=row.device_id)
    facts = publish_device(row)
    reasons = closing_reasons(facts)
    was_open, row.open, row.changed_at = row.open, not reasons, clock.now()
    names = [
        "open", "changed_at", "posture", "checks", "fresh_until", "last_heard", "lost", "must_report_since",
        "holder", "shared", "ownership", "kind", "fingerprints", "serials", "certificate_state",
    ]  # fmt: skip
    DeviceAccess.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["practice", "device"], update_fields=names
    )
    if was_open == row.open:
        return
    shared: dict[str, Any] = {
        "practice_id": row.practice_id,
        "actor": "system:access",
        "subject": f"device:{row.device_id}",
        "case_ref": case_ref,
        "device_id": row.device_id,
    }
    record(RecordsOpened(**shared) if row.open else RecordsClosed(**shared, reasons=reasons))


def _has_reported(row: DeviceAccess) -> bool:
    since = row.must_report_since
    if since is None or row.posture != "compliant":
        return False
    return fleet_api.has_told_since(device_id=row.device_id, since=since)


def closing_reasons(facts: DeviceFacts) -> tuple[str, ...]:
    """Why the device itself keeps records closed; empty when it does not."""
    reasons = []
    if facts.hold_ref:
        reasons.append("hold")
    if facts.lost:
        reasons.append("lost")
    if facts.must_report_since:
        reasons.append("not heard from since its hold was lifted")
    if facts.posture != "compliant":
        reasons.append(f"posture {facts.posture}")
    if facts.certificate_state != "valid":
        reasons.append(f"certificate {facts.certificate_state}")
    return tuple(reasons)
