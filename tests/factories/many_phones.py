"""Thousands of phones at once: rows as the fleet and posture leave them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from pocketward.fleet.models import Device, Enrollment
from pocketward.kernel import clock
from pocketward.posture.models import DevicePosture

CHECKS = [{"id": "passcode_set", "result": "pass", "code": "", "limit": None, "observed_at": None}]
WEAK = [{"id": "passcode_set", "result": "fail", "code": "no_passcode", "limit": None, "observed_at": None}]


def many_phones(
    practice_id: UUID, number: int, *, weak_every: int = 20, silent_every: int = 50
) -> tuple[UUID, ...]:
    """`number` more enrolled phones, heard a minute apart; some fail a check, some are silent."""
    now, first = clock.now(), Device.objects.count()
    made = [_device(practice_id, place, now, silent_every) for place in range(first, first + number)]
    Device.objects.bulk_create(made, batch_size=500)
    Enrollment.objects.bulk_create(
        [_enrollment(device, place, now) for place, device in enumerate(made)], batch_size=500
    )
    DevicePosture.objects.bulk_create(
        [_posture(device, place % weak_every == 0, now) for place, device in enumerate(made)], batch_size=500
    )
    return tuple(device.id for device in made)


def _device(practice_id: UUID, place: int, now: datetime, silent_every: int) -> Device:
    silent = place % silent_every == 1
    return Device(
        practice_id=practice_id,
        label=f"Ward {place % 40} iPad {place}",
        kind="ipad" if place % 3 else "iphone",
        ownership="personal" if place % 7 == 0 else "practice",
        shared=place % 3 == 0,
        serial=f"F2LX{place:06d}",
        last_heard_at=now - (timedelta(days=9) if silent else timedelta(minutes=place % 600)),
    )


def _enrollment(device: Device, place: int, now: datetime) -> Enrollment:
    return Enrollment(
        practice_id=device.practice_id,
        ticket_digest=hashlib.sha256(device.id.bytes).hexdigest(),
        device=device,
        label=device.label,
        kind=device.kind,
        ownership=device.ownership,
        access_rights=8191,
        state=Enrollment.ENROLLED,
        made_by="system:test",
        expires_at=now,
    )


def _posture(device: Device, weak: bool, now: datetime) -> DevicePosture:
    return DevicePosture(
        practice_id=device.practice_id,
        device=device,
        posture="not-compliant" if weak else "compliant",
        checks=WEAK if weak else CHECKS,
        fresh_until=now + timedelta(hours=20),
        since=now,
        device_kind=device.kind,
        ownership=device.ownership,
    )
