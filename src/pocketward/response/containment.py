"""Lock or lost mode for the phones of a case, and how far each of its orders is proven."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord
from pocketward.fleet.errors import FleetError
from pocketward.kernel import clock
from pocketward.kernel.canonical import read_moment
from pocketward.pki import api as pki_api
from pocketward.practice import api as practice_api
from pocketward.response import alerts, chasing, erasing, steps
from pocketward.response.errors import NoSuchReport, ResponseError, TooEarly
from pocketward.response.models import NEEDS_PERSON, RUNNING, SKIPPED, LossReport
from pocketward.response.rights import officer_here
from pocketward.spine.api import JobContext, unit_of_work

CONTAIN = "contain"
LOST_TEXT = "This phone is lost. If you found it, please call us."
NOTHING_TO_FIND = "It is erased: there is nothing left to find."
NOTHING_TO_LOCK = "It is erased before it answered: there is nothing left to lock."
LOST_FOOTNOTE = "The practice may look up where this phone is."


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
    ordered, known = 0, _of_case(report)
    for text in report.device_ids:
        if any(str(item.device_id) == text and item.purpose == CONTAIN for item in known):
            continue
        ordered += _order_lock(practice_id, UUID(text), case_ref)
    if known and not ordered:
        return
    receipt = (
        "Ordered; waiting for the phone." if ordered else "No phone of this report can be told anything."
    )
    steps.move(
        practice_id=practice_id, case_ref=case_ref, step="lock", state=RUNNING if ordered else NEEDS_PERSON,
        receipt=receipt, by="system:response",
    )  # fmt: skip


def _of_case(report: LossReport) -> list[CommandRecord]:
    return [
        command
        for text in report.device_ids
        for command in fleet_api.commands(device_id=UUID(text), case_ref=report.case_ref)
    ]


def _order_lock(practice_id: UUID, device_id: UUID, case_ref: str) -> int:
    device = fleet_api.get_device(device_id=device_id)
    practice = practice_api.get_practice(practice_id=practice_id)
    params: dict[str, str] = {"message": LOST_TEXT}
    if practice.front_desk_phone:
        params["phone_number"] = practice.front_desk_phone
    if device.supervised:
        params["footnote"] = LOST_FOOTNOTE
    try:
        fleet_api.order_command(
            device_id=device_id, request_type="EnableLostMode" if device.supervised else "DeviceLock",
            params=params, case_ref=case_ref, by="system:response", urgent=True, purpose=CONTAIN,
        )  # fmt: skip
    except FleetError:
        return 0
    return 1


def run_on_proof(context: JobContext) -> None:
    """A command of a case moved: chase it from its queueing on, and say in its step how far it is."""
    event = context.event
    if event.get("case_ref"):
        context.finish(lambda: _on_proof(context.practice_id, dict(event)))


def _on_proof(practice_id: UUID, event: dict[str, object]) -> None:
    command = fleet_api.get_command(command_id=UUID(str(event["command_id"])))
    proof, case_ref = str(event["proof"]), command.case_ref
    if proof == "queued":
        chasing.plan_chase(practice_id, command)
    report = _open_report(case_ref)
    if report is None:
        return
    if proof == "requested" and command.request_type in chasing.ERASING:
        erasing.note_choice(command)
    by, same = f"device:{command.device_id}", [item for item in _of_case(report) if _alike(item, command)]
    if command.purpose == CONTAIN:
        _on_lock_proof(practice_id, report, command, same, by)
    elif command.request_type in chasing.ERASING:
        _on_erase_proof(practice_id, case_ref, proof, same, by)


def _alike(one: CommandRecord, other: CommandRecord) -> bool:
    if other.purpose == CONTAIN:
        return one.purpose == CONTAIN
    return one.request_type in chasing.ERASING and other.request_type in chasing.ERASING


def _on_lock_proof(
    practice_id: UUID, report: LossReport, command: CommandRecord, locks: list[CommandRecord], by: str
) -> None:
    case_ref = report.case_ref
    failed = [item for item in locks if item.state in _NOT_LOCKED]
    if failed:
        steps.move(
            practice_id=practice_id, case_ref=case_ref, step="lock", state=NEEDS_PERSON,
            receipt=f"Not locked: {_NOT_LOCKED[failed[0].state]}.", by=by,
        )  # fmt: skip
    elif all(item.state in ("acknowledged", "corroborated") for item in locks):
        is_lost_mode = command.request_type == "EnableLostMode"
        receipt = "The phone says that lost mode is on." if is_lost_mode else "The phone says it is locked."
        steps.finish(
            practice_id=practice_id, case_ref=case_ref, step="lock", receipt=receipt, by=by,
            at=_reached(locks, "acknowledged"),
        )  # fmt: skip


def _reached(commands: list[CommandRecord], rung: str) -> datetime | None:
    """When the last of these orders reached it; the job that says so in the step comes later."""
    return max((at for item in commands for proof, at, _why in item.rungs if proof == rung), default=None)


_NOT_LOCKED = {
    "failed": "failed",
    "expired": "no answer in time",
    "overtaken": "it joined anew, or its management ended, before it answered",
}


def _on_erase_proof(
    practice_id: UUID, case_ref: str, proof: str, erases: list[CommandRecord], by: str
) -> None:
    waiting = [item for item in erases if item.state in ("requested", "authorized", *chasing.UNPROVEN)]
    if proof == "acknowledged" and not waiting:
        receipt, at = "Acknowledged by the phone.", _reached(erases, proof)
        steps.finish(practice_id=practice_id, case_ref=case_ref, step="erase", receipt=receipt, by=by, at=at)
        steps.move(
            practice_id=practice_id, case_ref=case_ref, step="prove_erase", state=RUNNING,
            receipt=f"{receipt} Not yet proven.", by=by, at=at,
        )  # fmt: skip
    elif proof == "corroborated" and all(chasing.is_proven(item) for item in erases):
        # Proven from outside the phone: no word of the phone's own is in this.
        by, at = "system:response", _reached(erases, proof)
        steps.finish(
            practice_id=practice_id, case_ref=case_ref, step="prove_erase",
            receipt="Proven from outside the phone.", by=by, at=at,
        )  # fmt: skip
        # What is proven gone is not locked any more, and does not answer where it is.
        for step, receipt in (("locate", NOTHING_TO_FIND), ("lock", NOTHING_TO_LOCK)):
            steps.move(
                practice_id=practice_id, case_ref=case_ref, step=step, state=SKIPPED, receipt=receipt, by=by,
                at=at,
            )  # fmt: skip


def run_on_contradiction(context: JobContext) -> None:
    """A phone that said it was erased speaks with its old identity: back to not proven; a person decides."""
    event = dict(context.event)

    def effects() -> None:
        if event.get("case_ref"):
            steps.reopen(
                practice_id=context.practice_id, case_ref=str(event["case_ref"]), step="prove_erase",
                receipt="Contradicted: the phone spoke again with its old identity. Not erased.",
                by=f"device:{event['device_id']}",
            )  # fmt: skip
            _look_again(context.practice_id, str(event["case_ref"]))

    context.finish(effects)


def _look_again(practice_id: UUID, case_ref: str) -> None:
    """Take back that there is nothing to find or to lock; a step that a person ended stays."""
    for item in steps.steps(practice_id=practice_id, case_ref=case_ref):
        if item.receipt in (NOTHING_TO_FIND, NOTHING_TO_LOCK):
            steps.reopen(
                practice_id=practice_id, case_ref=case_ref, step=item.step,
                receipt="It is not erased after all.", by="system:response",
            )  # fmt: skip


@unit_of_work
def decide_without(*, case_ref: str, reason: str, by_member_id: UUID) -> None:
    """An officer no longer waits for proof, and says why; the chase goes on, the case can.

    NotAllowed for anybody else; TooEarly unless an erase, or the removal of work data, was ordered and has
    not been proven for 72 hours.
    """
    report = _open_report(case_ref)
    if report is None:
        raise NoSuchReport()
    person = officer_here(practice_id=report.practice_id, member_id=by_member_id)
    early = _too_early(report)
    if early:
        raise TooEarly(early)
    why = " ".join(reason.split())[:200]
    if len(why) < 5:
        raise ResponseError("Say why you decide without proof.")
    steps.finish(
        practice_id=report.practice_id, case_ref=case_ref, step="prove_erase",
        receipt=f"Not proven. {person.full_name} decided without it.", reason=why,
        by=f"member:{by_member_id}",
    )  # fmt: skip
    alerts.answered_by_acting(practice_id=report.practice_id, case_ref=case_ref, by_member_id=by_member_id)
    for text in report.device_ids:
        # It is given up as a way to records; the management identity stays for the erase that is still sent.
        pki_api.revoke_device(
            device_id=UUID(text), reason="key_compromise", by=f"member:{by_member_id}", case_ref=case_ref
        )


def may_decide_without(*, case_ref: str) -> bool:
    """Whether an officer may decide without proof now."""
    report = _open_report(case_ref)
    return report is not None and not _too_early(report)


def _too_early(report: LossReport) -> str:
    """Why nobody may decide without proof yet; empty when they may."""
    ordered = [
        item
        for item in _of_case(report)
        if item.request_type in chasing.ERASING and item.state not in ("cancelled", "refused", "overtaken")
    ]
    if not ordered:
        return "Nothing was ordered that could be proven. Order the erase first."
    if any(item.state in ("requested", "authorized") for item in ordered):
        return "The order has not left yet: a second officer approves it first."
    unproven = [
        item for item in ordered if item.state in ("expired", "failed") or not chasing.is_proven(item)
    ]
    if not unproven:
        return "Nothing waits for proof."
    newest = max(chasing.leaves_at(item) for item in unproven)
    if clock.now() - newest < chasing.DECIDE_WITHOUT_AFTER:
        return "The phone is given 72 hours to prove it. Decide without it after that."
    return ""


@unit_of_work
def call_off_orders(*, report: LossReport, by: str) -> None:
    """Call off every order of the case that has not ended: a reversed report must erase nothing, nor lock a
    phone that said "not now" when it was still lost.

    What a phone had fetched it may carry out all the same; of an erase the step says so.
    """
    fetched = fleet_api.call_off_erases(case_ref=report.case_ref, by=by)
    if fetched:
        labels = ", ".join(fleet_api.get_device(device_id=item).label for item in fetched)
        steps.move(
            practice_id=report.practice_id, case_ref=report.case_ref, step="erase", state=SKIPPED,
            receipt=f"The report was reversed. {labels} had fetched the order and may still carry it out.",
            by=by,
        )  # fmt: skip
    for command in _of_case(report):
        if command.state in ("requested", "authorized", *chasing.UNPROVEN):
            fleet_api.withdraw_command(command_id=command.id, by=by)
            fleet_api.stop_command(command_id=command.id, by=by)


def lost_mode_left(*, case_ref: str) -> tuple[UUID, ...]:
    """Devices of a reversed report that were told to enter lost mode and not yet told to end it."""
    report = LossReport.objects.filter(case_ref=case_ref, kind="lost").first()
    if report is None or report.restored_at is None:
        return ()
    left = []
    for text in report.device_ids:
        commands = fleet_api.commands(device_id=UUID(text), case_ref=case_ref)
        on = [c for c in commands if c.request_type == "EnableLostMode" and _may_be_on(c)]
        off = [c for c in commands if c.request_type == "DisableLostMode" and c.state not in _ENDED]
        if on and not off:
            left.append(UUID(text))
    return tuple(left)


def _may_be_on(order: CommandRecord) -> bool:
    """Whether a phone fetched it and did not say that it failed, even if it was called off since.

    Without its answer, what the phone has told of itself since then decides.
    """
    fetched = max((at for proof, at, _detail in order.rungs if proof == "delivered"), default=None)
    if fetched is None or order.state in ("failed", "refused"):
        return False
    if order.state in ("acknowledged", "corroborated"):
        return True
    told = dict(fleet_api.device_state(device_id=order.device_id).get("lost_mode_enabled", {}))
    return told.get("value") is not False or read_moment(str(told["observed_at"])) <= fetched


_ENDED = ("failed", "expired", "overtaken", "cancelled", "refused")


def end_lost_mode(*, case_ref: str, by_member_id: UUID, strength: str) -> int:
    """Ask for the end of lost mode on the phones of a reversed report; how many. A second officer approves:
    ending it gives a phone back to whoever holds it. Raises what the guard refuses.
    """
    left = lost_mode_left(case_ref=case_ref)
    for device_id in left:
        fleet_api.order_destructive(
            device_id=device_id, request_type="DisableLostMode", case_ref=case_ref,
            by_member_id=by_member_id, strength=strength, purpose="restore",
        )  # fmt: skip
    return len(left)
