"""Shutting every door that is ours, in the transaction of the report; naming those that are not."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.kernel.canonical import plain
from pocketward.pki import api as pki_api
from pocketward.posture import api as posture_api
from pocketward.practice import api as practice_api
from pocketward.response import steps
from pocketward.response.errors import NoSuchReport
from pocketward.response.events import DoorsClosed
from pocketward.response.models import CLOSED, DoorReceipt, FrozenFacts, LossReport
from pocketward.response.rights import officer_here
from pocketward.spine.api import record, unit_of_work

LAST_OPENED = 10


@dataclass(frozen=True)
class DoorRecord:
    """A record system's door in a case."""

    app_id: UUID
    app_name: str
    door: str
    is_closed: bool
    milliseconds: int | None
    sentence: str
    by: str
    at: datetime


def freeze_facts(practice_id: UUID, case_ref: str, device_ids: tuple[UUID, ...]) -> None:
    """Keep what is known of the devices now: state, posture, certificates, sessions, records opened last."""
    sessions = access_api.gate_sessions(practice_id=practice_id) if device_ids else ()
    for device_id in device_ids:
        mine = [item for item in sessions if item.device_id == device_id]
        facts = {**_of_device(device_id), **_of_records(practice_id, device_id, mine)}
        FrozenFacts.objects.create(
            practice_id=practice_id, case_ref=case_ref, device_id=device_id, facts=json.dumps(facts)
        )


def _of_device(device_id: UUID) -> dict[str, object]:
    device = fleet_api.get_device(device_id=device_id)
    posture = posture_api.device_posture(device_id=device_id)
    return {
        "device": {name: plain(getattr(device, name)) for name in device.__dataclass_fields__},
        "state": fleet_api.device_state(device_id=device_id),
        "posture": posture.posture if posture else "unknown",
        "checks": [dict(item) for item in posture.checks] if posture else [],
        "certificates": [
            {"serial": item.serial_hex, "purpose": item.purpose, "state": item.state}
            for item in pki_api.certificates_of(device_id=device_id)
        ],
    }


def _of_records(
    practice_id: UUID, device_id: UUID, sessions: list[access_api.GateSessionRecord]
) -> dict[str, object]:
    """Which systems were open on it, what it last opened and from which network; never which patient."""
    names = {app.id: app.name for app in access_api.apps(practice_id=practice_id)}
    last = access_api.decisions(practice_id=practice_id, device_id=device_id, limit=LAST_OPENED)
    return {
        "sessions": len(sessions),
        "signed_in": [{"app": item.app_name, "since": plain(item.started_at)} for item in sessions],
        "opened": [
            {
                "app": names.get(item.app_id, "") if item.app_id else "",
                "resource": item.resource,
                "network": item.network,
                "outcome": item.outcome,
                "at": plain(item.made_at),
            }
            for item in last
        ],
    }


def frozen_facts(*, practice_id: UUID, case_ref: str) -> dict[UUID, dict[str, object]]:
    """The facts that were frozen with the report, by device."""
    rows = FrozenFacts.objects.filter(practice_id=practice_id, case_ref=case_ref)
    return {row.device_id: json.loads(row.facts) for row in rows}


def close_doors(
    practice_id: UUID,
    case_ref: str,
    device_ids: tuple[UUID, ...],
    member_id: UUID | None,
    by: str,
    started: float,
) -> None:
    """Hold, end sessions on these devices, hold their access certificates, mark them lost; receipts for all.

    `started` is a monotonic reading taken when the report came in.
    """
    fleet_api.mark_lost(device_ids=device_ids, case_ref=case_ref, by=by)
    access_api.place_hold(
        practice_id=practice_id, device_ids=device_ids, case_ref=case_ref, by=by, reason="reported lost"
    )
    access_api.end_gate_sessions(
        practice_id=practice_id, device_ids=device_ids, by=by, reason="reported lost", case_ref=case_ref
    )
    if member_id is not None:
        access_api.require_fresh_passkey(member_id=member_id)
    for device_id in device_ids:
        pki_api.hold_access(device_id=device_id, by=by, case_ref=case_ref)
    _write_receipts(practice_id, case_ref, by, int((time.monotonic() - started) * 1000))


