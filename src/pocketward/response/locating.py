"""Where a lost phone is: asked for a reason, under a notice with a version, for a day; kept as evidence, each
look recorded, erased 30 days after the case closes.
"""

from __future__ import annotations

import plistlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from uuid import UUID

import yaml

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import DeviceRecord
from pocketward.kernel import clock, crypto
from pocketward.response import doors, mails, steps
from pocketward.response.errors import ResponseError
from pocketward.response.events import LocatingEnded, LocationAsked, LocationErased, LocationViewed
from pocketward.response.models import NEEDS_PERSON, RUNNING, SIGHTING, LocationAsk, LocationView, LossReport
from pocketward.response.rights import officer_here
from pocketward.spine.api import JobContext, enqueue, erase_evidence, read_evidence, record, unit_of_work

ENDS_AFTER = timedelta(hours=24)
KEPT_AFTER_CLOSING = timedelta(days=30)
SHORTEST_WORDS = 5


@dataclass(frozen=True)
class Notice:
    """What people are told about locating, in one language."""

    version: int
    text: str


@dataclass(frozen=True)
class LocationLook:
    """Somebody looked at the answer: who, when, what for; `purpose_key` as `LocationRecord.reason_key`."""

    member_id: UUID
    at: datetime
    purpose: str
    purpose_key: bytes


@dataclass(frozen=True)
class LocationRecord:
    """One question where a phone is, whether there is an answer to look at, and who did.

    `reason_key` (32 bytes) shows with `kernel.crypto.commitment` that the sealed event meant this reason.
    """

    id: UUID
    device_id: UUID
    command_id: UUID
    reason: str
    notice_version: int
    asked_by: str
    asked_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    received_at: datetime | None
    erased_at: datetime | None
    reason_key: bytes
    looks: tuple[LocationLook, ...]


@dataclass(frozen=True)
class Place:
    """Where a phone said it was: degrees, meters, and its own time of day as it wrote it."""

    latitude: float
    longitude: float
    accuracy_m: float | None
    said_at: str


@cache
def _notices() -> dict[str, object]:
    file = resources.files("pocketward.response") / "notices" / "locating.yaml"
    texts: dict[str, object] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return texts


def locating_notice(language: str = "en") -> Notice:
    """The notice as it stands, in English or Spanish."""
    texts = _notices()
    return Notice(int(str(texts["version"])), str(texts["es" if language == "es" else "en"]).strip())


def may_be_located(device: DeviceRecord, *, case_ref: str) -> bool:
    """Whether this device may be asked where it is: practice-owned, supervised, lost in this open case."""
    if device.ownership != "practice" or not device.supervised or not device.lost_case_ref:
        return False
    report = LossReport.objects.filter(
        case_ref=case_ref, kind="lost", restored_at=None, case_closed_at=None
    ).first()
    return report is not None and str(device.id) in report.device_ids


def _words(text: str, refusal: str) -> str:
    kept = " ".join(text.split())[:200]
    if len(kept) < SHORTEST_WORDS:
        raise ResponseError(refusal)
    return kept


def locate(*, case_ref: str, device_id: UUID, reason: str, by_member_id: UUID) -> UUID:
    """Ask a lost, supervised, practice-owned device where it is; the command's id.

    A commitment to the reason and the notice's version are sealed, the person whose phone it is gets a mail,
    and asking ends by itself after a day. ResponseError when it may not be located: then nothing is asked.
    """
    device = fleet_api.get_device(device_id=device_id)
    why = _words(reason, "Say why you need to know where it is.")
    officer_here(practice_id=device.practice_id, member_id=by_member_id)
    if not may_be_located(device, case_ref=case_ref):
        raise ResponseError("Only a supervised, practice-owned device in an open lost case can be located.")
    # The guard's own refusal is recorded before the unit of work that it would take away.
    by = f"member:{by_member_id}"
    fleet_api.check_order(device_id=device_id, request_type="DeviceLocation", case_ref=case_ref, by=by)
    return _ask(device, case_ref, why, by)


