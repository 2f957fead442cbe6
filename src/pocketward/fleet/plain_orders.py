"""Ordering commands that destroy nothing: through the guard as every other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from pocketward.fleet import guard, queue
from pocketward.fleet.errors import CommandRefused
from pocketward.fleet.models import Command
from pocketward.fleet.models.commands import QUEUED, UNFINISHED
from pocketward.fleet.orders import device_row, live_enrollment, record_refusal
from pocketward.fleet.push_plans import DAILY, push_soon
from pocketward.kernel import clock
from pocketward.spine.api import unit_of_work

ASKED_WITHIN = timedelta(minutes=5)


def check_order(
    *, device_id: UUID, request_type: str, params: dict[str, Any] | None = None, case_ref: str = "", by: str,
    purpose: str = "",
) -> None:  # fmt: skip
    """Refuse an order before anything is written: CommandRefused, with a sealed event of its own.

    A verb that orders in its own unit of work calls this first: what is raised inside takes the event away.
    """
    if guard.is_destructive(request_type, purpose, params or {}):
        raise CommandRefused("A destructive command needs its own order.")
    device, enrollment = device_row(device_id), live_enrollment(device_id)
    refusal = guard.refusal_at_order(request_type, purpose, params or {}, enrollment, device, case_ref)
    if refusal is not None:
        record_refusal(device_id, request_type, refusal.code, by)
        raise CommandRefused(refusal.sentence)


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
    check_order(
        device_id=device_id, request_type=request_type, params=params, case_ref=case_ref, by=by,
        purpose=purpose,
    )  # fmt: skip
    return _queue(device_id, request_type, params or {}, case_ref, by, urgent, purpose)


@unit_of_work
def _queue(
    device_id: UUID, request_type: str, params: dict[str, Any], case_ref: str, by: str, urgent: bool,
    purpose: str,
) -> UUID:  # fmt: skip
    command = queue.add_command(
        enrollment=live_enrollment(device_id), request_type=request_type, params=params, state=QUEUED,
        urgent=urgent, purpose=purpose, case_ref=case_ref, by=by,
    )  # fmt: skip
    return command.id


def ask_now(*, device_id: UUID, request_types: Sequence[str], by: str, most: int) -> bool:
    """A person asks a phone how it is, ahead of all that waits; whether any of these questions was queued.

    One that waits already is pushed for once more, and not asked twice. Past `most` times in five minutes it
    is not asked again: each answer is work for the phone and entries in the ledger. CommandRefused.
    """
    for request_type in request_types:
        check_order(device_id=device_id, request_type=request_type, by=by, purpose="inventory")
    return _ask(device_id, request_types, by, most)


@unit_of_work
def _ask(device_id: UUID, request_types: Sequence[str], by: str, most: int) -> bool:
    rows = Command.objects.filter(device_id=device_id, lane=Command.URGENT, purpose="inventory")
    waiting = set(rows.filter(state__in=UNFINISHED).values_list("request_type", flat=True))
    lately = list(
        rows.filter(ordered_at__gt=clock.now() - ASKED_WITHIN).values_list("request_type", flat=True)
    )
    asked = [name for name in request_types if name not in waiting and lately.count(name) < most]
    for name in asked:
        _queue(device_id, name, {}, "", by, True, "inventory")
    if not asked and waiting.intersection(request_types):
        row = live_enrollment(device_id)
        push_soon(practice_id=row.practice_id, enrollment_id=row.id, urgent=True, again=DAILY)
    return bool(asked)


@unit_of_work
def withdraw_command(*, command_id: UUID, by: str) -> bool:
    """Call off what destroys nothing, also when a phone has fetched it and not answered; whether it had not
    ended yet.

    It is handed out no more, and a late answer changes nothing: what a phone fetched it may still have done.
    What destroys is stopped by `stop_command`, or called off with its case.
    """
    command = Command.objects.filter(pk=command_id, destructive=False).first()
    if command is None:
        return False
    where = "a phone had fetched it" if command.offers else "no phone had fetched it"
    return queue.cancel(command, by=by, detail=f"called off; {where}")
