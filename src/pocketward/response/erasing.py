"""The decision to erase: what we advise and why, the order, the second officer's yes, the stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord, DeviceRecord
from pocketward.kernel import clock
from pocketward.response import alerts, steps
from pocketward.response.doors import frozen_facts
from pocketward.response.encryption import encrypted_word
from pocketward.response.errors import NoSuchReport
from pocketward.response.events import EraseChosen
from pocketward.response.models import DONE, NEEDS_PERSON, RUNNING, EraseChoice, LossReport
from pocketward.response.rights import officer_here
from pocketward.spine.api import record, unit_of_work

COUNTDOWN = timedelta(seconds=60)
# Encrypted behind a passcode it can wait this long to be found; after that we advise to erase.
FIND_IT_WITHIN = timedelta(hours=4)
ERASE, REMOVE_WORK_DATA, WAIT = "erase", "remove_work_data", "wait"


@dataclass(frozen=True)
class EraseAdvice:
    """What we would do about one phone, and why; `act` is erase, remove_work_data or wait."""

    act: str
    sentence: str
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EraseChoiceRecord:
    """What was advised when an officer asked for an erase, and what they chose."""

    device_id: UUID
    command_id: UUID
    advised: str
    sentence: str
    reasons: tuple[tuple[str, str], ...]
    chosen: str
    by: str
    at: datetime


def erase_advice(*, case_ref: str, device_id: UUID) -> EraseAdvice:
    """What we would do, from what was known when it was lost and how long ago. Unknown is never safe."""
    device = fleet_api.get_device(device_id=device_id)
    report = LossReport.objects.filter(case_ref=case_ref, kind="lost").first()
    if report is None:
        raise NoSuchReport()
    frozen = frozen_facts(practice_id=device.practice_id, case_ref=case_ref).get(device_id, {})
    state: Mapping[str, Any] = dict(frozen.get("state", {}))  # type: ignore[call-overload]
    encrypted = encrypted_word(state)
    passcode = dict(state.get("passcode_present", {})).get("value")
    missing = clock.now() - report.reported_at
    reasons = _reasons(device, encrypted, passcode, missing)
    if not fleet_api.may_erase(device.access_rights):
        text = "Remove the work data. A personal phone is never erased."
        return EraseAdvice(REMOVE_WORK_DATA, text, reasons)
    if encrypted != "yes":
        return EraseAdvice(ERASE, "Erase it now: whoever has it may read what is on it.", reasons)
    if missing >= FIND_IT_WITHIN:
        return EraseAdvice(ERASE, "Erase it: it has been missing for more than 4 hours.", reasons)
    text = "It is encrypted behind a passcode: it can still be found. Erase it if it stays away for 4 hours."
    return EraseAdvice(WAIT, text, reasons)


def _reasons(
    device: DeviceRecord, encrypted: str, passcode: object, missing: timedelta
) -> tuple[tuple[str, str], ...]:
    heard = device.last_heard_at
    hours = int(missing.total_seconds() // 3600)
    return (
        ("Whose it is", "practice-owned" if device.ownership == "practice" else "personal"),
        ("Encrypted", encrypted),
        ("Passcode", _word(passcode, passcode is True)),
        ("Last heard", heard.isoformat(timespec="seconds") if heard else "never"),
        ("Missing for", f"{hours} hours" if hours != 1 else "1 hour"),
    )


def _word(value: object, yes: bool) -> str:
    return "unknown" if value is None else "yes" if yes else "no"


@unit_of_work
def note_choice(command: CommandRecord) -> None:
    """Keep what is advised for the phone of this order, once, and that an officer asked for it."""
    if EraseChoice.objects.filter(command_id=command.id).exists():
        return
    device = fleet_api.get_device(device_id=command.device_id)
    advice = erase_advice(case_ref=command.case_ref, device_id=device.id)
    chosen = ERASE if command.request_type == "EraseDevice" else REMOVE_WORK_DATA
    EraseChoice.objects.create(
        practice_id=device.practice_id, case_ref=command.case_ref, device_id=device.id,
        command_id=command.id, advised=advice.act, sentence=advice.sentence,
        reasons=[list(pair) for pair in advice.reasons], chosen=chosen, by=command.ordered_by,
    )  # fmt: skip
    record(
        EraseChosen(
            practice_id=device.practice_id, actor=command.ordered_by, subject=f"device:{device.id}",
            case_ref=command.case_ref, device_id=device.id, command_id=command.id, advised=advice.act,
            chosen=chosen, reasons=advice.reasons,
        )
    )  # fmt: skip
    _say_requested(device.practice_id, command)


def _say_requested(practice_id: UUID, command: CommandRecord) -> None:
    """Unless the step is further already: the process that took the order may have died before it said so."""
    known = steps.steps(practice_id=practice_id, case_ref=command.case_ref)
    if any(step.step == "erase" and step.state not in (RUNNING, DONE) for step in known):
        steps.move(
            practice_id=practice_id, case_ref=command.case_ref, step="erase", state=RUNNING,
            receipt=_waits_for(practice_id, command), by=command.ordered_by,
        )  # fmt: skip


def _waits_for(practice_id: UUID, command: CommandRecord) -> str:
    """What the order waits for, as the step says it: time, or somebody's yes."""
    if command.not_before is not None:
        minutes = round(seconds_left(command_id=command.id) / 60)
        return f"Requested by the only officer; leaves by itself in {minutes} minutes unless it is stopped."
    member_id = UUID(command.ordered_by.removeprefix("member:"))
    if fleet_api.is_alone(practice_id=practice_id, member_id=member_id):
        return "Requested by the only officer; waiting for the IT provider."
    return "Requested; waiting for a second officer."