@unit_of_work
def _ask(device: DeviceRecord, case_ref: str, why: str, by: str) -> UUID:
    command_id = fleet_api.order_command(
        device_id=device.id, request_type="DeviceLocation", case_ref=case_ref, by=by, urgent=True,
        purpose="locate",
    )  # fmt: skip
    _note_ask(device, case_ref, command_id, why, by)
    return command_id


def _note_ask(device: DeviceRecord, case_ref: str, command_id: UUID, why: str, by: str) -> None:
    ends_at, version, key = clock.now() + ENDS_AFTER, locating_notice().version, crypto.random_key()
    LocationAsk.objects.create(
        practice_id=device.practice_id, case_ref=case_ref, device_id=device.id, command_id=command_id,
        reason=why, reason_key=key, notice_version=version, asked_by=by, ends_at=ends_at,
    )  # fmt: skip
    record(
        LocationAsked(
            practice_id=device.practice_id, actor=by, subject=f"device:{device.id}", case_ref=case_ref,
            device_id=device.id, command_id=command_id, reason_commitment=crypto.commitment(key, why),
            notice_version=version, ends_at=ends_at,
        )
    )  # fmt: skip
    steps.move(
        practice_id=device.practice_id, case_ref=case_ref, step="locate", state=RUNNING,
        receipt="Asked. Why stands under “Asked where it is”.", by=by,
    )  # fmt: skip
    payload = {"case_ref": case_ref, "command_id": str(command_id)}
    enqueue("response.locating_off", device.practice_id, payload, not_before=ends_at, key=f"loc:{command_id}")
    if device.member_id is not None:
        mails.send_soon(device.practice_id, "located", device.member_id, f"located:{command_id}")


def run_locating_off(context: JobContext) -> None:
    """A day is over: what has not been answered is not asked any more."""
    command_id = UUID(str(context.payload["command_id"]))

    def effects() -> None:
        row = LocationAsk.objects.filter(command_id=command_id, ended_at=None).first()
        if row is not None:
            _end(row, "24 hours are over", by="system:response")

    context.finish(effects)


def _end(row: LocationAsk, why: str, *, by: str) -> None:
    LocationAsk.objects.filter(pk=row.pk).update(ended_at=clock.now())
    # Also one that the phone has fetched and put off: it would be asked again.
    fleet_api.withdraw_command(command_id=row.command_id, by=by)
    record(
        LocatingEnded(
            practice_id=row.practice_id, actor=by, subject=f"device:{row.device_id}", case_ref=row.case_ref,
            device_id=row.device_id, why=why,
        )
    )  # fmt: skip
    if row.received_at is None:
        steps.move(
            practice_id=row.practice_id, case_ref=row.case_ref, step="locate", state=NEEDS_PERSON,
            receipt=f"No answer; asking has ended: {why}.", by=by,
        )  # fmt: skip


@unit_of_work
def end_locating(*, case_ref: str, why: str, by: str) -> None:
    """The report was reversed, or the case closed: nobody is asked any more."""
    for row in LocationAsk.objects.filter(case_ref=case_ref, ended_at=None):
        _end(row, why, by=by)


def run_location_received(context: JobContext) -> None:
    """The phone told where it is; an answer that comes after asking has ended is erased unseen."""
    event = dict(context.event)
    context.finish(lambda: _received(context.practice_id, event))


def _received(practice_id: UUID, event: dict[str, object]) -> None:
    command_id, digest = UUID(str(event["command_id"])), str(event["evidence_digest"])
    row = LocationAsk.objects.filter(command_id=command_id).first()
    if row is None or row.ended_at is not None:
        erase_evidence(practice_id=practice_id, digest=digest)
        return
    LocationAsk.objects.filter(pk=row.pk).update(
        received_at=clock.now(), evidence_digest=digest, ended_at=clock.now()
    )
    steps.finish(
        practice_id=practice_id, case_ref=row.case_ref, step="locate",
        receipt="The phone told where it is.", by=f"device:{row.device_id}",
    )  # fmt: skip


