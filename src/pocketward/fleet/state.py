"""The whole state of a device: saved when it changed, confirmed at half life, else untouched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pocketward.fleet.events import (
    AppsChanged,
    DeviceHeardAgain,
    DeviceStateConfirmed,
    DeviceStateReported,
)
from pocketward.fleet.inventory import app_changes
from pocketward.fleet.models import Device, DeviceState, Enrollment
from pocketward.kernel import clock
from pocketward.kernel.canonical import canonical_json, plain, read_moment
from pocketward.spine.api import record, unit_of_work

# Half of the shortest freshness limit that a policy may ask for (heard from within a day).
CONFIRM_AFTER = timedelta(hours=2)
# A phone that speaks is asked every two hours: so long without a word is a silence.
SILENCE = timedelta(hours=12)
# The questions whose answers are, together, a whole report of a device's health.
HEALTH = ("DeviceInformation", "SecurityInfo")
# Readings that differ at each message; with them no check-in would ever be unchanged.
VOLATILE = frozenset({"battery_level", "available_capacity", "last_cloud_backup"})


def state_hash(facts: dict[str, dict[str, Any]]) -> str:
    """A digest of the facts' values alone, without ages and volatile readings."""
    values = {name: fact["value"] for name, fact in facts.items() if name not in VOLATILE}
    return hashlib.sha256(canonical_json(_without_floats(values))).hexdigest()


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        return str(value)
    if isinstance(value, dict):
        return {key: _without_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_floats(item) for item in value]
    return value


def facts_from(values: dict[str, Any], *, source: str, at: datetime) -> dict[str, dict[str, Any]]:
    """Facts with age and source from plain values; None values are left out (unknown)."""
    return {
        name: {"value": _without_floats(value), "observed_at": plain(at), "source": source}
        for name, value in values.items()
        if value is not None
    }


def _are_aging(known: dict[str, dict[str, Any]], told: dict[str, dict[str, Any]], now: datetime) -> bool:
    """Whether a fact told again now was last written down too long ago.

    Judged for the facts of this message alone: a phone tells its state in several messages, and one of them
    must not stand for the age of the others.
    """
    ages = [datetime.fromisoformat(known[name]["observed_at"]) for name in told if name in known]
    return not ages or now - min(ages) > CONFIRM_AFTER


def _told_since(facts: Mapping[str, Mapping[str, Any]], since: datetime) -> bool:
    """Whether each question of health was answered at `since` or later."""
    told = {str(fact["source"]) for fact in facts.values() if read_moment(str(fact["observed_at"])) >= since}
    return told.issuperset(HEALTH)


def has_told_since(*, device_id: UUID, since: datetime) -> bool:
    """Whether the device has told its whole health at `since` (aware) or later."""
    row = DeviceState.objects.filter(device_id=device_id).first()
    return row is not None and _told_since(row.facts, since)


def unchanged_since(*, device_id: UUID, facts: dict[str, dict[str, Any]]) -> bool:
    """Whether these facts say nothing new and the last confirmation is still young: nothing to write."""
    row = DeviceState.objects.filter(device_id=device_id).first()
    if row is None:
        return False
    if _are_aging(row.facts, facts, clock.now()):
        return False
    # A fact first heard through another message would change the hash; compare what was said now.
    known: str = row.state_hash
    return state_hash(row.facts | facts) == known


@unit_of_work
def save_state(*, enrollment_id: UUID, facts: dict[str, dict[str, Any]], message_digest: str) -> bool:
    """Merge these facts into the device's state; whether anything was written.

    A changed value records DeviceStateReported with the whole state; an unchanged one renews the ages
    with DeviceStateConfirmed once they are old enough to matter, or while the device owes a report.
    """
    enrollment = Enrollment.objects.select_related("device").get(pk=enrollment_id)
    device = enrollment.device
    if device is None or not facts:
        return False
    now = clock.now()
    row = DeviceState.objects.filter(device=device).first()
    before = row.facts if row is not None and row.enrollment_id_now == enrollment_id else {}
    merged = before | facts
    digest = state_hash(merged)
    same = row is not None and bool(before) and row.state_hash == digest
    owed = device.must_report_since
    is_due = _are_aging(before, facts, now) or (owed is not None and not _told_since(before, owed))
    if same and not is_due:
        return False
    DeviceState.objects.bulk_create(
        [
            DeviceState(
                practice_id=device.practice_id,
                device=device,
                enrollment_id_now=enrollment_id,
                facts=merged,
                state_hash=digest,
                reported_at=row.reported_at if same and row is not None else now,
                confirmed_at=now,
            )
        ],
        update_conflicts=True,
        unique_fields=["practice", "device"],
        update_fields=["enrollment_id_now", "facts", "state_hash", "reported_at", "confirmed_at"],
    )
    _copy_to_device(device, merged, now)
    _record(enrollment, device, merged, digest, now, None if same else message_digest)
    _record_apps(enrollment, device, before, merged, message_digest)
    return True


def _record_apps(
    enrollment: Enrollment,
    device: Device,
    before: dict[str, dict[str, Any]],
    after: dict[str, dict[str, Any]],
    message_digest: str,
) -> None:
    changes = app_changes(before, after)
    if changes:
        record(
            AppsChanged(
                practice_id=device.practice_id,
                actor=f"device:{device.id}",
                subject=f"device:{device.id}",
                device_id=device.id,
                enrollment_id=enrollment.id,
                ownership=device.ownership,
                installed=changes.installed,
                removed=changes.removed,
                updated=changes.updated,
                message_digest=message_digest,
            )
        )


def _copy_to_device(device: Device, facts: dict[str, dict[str, Any]], now: datetime) -> None:
    changes: dict[str, Any] = {"last_heard_at": now}
    for name in ("product_name", "supervised"):
        if name in facts:
            changes[name] = facts[name]["value"]
    Device.objects.filter(pk=device.pk).update(**changes)


def _record(
    enrollment: Enrollment,
    device: Device,
    facts: dict[str, dict[str, Any]],
    digest: str,
    now: datetime,
    message_digest: str | None,
) -> None:
    shared: dict[str, Any] = {
        "practice_id": device.practice_id,
        "actor": f"device:{device.id}",
        "subject": f"device:{device.id}",
        "device_id": device.id,
        "enrollment_id": enrollment.id,
        "device_kind": device.kind,
        "ownership": device.ownership,
        "shared": device.shared,
        "state": facts,
        "state_hash": digest,
        "observed_at": now,
        "owes_report": device.must_report_since is not None,
    }
    if message_digest is None:
        record(DeviceStateConfirmed(**shared))
    else:
        record(DeviceStateReported(**shared, message_digest=message_digest))


@unit_of_work
def note_heard(*, device_id: UUID, network: str = "") -> None:
    """The device spoke, from this network (a digest); written at most once in a few minutes by the caller.

    After a silence it is a fact of its own (DeviceHeardAgain): a phone may speak for long without an answer.
    """
    now, rows = clock.now(), Device.objects.filter(pk=device_id)
    before = rows.values_list("practice_id", "last_heard_at").first()
    rows.update(last_heard_at=now, **({"last_network": network} if network else {}))
    if before is None or before[1] is None or now - before[1] < SILENCE:
        return
    practice_id, heard_at = before
    actor = f"device:{device_id}"
    hours = int((now - heard_at) / timedelta(hours=1))
    record(
        DeviceHeardAgain(
            practice_id=practice_id, actor=actor, subject=actor, device_id=device_id, silent_hours=hours
        )
    )