def erase_choices(*, practice_id: UUID, case_ref: str) -> tuple[EraseChoiceRecord, ...]:
    """What was advised and chosen in a case, oldest first."""
    rows = EraseChoice.objects.filter(practice_id=practice_id, case_ref=case_ref).order_by("at")
    return tuple(
        EraseChoiceRecord(
            row.device_id, row.command_id, row.advised, row.sentence,
            tuple((str(name), str(value)) for name, value in row.reasons), row.chosen, row.by, row.at,
        )
        for row in rows
    )  # fmt: skip


def order_erase(*, case_ref: str, device_id: UUID, by_member_id: UUID, strength: str) -> UUID:
    """Request the erase, or on a personal phone the removal of work data; it leaves when the guard lets it.

    What was advised, and from which facts, is kept with it. A refusal of the guard is recorded and raised;
    NoSuchReport for a phone that the case does not name, and once its report is reversed: nothing would call
    the order off then.
    """
    report = LossReport.objects.filter(case_ref=case_ref, kind="lost", restored_at=None).first()
    if report is None or str(device_id) not in report.device_ids:
        raise NoSuchReport("No report of this phone stands in this case. It can be erased on its own page.")
    command_id = fleet_api.order_erase(
        device_id=device_id, case_ref=case_ref, by_member_id=by_member_id, strength=strength
    )
    # Also done by a job when the order is recorded, so that a process ending here loses nothing.
    note_choice(fleet_api.get_command(command_id=command_id))
    alerts.answered_by_acting(
        practice_id=fleet_api.get_device(device_id=device_id).practice_id, case_ref=case_ref,
        by_member_id=by_member_id,
    )  # fmt: skip
    return command_id


def approve_erase(*, case_ref: str, command_id: UUID, by_member_id: UUID, strength: str) -> None:
    """The second officer says yes; the order can be stopped until it leaves.

    That is after 60 seconds for the one phone of an open case, else after the guard's cooling-off time.

    CommandRefused, with a sealed event, when the guard says no.
    """
    fleet_api.check_approval(command_id=command_id, by_member_id=by_member_id, strength=strength)
    _approve_erase(case_ref, command_id, by_member_id, strength)


@unit_of_work
def _approve_erase(case_ref: str, command_id: UUID, by_member_id: UUID, strength: str) -> None:
    command = fleet_api.get_command(command_id=command_id)
    fleet_api.approve_command(
        command_id=command_id, by_member_id=by_member_id, strength=strength, countdown=COUNTDOWN
    )
    device = fleet_api.get_device(device_id=command.device_id)
    steps.move(
        practice_id=device.practice_id, case_ref=case_ref, step="erase", state=RUNNING,
        receipt=f"Approved; leaves in {seconds_left(command_id=command_id)} seconds.",
        by=f"member:{by_member_id}",
    )  # fmt: skip


def seconds_left(*, command_id: UUID) -> int:
    """How long an approved order can still be stopped, in seconds, full tens; 0 when it may leave at once."""
    leaves = fleet_api.get_command(command_id=command_id).not_before
    return max(0, ceil((leaves - clock.now()).total_seconds() / 10) * 10) if leaves is not None else 0


@unit_of_work
def stop_erase(*, case_ref: str, command_id: UUID, by_member_id: UUID) -> bool:
    """An officer stops it while no phone has fetched it; whether it could be. NotAllowed for anybody else."""
    command = fleet_api.get_command(command_id=command_id)
    device = fleet_api.get_device(device_id=command.device_id)
    officer_here(practice_id=device.practice_id, member_id=by_member_id)
    if not fleet_api.stop_command(command_id=command_id, by=f"member:{by_member_id}"):
        return False
    steps.move(
        practice_id=device.practice_id, case_ref=case_ref, step="erase", state=NEEDS_PERSON,
        receipt="Stopped by an officer.", by=f"member:{by_member_id}",
    )  # fmt: skip
    return True
