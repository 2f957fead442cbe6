"""Ordering commands: the only way into the queue, through the guard."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pocketward.fleet import erase_ladder, guard, queue
from pocketward.fleet.apple.command_record import MANAGEMENT_PROFILE, profile_identifier
from pocketward.fleet.approvers import (
    PHISHING_RESISTANT,
    has_second_channel,
    is_alone,
    other_approvers,
    refusal_without_second_person,
    seasoned_officers,
)
from pocketward.fleet.errors import CommandRefused, NoSuchCommand, NoSuchDevice, NotEnrolled
from pocketward.fleet.events import DestructiveCommandApproved, DestructiveCommandRefused
from pocketward.fleet.models import Approval, Command, Device, Enrollment, EraseIntent
from pocketward.fleet.models.commands import AUTHORIZED, QUEUED, REQUESTED, UNFINISHED
from pocketward.fleet.stop_links import mail_stop_link
from pocketward.fleet.tickets import may_erase
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.spine.api import enqueue, record, unit_of_work


def live_enrollment(device_id: UUID) -> Enrollment:
    """The device's newest live enrollment; NotEnrolled."""
    rows = Enrollment.objects.filter(device_id=device_id, state__in=Enrollment.LIVE)
    row: Enrollment | None = rows.order_by("-made_at").first()
    if row is None:
        raise NotEnrolled()
    return row


def device_row(device_id: UUID) -> Device:
    """The device's row; NoSuchDevice."""
    row: Device | None = Device.objects.filter(pk=device_id).first()
    if row is None:
        raise NoSuchDevice()
    return row


def order_destructive(
    *,
    device_id: UUID,
    request_type: str,
    params: dict[str, Any] | None = None,
    case_ref: str = "",
    by_member_id: UUID,
    strength: str,
    purpose: str = "",
) -> UUID:
    """Request a destructive command; its id. It leaves only after somebody else approves it.

    The only officer's waits 15 minutes instead, during which it can be stopped, or until the IT provider
    approves it; without mail it waits for the provider alone. The same order again in the same case is the
    one that waits already. A refusal is recorded as a security event of its own and then raised as
    CommandRefused.
    """
    refusal = _refusal_of_order(device_id, request_type, purpose, params or {}, strength, by_member_id)
    if refusal is not None:
        record_refusal(device_id, request_type, refusal.code, f"member:{by_member_id}")
        raise CommandRefused(refusal.sentence)
    return _request(device_id, request_type, params or {}, case_ref, by_member_id, purpose)


def _refusal_of_order(
    device_id: UUID, request_type: str, purpose: str, params: dict[str, Any], strength: str,
    by_member_id: UUID,
) -> guard.Refusal | None:  # fmt: skip
    if strength not in PHISHING_RESISTANT:
        return guard.Refusal("weak_sign_in", "Use your passkey for this step.")
    device = device_row(device_id)
    if by_member_id not in seasoned_officers(practice_id=device.practice_id):
        return guard.Refusal(
            "not_an_officer", "Only someone who has been an officer for a day may order this."
        )
    refusal = guard.refusal_at_order(request_type, purpose, params, live_enrollment(device_id), device)
    return refusal or refusal_without_second_person(device.practice_id, by_member_id)


@unit_of_work
def record_refusal(device_id: UUID, request_type: str, reason: str, by: str, at_point: str = "order") -> None:
    """Write down that the guard refused: a security event."""
    device = device_row(device_id)
    record(
        DestructiveCommandRefused(
            practice_id=device.practice_id,
            actor=by,
            subject=f"device:{device_id}",
            device_id=device_id,
            request_type=request_type,
            reason=reason,
            at_point=at_point,
        )
    )