def _write_receipts(practice_id: UUID, case_ref: str, by: str, milliseconds: int) -> None:
    at = _local(practice_id).strftime("%-I:%M %p").lower()
    told = []
    for app in access_api.apps(practice_id=practice_id):
        receipt = DoorReceipt.objects.create(
            practice_id=practice_id,
            case_ref=case_ref,
            app_id=app.id,
            app_name=app.name,
            door=app.door,
            is_closed=app.closes,
            milliseconds=milliseconds if app.closes else None,
            sentence=access_api.door_sentence(app, at=at),
            by=by if app.closes else "",
        )
        told.append(
            {"app": app.name, "door": app.door, "closed": receipt.is_closed, "ms": receipt.milliseconds}
        )
    record(
        DoorsClosed(
            practice_id=practice_id,
            actor=by,
            subject=f"case:{case_ref}",
            case_ref=case_ref,
            doors=tuple(told),
        )
    )


def _local(practice_id: UUID) -> datetime:
    """Now, in the practice's zone."""
    return clock.now().astimezone(ZoneInfo(practice_api.get_practice(practice_id=practice_id).zone))


@unit_of_work
def tick_door(*, practice_id: UUID, case_ref: str, app_id: UUID, by_member_id: UUID) -> None:
    """An officer says that they shut a door that is not ours. NotAllowed for anybody else."""
    officer_here(practice_id=practice_id, member_id=by_member_id)
    by = f"member:{by_member_id}"
    rows = DoorReceipt.objects.filter(practice_id=practice_id, case_ref=case_ref, app_id=app_id)
    row = rows.first()
    if row is None:
        raise NoSuchReport("There is no such door in this case.")
    person = practice_api.get_member(member_id=by_member_id).full_name
    said = f"Shut by hand: {person}, {_local(practice_id):%b %-d, %-I:%M %p}."
    if rows.filter(is_closed=False).update(is_closed=True, by=by, at=clock.now(), sentence=said):
        told = ({"app": row.app_name, "door": row.door, "closed": True, "ms": None},)
        record(
            DoorsClosed(
                practice_id=practice_id, actor=by, subject=f"case:{case_ref}", case_ref=case_ref, doors=told
            )
        )


@unit_of_work
def finish_doors(*, practice_id: UUID, case_ref: str, receipt: str, by_member_id: UUID) -> bool:
    """An officer ends the step of the doors; whether every one of them is shut, so that it could end.

    NotAllowed for anybody else.
    """
    officer_here(practice_id=practice_id, member_id=by_member_id)
    if DoorReceipt.objects.filter(practice_id=practice_id, case_ref=case_ref, is_closed=False).exists():
        return False
    steps.finish_step(case_ref=case_ref, step="doors", receipt=receipt, by_member_id=by_member_id)
    return True


def doors(*, practice_id: UUID, case_ref: str) -> tuple[DoorRecord, ...]:
    """Every door of a case: ours first."""
    rows = DoorReceipt.objects.filter(practice_id=practice_id, case_ref=case_ref).order_by(
        "-is_closed", "app_name"
    )
    names = DoorRecord.__dataclass_fields__
    return tuple(DoorRecord(**{name: getattr(row, name) for name in names}) for row in rows)


def reopen_doors(practice_id: UUID, case_ref: str, device_ids: tuple[UUID, ...], by: str) -> None:
    """Lift what this case holds, and nothing else; each phone must still pass its checks afresh."""
    access_api.lift_hold(practice_id=practice_id, case_ref=case_ref, by=by)
    for device_id in device_ids:
        pki_api.lift_access_hold(device_id=device_id, by=by, case_ref=case_ref)
    fleet_api.clear_lost(case_ref=case_ref, by=by)
    # A phone that another standing report names stays lost, under that report.
    for other in _standing_beside(practice_id, case_ref):
        left = tuple(device_id for device_id in device_ids if str(device_id) in other.device_ids)
        if left:
            fleet_api.mark_lost(
                device_ids=left, case_ref=other.case_ref, by=by, at=other.reported_at,
                case_closed_at=other.case_closed_at,
            )  # fmt: skip


def _standing_beside(practice_id: UUID, case_ref: str) -> list[LossReport]:
    """The other reports that closed phones and were not reversed: those of open cases first, oldest first."""
    rows = LossReport.objects.filter(practice_id=practice_id, kind="lost", outcome=CLOSED, restored_at=None)
    others = rows.exclude(case_ref=case_ref).order_by("reported_at")
    return sorted(others, key=lambda row: row.case_closed_at is not None)


def end_case(practice_id: UUID, case_ref: str, by: str) -> None:
    """The case is over: its phones stay lost, under another open case if one names them."""
    others: dict[UUID, str] = {}
    for other in _standing_beside(practice_id, case_ref):
        if other.case_closed_at is None:
            others = {UUID(text): other.case_ref for text in other.device_ids} | others
    fleet_api.end_lost_case(case_ref=case_ref, others=others, by=by)
