"""Lock, locate, erase: what is ordered for the phones of a case, and how far each order is proven."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.errors import FleetError
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.response import steps
from pocketward.response.errors import ResponseError
from pocketward.response.events import PushedAgain
from pocketward.response.models import DONE, NEEDS_PERSON, RUNNING, LossReport
from pocketward.spine.api import JobContext, enqueue, record, unit_of_work

CONTAIN = "contain"
LOST_TEXT = "This phone is lost. If you found it, please call us."
# Push again after 1, 5, 30 minutes, then hourly for 3 days, then daily to day 30.
_MINUTES = (1, 5, 30, *range(60, 72 * 60 + 1, 60), *range(96 * 60, 30 * 24 * 60 + 1, 24 * 60))
DECIDE_WITHOUT_AFTER = timedelta(hours=72)
COUNTDOWN = timedelta(seconds=60)
REQUESTED_RECEIPT = "Requested; waiting for a second officer."
UNPROVEN = ("queued", "pushed", "delivered")


@dataclass(frozen=True)
class EraseAdvice:
    """What we would do about one phone, and why; `act` is erase, remove_work_data or wait."""

    act: str
    sentence: str
    reasons: tuple[tuple[str, str], ...]


def _open_report(case_ref: str) -> LossReport | None:
    row: LossReport | None = LossReport.objects.filter(
        case_ref=case_ref, restored_at=None, kind="lost"
    ).first()
    return row


def run_contain(context: JobContext) -> None:
    """Order lost mode (supervised) or a lock for every phone of the case, once."""
    case_ref = str(context.payload["case_ref"])
    context.finish(lambda: _contain(context.practice_id, case_ref))


def _contain(practice_id: UUID, case_ref: str) -> None:
    report = _open_report(case_ref)
    if report is None:
        return
    ordered = 0
    for text in report.device_ids:
        device_id = UUID(text)
        known = [item for item in fleet_api.commands(device_id=device_id, case_ref=case_ref)]
        if any(item.purpose == CONTAIN for item in known):
            continue
        ordered += _order_lock(practice_id, device_id, case_ref)
    receipt = (
        "Ordered; waiting for the phone." if ordered else "No phone of this report can be told anything."
    )
    steps.move(
        practice_id=practice_id,
        case_ref=case_ref,
        step="lock",
        state=RUNNING if ordered else NEEDS_PERSON,
        receipt=receipt,
        by="system:response",
    )
    if ordered:
        plan_chase(practice_id, case_ref, 1)


def _order_lock(practice_id: UUID, device_id: UUID, case_ref: str) -> int:
    device = fleet_api.get_device(device_id=device_id)
    practice = practice_api.get_practice(practice_id=practice_id)
    params: dict[str, str] = {"message": LOST_TEXT}
    if practice.front_desk_phone:
        params["phone_number"] = practice.front_desk_phone
    try:
        fleet_api.order_command(
            device_id=device_id,
            request_type="EnableLostMode" if device.supervised else "DeviceLock",
            params=params,
            case_ref=case_ref,
            by="system:response",
            urgent=True,
            purpose=CONTAIN,
        )
    except FleetError:
        return 0
    return 1


def plan_chase(practice_id: UUID, case_ref: str, attempt: int) -> None:
    """Plan the next push to whatever has not answered."""
    if attempt > len(_MINUTES):
        return
    report = _open_report(case_ref)
    if report is None:
        return
    enqueue(
        "response.chase",
        practice_id,
        {"case_ref": case_ref, "attempt": attempt},
        not_before=max(report.reported_at + timedelta(minutes=_MINUTES[attempt - 1]), clock.now()),
        key=f"chase:{case_ref}",
    )


def run_chase(context: JobContext) -> None:
    """Push again to every phone of the case that has not answered; each try is in the timeline."""
    case_ref, attempt = str(context.payload["case_ref"]), int(context.payload["attempt"])
    context.finish(lambda: _chase(context.practice_id, case_ref, attempt))


def _chase(practice_id: UUID, case_ref: str, attempt: int) -> None:
    report = _open_report(case_ref)
    if report is None:
        return
    waiting = 0
    for text in report.device_ids:
        for command in fleet_api.commands(device_id=UUID(text), case_ref=case_ref):
            if command.state not in UNPROVEN:
                continue
            waiting += 1
            fleet_api.push_soon(practice_id=practice_id, enrollment_id=command.enrollment_id, urgent=True)
            record(
                PushedAgain(
                    practice_id=practice_id, actor="system:response", subject=f"device:{text}",
                    case_ref=case_ref, command_id=command.id, device_id=UUID(text), attempt=attempt,
                )
            )  # fmt: skip
    if clock.now() - report.reported_at >= DECIDE_WITHOUT_AFTER and waiting:
        _ask_to_decide_without(practice_id, case_ref)
    if waiting or _unproven_erase(report):
        plan_chase(practice_id, case_ref, attempt + 1)


def _unproven_erase(report: LossReport) -> bool:
    intents = [
        intent for text in report.device_ids for intent in fleet_api.erase_intents(device_id=UUID(text))
    ]
    return any(intent.state == "open" and intent.case_ref == report.case_ref for intent in intents)


def _ask_to_decide_without(practice_id: UUID, case_ref: str) -> None:
    steps.move(
        practice_id=practice_id,
        case_ref=case_ref,
        step="prove_erase",
        state=NEEDS_PERSON,
        receipt="72 hours without proof. Decide without it.",
        by="system:response",
    )


def run_on_proof(context: JobContext) -> None:
    """A command of a case moved: say so in its step."""
    event = context.event
    if event.get("case_ref"):
        context.finish(lambda: _on_proof(context.practice_id, dict(event)))


def _on_proof(practice_id: UUID, event: dict[str, object]) -> None:
    case_ref, proof, kind = str(event["case_ref"]), str(event["proof"]), str(event["request_type"])
    shared = {"practice_id": practice_id, "case_ref": case_ref, "by": f"device:{event['device_id']}"}
    if event["purpose"] == CONTAIN and proof == "acknowledged":
        word = "Lost mode is on" if kind == "EnableLostMode" else "The phone says it is locked"
        steps.finish(step="lock", receipt=f"{word}: acknowledged.", **shared)  # type: ignore[arg-type]
    elif event["purpose"] == CONTAIN and proof in ("failed", "expired"):
        steps.move(step="lock", state=NEEDS_PERSON, receipt=f"Not locked: {proof}.", **shared)  # type: ignore[arg-type]
    elif kind == "EraseDevice" or event["purpose"] == "remove_work_data":
        _on_erase_proof(shared, proof)


def _on_erase_proof(shared: dict[str, object], proof: str) -> None:
    if proof == "requested":
        _say_requested(shared)
    elif proof == "acknowledged":
        receipt = "Acknowledged by the phone. Not yet proven."
        steps.finish(step="erase", receipt=receipt, **shared)  # type: ignore[arg-type]
        steps.move(step="prove_erase", state=RUNNING, receipt=receipt, **shared)  # type: ignore[arg-type]
    elif proof == "corroborated":
        steps.finish(step="prove_erase", receipt="Proven from outside the phone.", **shared)  # type: ignore[arg-type]


def _say_requested(shared: dict[str, object]) -> None:
    """The order was kept, but the process that took it died before it could say so in the step."""
    known = steps.steps(practice_id=shared["practice_id"], case_ref=str(shared["case_ref"]))  # type: ignore[arg-type]
    if any(step.step == "erase" and step.state not in (RUNNING, DONE) for step in known):
        steps.move(step="erase", state=RUNNING, receipt=REQUESTED_RECEIPT, **shared)  # type: ignore[arg-type]


@unit_of_work
def locate(*, case_ref: str, device_id: UUID, reason: str, by_member_id: UUID) -> UUID:
    """Ask a lost, supervised, practice-owned device where it is; the reason is sealed.

    ResponseError when it may not be located: then nothing is asked.
    """
    device = fleet_api.get_device(device_id=device_id)
    if not reason.strip():
        raise ResponseError("Say why you need to know where it is.")
    if device.ownership != "practice" or not device.supervised or device.lost_case_ref != case_ref:
        raise ResponseError("Only a supervised, practice-owned device in an open lost case can be located.")
    command_id = fleet_api.order_command(
        device_id=device_id, request_type="DeviceLocation", case_ref=case_ref, by=f"member:{by_member_id}",
        urgent=True, purpose="locate",
    )  # fmt: skip
    steps.move(
        practice_id=device.practice_id, case_ref=case_ref, step="locate", state=RUNNING,
        receipt=f"Asked: {reason.strip()[:200]}", by=f"member:{by_member_id}",
    )  # fmt: skip
    return command_id


def erase_advice(*, case_ref: str, device_id: UUID) -> EraseAdvice:
    """What we would do, from what was known when it was lost."""
    from pocketward.response.doors import frozen_facts

    device = fleet_api.get_device(device_id=device_id)
    frozen = frozen_facts(practice_id=device.practice_id, case_ref=case_ref).get(device_id, {})
    state = dict(frozen.get("state", {}))  # type: ignore[call-overload]

    def said(name: str) -> object:
        return dict(state.get(name, {})).get("value")

    encrypted, passcode = said("hardware_encryption_caps"), said("passcode_present")
    reasons = (
        ("Whose it is", "practice-owned" if device.ownership == "practice" else "personal"),
        ("Encrypted", "yes" if encrypted == 3 else "unknown" if encrypted is None else "no"),
        ("Passcode", "yes" if passcode is True else "unknown" if passcode is None else "no"),
        (
            "Last heard",
            device.last_heard_at.isoformat(timespec="minutes") if device.last_heard_at else "never",
        ),
    )
    if not fleet_api.may_erase(device.access_rights):
        return EraseAdvice(
            "remove_work_data", "Remove the work data. A personal phone is never erased.", reasons
        )
    if encrypted == 3 and passcode is True:
        return EraseAdvice(
            "wait",
            "It is encrypted behind a passcode: it can still be found. Erase it if it stays away.",
            reasons,
        )
    return EraseAdvice("erase", "Erase it now: whoever has it may read what is on it.", reasons)


def order_erase(*, case_ref: str, device_id: UUID, by_member_id: UUID, strength: str) -> UUID:
    """Request the erase, or on a personal phone the removal of work data; a second officer approves."""
    device = fleet_api.get_device(device_id=device_id)
    command_id = fleet_api.order_erase(
        device_id=device_id, case_ref=case_ref, by_member_id=by_member_id, strength=strength
    )
    steps.move(
        practice_id=device.practice_id, case_ref=case_ref, step="erase", state=RUNNING,
        receipt=REQUESTED_RECEIPT, by=f"member:{by_member_id}",
    )  # fmt: skip
    return command_id


def approve_erase(*, case_ref: str, command_id: UUID, by_member_id: UUID, strength: str) -> None:
    """The second officer says yes; the order leaves after 60 seconds, in which it can be stopped.

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
        receipt="Approved; leaves in 60 seconds.", by=f"member:{by_member_id}",
    )  # fmt: skip
    plan_chase(device.practice_id, case_ref, 1)


@unit_of_work
def stop_erase(*, case_ref: str, command_id: UUID, by_member_id: UUID) -> bool:
    """Stop it while no phone has fetched it; whether it could be stopped."""
    command = fleet_api.get_command(command_id=command_id)
    if not fleet_api.stop_command(command_id=command_id, by=f"member:{by_member_id}"):
        return False
    device = fleet_api.get_device(device_id=command.device_id)
    steps.move(
        practice_id=device.practice_id, case_ref=case_ref, step="erase", state=NEEDS_PERSON,
        receipt="Stopped by an officer.", by=f"member:{by_member_id}",
    )  # fmt: skip
    return True