@unit_of_work
def _request(
    device_id: UUID,
    request_type: str,
    params: dict[str, Any],
    case_ref: str,
    by_member_id: UUID,
    purpose: str,
) -> UUID:
    device, enrollment = device_row(device_id), live_enrollment(device_id)
    same = Command.objects.filter(enrollment=enrollment, request_type=request_type, purpose=purpose)
    for waiting in same.filter(case_ref=case_ref, state__in=UNFINISHED):
        # An order for one app is not the order for another.
        if request_type != guard.REMOVE_APP or queue.params_of(waiting) == params:
            return UUID(str(waiting.id))
    command = queue.add_command(
        enrollment=enrollment,
        request_type=request_type,
        params=params,
        state=REQUESTED,
        urgent=True,
        purpose=purpose,
        alone=is_alone(practice_id=device.practice_id, member_id=by_member_id)
        and has_second_channel(member_id=by_member_id),
        case_ref=case_ref,
        by=f"member:{by_member_id}",
    )
    _keep_intent(command)
    if command.alone:
        _authorize(command, guard.ALONE_WAIT)
        mail_stop_link(practice_id=device.practice_id, member_id=by_member_id, subject_id=command.id)
    return command.id


def _keep_intent(command: Command) -> None:
    if command.request_type == guard.ERASE or command.purpose == guard.REMOVE_WORK_DATA:
        kind = EraseIntent.ERASE if command.request_type == guard.ERASE else EraseIntent.REMOVE_WORK_DATA
        erase_ladder.open_intent(
            device=command.device, kind=kind, command=command, case_ref=command.case_ref,
            by=command.ordered_by,
        )  # fmt: skip


def _authorize(command: Command, wait: timedelta) -> None:
    """Let it pass after this time; CommandRefused when the guard says no now."""
    refusal = guard.refusal_at_authorization(command)
    if refusal is not None:
        raise CommandRefused(refusal.sentence)
    command.authorized_at, command.not_before = clock.now(), clock.now() + wait
    Command.objects.filter(pk=command.pk).update(
        authorized_at=command.authorized_at, not_before=command.not_before
    )
    queue.advance(command, AUTHORIZED)
    guard.count_in_installation()
    _clear_superseded(command)
    _keep_intent(command)
    queue.advance(command, QUEUED)
    _push_at(command, command.not_before, f"push:{command.id}")


def _hasten(command: Command, wait: timedelta) -> None:
    """Somebody approved what the only officer ordered: it need not wait out the quarter of an hour."""
    sooner = clock.now() + wait
    if command.not_before is not None and command.not_before <= sooner:
        return
    Command.objects.filter(pk=command.pk).update(not_before=sooner)
    _push_at(command, sooner, f"push:{command.id}:approved")


def _push_at(command: Command, moment: datetime, key: str) -> None:
    payload = {"enrollment_id": str(command.enrollment_id)}
    enqueue("fleet.push", command.practice_id, payload, not_before=moment, key=key)


def _clear_superseded(command: Command) -> None:
    """A phone that was off gets one order to destroy, the newest, and is not restarted before it."""
    superseded: tuple[str, ...] = (command.request_type,)
    if command.request_type == guard.ERASE or command.purpose == guard.REMOVE_WORK_DATA:
        superseded += ("RestartDevice", "ClearPasscode")
    rows = Command.objects.filter(enrollment_id=command.enrollment_id, request_type__in=superseded)
    keep = frozenset(
        row.id for row in rows if row.id == command.id
        or (row.request_type == command.request_type and row.purpose != command.purpose)
        or (row.request_type == guard.REMOVE_APP and queue.params_of(row) != queue.params_of(command))
    )  # fmt: skip
    queue.overtake_commands(
        enrollment_id=command.enrollment_id, detail="a newer order took over", request_types=superseded,
        keep=keep,
    )  # fmt: skip


def _wait(command: Command, countdown: timedelta) -> timedelta:
    """The countdown for the one device of an open case; otherwise the cooling-off time."""
    others = Command.objects.filter(case_ref=command.case_ref, destructive=True, state__in=UNFINISHED)
    is_tied = command.device.is_in_open_case and command.device.lost_case_ref == command.case_ref
    is_one = not others.exclude(device_id=command.device_id).exists()
    return countdown if is_tied and is_one else guard.COOLING_OFF


