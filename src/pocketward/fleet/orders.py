"""Ordering commands: the only way into the queue, through the guard."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pocketward.fleet import erase_ladder, guard, queue
from pocketward.fleet.apple.command_record import MANAGEMENT_PROFILE, profile_identifier
from pocketward.fleet.errors import CommandRefused, NoSuchCommand, NoSuchDevice, NotEnrolled
from pocketward.fleet.events import DestructiveCommandApproved, DestructiveCommandRefused
from pocketward.fleet.models import Approval, Command, Device, Enrollment, EraseIntent
from pocketward.fleet.models.commands import AUTHORIZED, CANCELLED, QUEUED, REQUESTED
from pocketward.fleet.tickets import may_erase
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.spine.api import enqueue, record, unit_of_work

# Strengths of sign-in that a look-alike page cannot get (the scale is access's; these are its names).
PHISHING_RESISTANT = ("passkey", "passkey_synced", "demo")
NEW_APPROVER_WAIT = timedelta(hours=24)


def live_enrollment(device_id: UUID) -> Enrollment:
    """The device's newest live enrollment; NotEnrolled."""
    rows = Enrollment.objects.filter(device_id=device_id, state__in=Enrollment.LIVE)
    row: Enrollment | None = rows.order_by("-made_at").first()
    if row is None:
        raise NotEnrolled()
    return row


def _device(device_id: UUID) -> Device:
    row: Device | None = Device.objects.filter(pk=device_id).first()
    if row is None:
        raise NoSuchDevice()
    return row


@unit_of_work
def order_command(
    *,
    device_id: UUID,
    request_type: str,
    params: dict[str, Any] | None = None,
    case_ref: str = "",
    by: str,
    urgent: bool = False,
    purpose: str = "",
) -> UUID:
    """Queue a command that destroys nothing; its id. CommandRefused, with a sealed event, by the guard.

    Destructive commands go through `order_destructive`.
    """
    if guard.is_destructive(request_type, purpose):
        raise CommandRefused("A destructive command needs its own order.")
    device, enrollment = _device(device_id), live_enrollment(device_id)
    refusal = guard.refusal_at_order(request_type, purpose, enrollment, device)
    if refusal is not None:
        raise CommandRefused(refusal.sentence)
    command = queue.add_command(
        enrollment=enrollment,
        request_type=request_type,
        params=params or {},
        state=QUEUED,
        urgent=urgent,
        purpose=purpose,
        case_ref=case_ref,
        by=by,
    )
    return command.id


def order_destructive(
    *,
    device_id: UUID,
    request_type: str,
    params: dict[str, Any] | None = None,
    case_ref: str = "",
    by_member_id: UUID,
    strength: str,
    purpose: str = "",
    countdown: timedelta = timedelta(seconds=60),
) -> UUID:
    """Request a destructive command; its id. It leaves only after a second officer approves it.

    A practice with one officer waits 15 minutes instead, during which it can be stopped. A refusal is
    recorded as a security event of its own and then raised as CommandRefused.
    """
    refusal = _refusal_of_order(device_id, request_type, purpose, strength)
    if refusal is not None:
        _record_refusal(device_id, request_type, refusal.code, by_member_id)
        raise CommandRefused(refusal.sentence)
    return _request(device_id, request_type, params or {}, case_ref, by_member_id, purpose, countdown)


def _refusal_of_order(
    device_id: UUID, request_type: str, purpose: str, strength: str
) -> guard.Refusal | None:
    if strength not in PHISHING_RESISTANT:
        return guard.Refusal("weak_sign_in", "Use your passkey for this step.")
    return guard.refusal_at_order(request_type, purpose, live_enrollment(device_id), _device(device_id))