def locations(*, practice_id: UUID, case_ref: str) -> tuple[LocationRecord, ...]:
    """Every question of a case where its phones are, newest first; never the places."""
    rows = LocationAsk.objects.filter(practice_id=practice_id, case_ref=case_ref).order_by("-asked_at")
    looks: dict[UUID, list[LocationLook]] = {}
    for view in LocationView.objects.filter(ask__in=rows).order_by("at", "id"):
        look = LocationLook(view.member_id, view.at, view.purpose, bytes(view.purpose_key))
        looks.setdefault(view.ask_id, []).append(look)
    names = [name for name in LocationRecord.__dataclass_fields__ if name != "looks"]
    return tuple(
        LocationRecord(**{name: getattr(row, name) for name in names}, looks=tuple(looks.get(row.id, ())))
        for row in rows
    )


@unit_of_work
def view_location(*, case_ref: str, ask_id: UUID, purpose: str, by_member_id: UUID) -> Place:
    """Look at a place. Who, when and what for is recorded first; ResponseError when there is none."""
    row = LocationAsk.objects.filter(pk=ask_id, case_ref=case_ref).exclude(evidence_digest="").first()
    why = _words(purpose, "Say what you need the place for.")
    if row is None or row.erased_at is not None:
        raise ResponseError("There is no place to look at.")
    person = officer_here(practice_id=row.practice_id, member_id=by_member_id)
    key = crypto.random_key()
    LocationView.objects.create(
        practice_id=row.practice_id, ask=row, member_id=by_member_id, purpose=why, purpose_key=key
    )
    record(
        LocationViewed(
            practice_id=row.practice_id, actor=f"member:{by_member_id}", actor_name=person.full_name,
            subject=f"device:{row.device_id}", case_ref=case_ref, device_id=row.device_id,
            member_id=by_member_id, purpose_commitment=crypto.commitment(key, why),
        )
    )  # fmt: skip
    return _place(read_evidence(practice_id=row.practice_id, digest=row.evidence_digest))


def _place(data: bytes) -> Place:
    kept = plistlib.loads(data)["Answer"]
    accuracy = kept.get("horizontal_accuracy")
    return Place(
        float(kept["latitude"]),
        float(kept["longitude"]),
        float(accuracy) if accuracy is not None else None,
        str(kept.get("timestamp", "")),
    )


@unit_of_work
def case_closed(*, practice_id: UUID, case_ref: str, by: str) -> None:
    """The case is over: asking ends now, and the places are erased 30 days from now. Nothing is asked anew,
    and no order counts as one of an open case.
    """
    LossReport.objects.filter(practice_id=practice_id, case_ref=case_ref).exclude(kind=SIGHTING).update(
        case_closed_at=clock.now()
    )
    doors.end_case(practice_id, case_ref, by)
    end_locating(case_ref=case_ref, why="the case is closed", by=by)
    if LocationAsk.objects.filter(case_ref=case_ref, erased_at=None).exclude(evidence_digest="").exists():
        enqueue(
            "response.erase_locations", practice_id, {"case_ref": case_ref},
            not_before=clock.now() + KEPT_AFTER_CLOSING, key=f"places:{case_ref}",
        )  # fmt: skip


def run_erase_locations(context: JobContext) -> None:
    """30 days after closing: the places go, that they were known stays."""
    case_ref = str(context.payload["case_ref"])
    context.finish(lambda: _erase(context.practice_id, case_ref))


def _erase(practice_id: UUID, case_ref: str) -> None:
    rows = LocationAsk.objects.filter(practice_id=practice_id, case_ref=case_ref, erased_at=None)
    for row in rows.exclude(evidence_digest=""):
        erase_evidence(practice_id=practice_id, digest=row.evidence_digest)
        LocationAsk.objects.filter(pk=row.pk).update(erased_at=clock.now())
        record(
            LocationErased(
                practice_id=practice_id, actor="system:response", subject=f"device:{row.device_id}",
                case_ref=case_ref, device_id=row.device_id, evidence_digest=row.evidence_digest,
            )
        )  # fmt: skip