def check_approval(*, command_id: UUID, by_member_id: UUID, strength: str) -> None:
    """Refuse an approval before anything is written: CommandRefused, with a sealed event of its own."""
    command = _requested(command_id)
    refusal = _refusal_of_approval(command, by_member_id, strength)
    if refusal is not None:
        record_refusal(
            command.device_id, command.request_type, refusal.code, f"member:{by_member_id}", "approval"
        )
        raise CommandRefused(refusal.sentence)


def _requested(command_id: UUID) -> Command:
    found = Command.objects.select_related("device", "enrollment").filter(pk=command_id)
    command: Command | None = found.filter(queue.waits_for_somebody()).first()
    if command is None:
        raise NoSuchCommand("This command is no longer waiting for a second person.")
    return command


def _refusal_of_approval(command: Command, by_member_id: UUID, strength: str) -> guard.Refusal | None:
    if strength not in PHISHING_RESISTANT:
        return guard.Refusal("weak_sign_in", "Use your passkey for this step.")
    ordered_by = UUID(command.ordered_by.removeprefix("member:"))
    if by_member_id not in other_approvers(practice_id=command.practice_id, ordered_by=ordered_by):
        return guard.Refusal(
            "not_an_approver", "A second officer must approve this, and one who has been one for a day."
        )
    return guard.refusal_at_authorization(command)


@unit_of_work
def approve_command(
    *, command_id: UUID, by_member_id: UUID, strength: str, countdown: timedelta = timedelta(seconds=60)
) -> None:
    """A second officer says yes: the command leaves after its countdown (one phone of an open case), else
    after the cooling-off time. CommandRefused when this person may not approve it.
    """
    command = _requested(command_id)
    refusal = _refusal_of_approval(command, by_member_id, strength)
    if refusal is not None:
        raise CommandRefused(refusal.sentence)
    Approval.objects.create(
        practice_id=command.practice_id, command=command, member_id=by_member_id, strength=strength
    )
    record(
        DestructiveCommandApproved(
            practice_id=command.practice_id,
            actor=f"member:{by_member_id}",
            subject=f"device:{command.device_id}",
            case_ref=command.case_ref,
            command_id=command.id,
            device_id=command.device_id,
            request_type=command.request_type,
            approver_id=by_member_id,
            strength=strength,
        )
    )
    wait = _wait(command, countdown)
    if command.state == REQUESTED:
        _authorize(command, wait)
    else:
        _hasten(command, wait)


def can_stop(*, command_id: UUID) -> bool:
    """Whether this is a command that no phone has fetched yet."""
    return bool(Command.objects.filter(pk=command_id, offers=0, state__in=UNFINISHED).exists())


@unit_of_work
def stop_command(*, command_id: UUID, by: str) -> bool:
    """Cancel a command that no phone has fetched yet; whether it could be stopped."""
    command = Command.objects.filter(pk=command_id, offers=0).first()
    by_officer = by.startswith("member:")
    detail = "stopped by an officer" if by_officer else "stopped by its link"
    if command is None or not queue.cancel(command, by=by, detail=detail):
        return False
    EraseIntent.objects.filter(command_id=command_id, state=EraseIntent.OPEN).update(
        state=EraseIntent.CALLED_OFF
    )
    return True


def order_erase(*, device_id: UUID, case_ref: str, by_member_id: UUID, strength: str) -> UUID:
    """Request what this enrollment allows: an erase, or on a personal phone the removal of work data."""
    enrollment = live_enrollment(device_id)
    if may_erase(enrollment.access_rights):
        return order_destructive(
            device_id=device_id,
            request_type=guard.ERASE,
            case_ref=case_ref,
            by_member_id=by_member_id,
            strength=strength,
        )
    identifier = profile_identifier(public_id("prac", enrollment.practice_id), MANAGEMENT_PROFILE)
    return order_destructive(
        device_id=device_id,
        request_type="RemoveProfile",
        params={"identifier": identifier},
        case_ref=case_ref,
        by_member_id=by_member_id,
        strength=strength,
        purpose=guard.REMOVE_WORK_DATA,
    )