@unit_of_work
def _record_refusal(device_id: UUID, request_type: str, reason: str, by_member_id: UUID) -> None:
    device = _device(device_id)
    record(
        DestructiveCommandRefused(
            practice_id=device.practice_id,
            actor=f"member:{by_member_id}",
            subject=f"device:{device_id}",
            device_id=device_id,
            request_type=request_type,
            reason=reason,
            at_point="order",
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
    countdown: timedelta,
) -> UUID:
    device, enrollment = _device(device_id), live_enrollment(device_id)
    alone = not other_approvers(practice_id=device.practice_id, ordered_by=by_member_id)
    command = queue.add_command(
        enrollment=enrollment,
        request_type=request_type,
        params=params,
        state=REQUESTED,
        urgent=True,
        purpose=purpose,
        alone=alone,
        case_ref=case_ref,
        by=f"member:{by_member_id}",
    )
    if request_type == guard.ERASE or purpose == guard.REMOVE_WORK_DATA:
        kind = EraseIntent.ERASE if request_type == guard.ERASE else EraseIntent.REMOVE_WORK_DATA
        queue.overtake_commands(
            enrollment_id=enrollment.id, detail="a newer order took over", request_types=("RestartDevice",)
        )
        erase_ladder.open_intent(
            device=device, kind=kind, command=command, case_ref=case_ref, by=command.ordered_by
        )
    if alone:
        _authorize(command, clock.now() + guard.ALONE_WAIT)
    return command.id


def other_approvers(*, practice_id: UUID, ordered_by: UUID) -> tuple[UUID, ...]:
    """The officers who may approve what this person ordered.

    Roles given less than 24 hours ago do not count, unless they were given before the first enrollment.
    """
    first = Enrollment.objects.filter(enrolled_at__isnull=False).order_by("enrolled_at").first()
    limit = clock.now() - NEW_APPROVER_WAIT
    seasoned = set()
    for span in practice_api.role_history(practice_id=practice_id):
        early = first is None or first.enrolled_at is None or span.since <= first.enrolled_at
        if span.until is None and span.role in practice_api.OFFICERS and (early or span.since <= limit):
            seasoned.add(span.member_id)
    return tuple(sorted(seasoned - {ordered_by}))


def _authorize(command: Command, not_before: datetime) -> None:
    queue.advance(command, AUTHORIZED)
    Command.objects.filter(pk=command.pk).update(not_before=not_before)
    guard.count_in_installation()
    queue.advance(command, QUEUED)
    enqueue(
        "fleet.push",
        command.practice_id,
        {"enrollment_id": str(command.enrollment_id)},
        not_before=not_before,
        key=f"push:{command.id}",
    )


@unit_of_work
def approve_command(
    *, command_id: UUID, by_member_id: UUID, strength: str, countdown: timedelta = timedelta(seconds=60)
) -> None:
    """A second officer says yes: the command leaves after its countdown (one phone of an open case), else
    after the cooling-off time. CommandRefused when this person may not approve it.
    """
    command = Command.objects.filter(pk=command_id, state=REQUESTED).first()
    if command is None:
        raise NoSuchCommand("This command is no longer waiting for a second person.")
    if strength not in PHISHING_RESISTANT:
        raise CommandRefused("Use your passkey for this step.")
    ordered_by = UUID(command.ordered_by.removeprefix("member:"))
    if by_member_id not in other_approvers(practice_id=command.practice_id, ordered_by=ordered_by):
        raise CommandRefused("A second officer must approve this, and one who has been one for a day.")
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
    _authorize(command, clock.now() + (countdown if command.case_ref else guard.COOLING_OFF))


@unit_of_work
def stop_command(*, command_id: UUID, by: str) -> bool:
    """Cancel a command that no phone has fetched yet; whether it could be stopped."""
    command = Command.objects.filter(pk=command_id, offers=0).first()
    if command is None or not queue.advance(command, CANCELLED, detail="stopped by an officer"):
        return False
    EraseIntent.objects.filter(command_id=command_id, state=EraseIntent.OPEN).update(
        state=EraseIntent.CALLED_OFF
    )
    return True


def waiting_for_approval(*, practice_id: UUID) -> tuple[UUID, ...]:
    """The commands that wait for a second person, oldest first."""
    rows = Command.objects.filter(practice_id=practice_id, state=REQUESTED).order_by("ordered_at")
    return tuple(rows.values_list("id", flat=True))


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
