"""Publishing what the gates decide from, in the transaction that changed it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import F, Subquery, Value

from pocketward.access.models import DeviceAccess, Hold, Network, SnapshotCounter, SnapshotRow
from pocketward.gate import records as gate
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.spine.api import TransactionNumber, after_commit, wake_gates

DEVICE, PERSON, SESSION, APP = "device", "person", "session", "app"
PRACTICE, RULES, PERMIT, EMERGENCY = "practice", "rules", "permit", "emergency"


def seconds(moment: datetime | None) -> int:
    """Whole seconds since 1970, 0 for never."""
    return int(moment.timestamp()) if moment is not None else 0


def product_seconds(moment: datetime | None) -> int:
    """The same for a moment of a sign-in, which is told on the clock that never moves."""
    return seconds(moment + (clock.now() - clock.true_now())) if moment is not None else 0


def publish_row(practice_id: UUID, kind: str, key: str, body: bytes, *, deleted: bool = False) -> None:
    """Write one snapshot row; gates are nudged after commit and see it then.

    An opening must never be seen before its commit, so nothing is sent earlier.
    """
    changes: dict[str, object] = {"body": body, "deleted": deleted, "version": F("version") + 1}
    stamp: object = Value(0)
    if connection.vendor == "sqlite":
        if not SnapshotCounter.objects.filter(id=1).update(value=F("value") + 1):
            SnapshotCounter.objects.create(id=1, value=1)
        stamp = Subquery(SnapshotCounter.objects.filter(id=1).values("value")[:1])
    else:
        changes["xid"] = TransactionNumber()
    rows = SnapshotRow.objects.filter(practice_id=practice_id, kind=kind, key=key)
    if not rows.update(**changes, stamp=stamp):
        SnapshotRow.objects.create(practice_id=practice_id, kind=kind, key=key, body=body, deleted=deleted)
        if connection.vendor == "sqlite":
            rows.update(stamp=stamp)
    after_commit(wake_gates)


def publish(practice_id: UUID, kind: str, key: str, record: msgspec.Struct) -> None:
    """Publish a record as JSON."""
    publish_row(practice_id, kind, key, msgspec.json.encode(record))


def withdraw(practice_id: UUID, kind: str, key: str) -> None:
    """Publish that something is gone."""
    publish_row(practice_id, kind, key, b"", deleted=True)


def publish_practice(practice_id: UUID, authorities: tuple[str, ...]) -> None:
    """The practice itself: its networks, and the certificates that access identities chain to."""
    practice = practice_api.get_practice(practice_id=practice_id)
    named = Network.objects.filter(practice_id=practice_id).order_by("zone")
    facts = gate.PracticeFacts(
        practice_id=str(practice_id),
        name=practice.name,
        zone=practice.zone,
        networks=tuple(gate.NetworkFacts(row.zone, tuple(row.cidrs)) for row in named),
        authorities=authorities,
    )
    publish(practice_id, PRACTICE, str(practice_id), facts)


def publish_person(member_id: UUID) -> None:
    """A person's roles now, and since when a sign-in must be; a technician from outside has none here."""
    person = practice_api.get_member(member_id=member_id)
    account = practice_api.get_account(account_id=person.account_id) if person.account_id else None
    facts = gate.PersonFacts(
        member_id=str(person.id),
        practice_id=str(person.practice_id),
        active=person.left_at is None and (account is None or account.is_active),
        roles=tuple(sorted(person.roles.intersection(practice_api.ASSIGNABLE))),
        fresh_after=product_seconds(account.fresh_after) if account else 0,
    )
    publish(person.practice_id, PERSON, str(person.id), facts)


def device_facts(row: DeviceAccess, hold_ref: str) -> gate.DeviceFacts:
    """The gate's form of a device's row."""
    kinds = {"iphone": "iphone", "ipad": "ipad"}
    failed = any(check.get("result") == "fail" for check in row.checks)
    return gate.DeviceFacts(
        device_id=str(row.device_id),
        practice_id=str(row.practice_id),
        posture=row.posture,  # type: ignore[arg-type]
        kind=kinds.get(row.kind, "other"),  # type: ignore[arg-type]
        checks=tuple(_check(item) for item in row.checks),
        fresh_until=seconds(row.fresh_until),
        last_heard=seconds(row.last_heard) or None,
        hold_ref=hold_ref,
        lost=row.lost,
        must_report_since=seconds(row.must_report_since),
        quarantine=failed,
        ownership=row.ownership,  # type: ignore[arg-type]
        shared=row.shared,
        holder=row.holder,
        fingerprints=tuple(row.fingerprints),
        serials=tuple(row.serials),
        certificate_state=row.certificate_state,  # type: ignore[arg-type]
    )


def _check(item: dict[str, object]) -> gate.CheckFacts:
    return gate.CheckFacts(
        id=str(item["id"]),
        result=item["result"],  # type: ignore[arg-type]
        code=str(item.get("code", "")),
        observed_at=_number(item.get("observed_at")),
        limit=_number(item.get("limit")),
        integrity=bool(item.get("integrity", False)),
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def publish_device(row: DeviceAccess) -> gate.DeviceFacts:
    """Publish a device as it is now; its facts."""
    hold = Hold.objects.filter(device_id=row.device_id, lifted_at=None).order_by("placed_at").first()
    facts = device_facts(row, hold.case_ref or gate.BY_OFFICER if hold is not None else "")
    publish(row.practice_id, DEVICE, str(row.device_id), facts)
    return facts


def publish_unknown_device(practice_id: UUID, device_id: UUID) -> None:
    """Publish that nothing is known of this device, without reading what may be broken; holds stay."""
    row = DeviceAccess.objects.filter(device_id=device_id).first()
    bare = DeviceAccess(practice_id=practice_id, device_id=device_id, posture="unknown")
    if row is not None:
        bare.kind, bare.ownership, bare.lost, bare.shared = row.kind, row.ownership, row.lost, row.shared
        bare.fingerprints, bare.serials = row.fingerprints, row.serials
        bare.certificate_state, bare.holder = row.certificate_state, row.holder
        bare.must_report_since = row.must_report_since
        DeviceAccess.objects.filter(pk=row.pk).update(posture="unknown", open=False, checks=[])
    publish_device(bare)
