"""Pushing again to a phone that has not proven an order of its case: 1, 5, 30 minutes, hourly, daily."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import CommandRecord, Pushed
from pocketward.fleet.errors import NoSuchCommand, PushUnavailable
from pocketward.kernel import clock
from pocketward.response import alerts, steps
from pocketward.response.events import PushedAgain
from pocketward.response.models import NEEDS_PERSON, LossReport
from pocketward.spine.api import JobContext, enqueue, record

# After 1, 5, 30 minutes, then hourly for 3 days, then daily to day 30.
MINUTES = (1, 5, 30, *range(60, 72 * 60 + 1, 60), *range(96 * 60, 30 * 24 * 60 + 1, 24 * 60))
DECIDE_WITHOUT_AFTER = timedelta(hours=72)
UNPROVEN = ("queued", "pushed", "delivered")
ERASING = ("EraseDevice", "RemoveProfile")
# The one order that goes on after a report was reversed.
AFTER_REVERSAL = ("DisableLostMode",)


def leaves_at(command: CommandRecord) -> datetime:
    """The moment from which the phone may fetch it: the tries are counted from there."""
    return max(command.ordered_at, command.not_before or command.ordered_at)


def plan_chase(practice_id: UUID, command: CommandRecord, slot: int = 1, made: int = 0) -> bool:
    """Plan the push of moment `slot` for one order, now if that has passed; whether there is such a moment.

    `made` is how many pushes were made before: moments that passed unused are none of them.
    """
    if slot > len(MINUTES):
        return False
    due = leaves_at(command) + timedelta(minutes=MINUTES[slot - 1])
    payload = {"case_ref": command.case_ref, "command_id": str(command.id), "slot": slot, "made": made}
    not_before = max(due, clock.now())
    enqueue("response.chase", practice_id, payload, not_before=not_before, key=f"chase:{command.id}")
    return True


def _newest_due(command: CommandRecord, slot: int) -> int:
    """The last moment that has come: those missed while nothing ran are made up for by one push."""
    gone = clock.now() - leaves_at(command)
    return max(slot, sum(1 for minutes in MINUTES if timedelta(minutes=minutes) <= gone))


def run_chase(context: JobContext) -> None:
    """Push again for one order that is not proven; each try, and what Apple said, is in the timeline."""
    slot, made = int(context.payload["slot"]), int(context.payload["made"])
    command = _still_unproven(UUID(str(context.payload["command_id"])))
    if command is None:
        context.finish()
        return
    try:
        pushed = fleet_api.push_now(enrollment_id=command.enrollment_id)
    except PushUnavailable:
        context.finish(lambda: _chase(context.practice_id, command, slot, made + 1, None))
        return
    context.finish(lambda: _chase(context.practice_id, command, slot, made + 1, pushed))


def _still_unproven(command_id: UUID) -> CommandRecord | None:
    try:
        command = fleet_api.get_command(command_id=command_id)
    except NoSuchCommand:
        return None
    return None if is_proven(command) or not _goes_on(command) else command


def _chase(practice_id: UUID, command: CommandRecord, slot: int, made: int, pushed: Pushed | None) -> None:
    """Take push number `made` in, and plan the next unless it has brought the proof."""
    record(
        PushedAgain(
            practice_id=practice_id, actor="system:response", subject=f"device:{command.device_id}",
            case_ref=command.case_ref, command_id=command.id, device_id=command.device_id, attempt=made,
            outcome=pushed.said if pushed is not None else "unreachable",
        )
    )  # fmt: skip
    if pushed is not None:
        fleet_api.note_pushed(pushed=pushed)
    if _still_unproven(command.id) is None:
        return
    if clock.now() - leaves_at(command) >= DECIDE_WITHOUT_AFTER:
        _ask(practice_id, command)
    plan_chase(practice_id, command, _newest_due(command, slot) + 1, made)


def is_proven(command: CommandRecord) -> bool:
    """Whether nothing more is to be learned of it: answered, or ended; an erase only when corroborated."""
    if command.state in UNPROVEN:
        return False
    if command.state != "acknowledged" or command.request_type not in ERASING:
        return True
    intents = fleet_api.erase_intents(device_id=command.device_id)
    return not any(item.command_id == command.id and item.state == "open" for item in intents)


def _goes_on(command: CommandRecord) -> bool:
    if command.request_type in AFTER_REVERSAL:
        return True
    return bool(LossReport.objects.filter(case_ref=command.case_ref, kind="lost", restored_at=None).exists())


def _ask(practice_id: UUID, command: CommandRecord) -> None:
    """After 72 hours: an erase can be decided without proof; an unanswered lock calls for one.

    Officers are called about it once, as for the report.
    """
    step, receipt = "prove_erase", "72 hours without proof. Decide without it."
    if command.request_type not in ERASING:
        if _erase_is_ordered(command):
            return
        step, receipt = "erase", "72 hours without a word. Order it: it waits for the phone and is chased."
    moved = steps.move(
        practice_id=practice_id, case_ref=command.case_ref, step=step, state=NEEDS_PERSON, receipt=receipt,
        by="system:response",
    )  # fmt: skip
    if moved:
        alerts.raise_alert(practice_id=practice_id, case_ref=command.case_ref, reason=alerts.UNPROVEN)


def _erase_is_ordered(command: CommandRecord) -> bool:
    known = fleet_api.commands(device_id=command.device_id, case_ref=command.case_ref)
    return any(item.request_type in ERASING and item.state not in ("cancelled", "refused") for item in known)
