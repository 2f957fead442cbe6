"""A hold of any kind narrows what may be said to a phone; the guard alone judges it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pocketward.access import api as access
from pocketward.fleet import api as fleet
from pocketward.fleet import queue
from pocketward.fleet.errors import CommandRefused
from pocketward.kernel import clock
from pocketward.practice.api import Member, PracticeRecord
from tests.access.clinic import Phone

NEVER = ("RestartDevice", "ClearPasscode")


def hold(practice: PracticeRecord, phone: Phone, case_ref: str = "by-officer") -> None:
    access.place_hold(
        practice_id=practice.id, device_ids=(phone.device_id,), case_ref=case_ref, by="system:test",
        reason="an officer's own",
    )  # fmt: skip


def lift(practice: PracticeRecord, case_ref: str = "by-officer") -> None:
    access.lift_hold(practice_id=practice.id, case_ref=case_ref, by="system:test")


def restart(phone: Phone) -> None:
    fleet.order_command(device_id=phone.device_id, request_type="RestartDevice", by="system:test")


def handed_out(phone: Phone) -> list[str]:
    """What a phone that answers everything is given, until nothing is left."""
    found = []
    while (command := queue.next_command(enrollment_id=phone.enrollment_id, idle=True)) is not None:
        found.append(command.request_type)
        queue.finish_command(command_id=command.id, enrollment_id=phone.enrollment_id)
    return found


def test_on_an_officers_hold_no_passcode_is_cleared_and_nothing_restarted(
    practice: PracticeRecord, owner: Member, phone: Phone
) -> None:
    hold(practice, phone)
    with pytest.raises(CommandRefused, match="held: this would help"):
        restart(phone)
    with clock.frozen(clock.now() + timedelta(days=2)), pytest.raises(CommandRefused, match="held"):
        fleet.order_destructive(
            device_id=phone.device_id, request_type="ClearPasscode", by_member_id=owner.id, strength="passkey"
        )
    fleet.order_command(device_id=phone.device_id, request_type="DeviceLock", by="system:test")


def test_a_restart_ordered_before_the_hold_is_refused_when_the_phone_asks(
    practice: PracticeRecord, phone: Phone
) -> None:
    handed_out(phone)
    restart(phone)
    hold(practice, phone)
    assert "RestartDevice" not in handed_out(phone)
    lift(practice)
    restart(phone)
    assert "RestartDevice" in handed_out(phone)


def test_only_the_narrow_lane_reaches_a_held_phone_and_the_rest_waits(
    practice: PracticeRecord, phone: Phone
) -> None:
    handed_out(phone)
    hold(practice, phone)
    for request_type, params in (
        ("InstallProfile", {"profile": "policy"}),
        ("DeviceLock", {}),
        ("ProfileList", {}),
    ):
        fleet.order_command(
            device_id=phone.device_id, request_type=request_type, params=params, by="system:test"
        )
    assert sorted(handed_out(phone)) == ["DeviceLock", "ProfileList"]
    lift(practice)
    assert handed_out(phone) == ["InstallProfile"]


def test_the_mark_goes_with_the_last_of_several_holds(practice: PracticeRecord, phone: Phone) -> None:
    hold(practice, phone, "one")
    hold(practice, phone, "two")
    lift(practice, "one")
    with pytest.raises(CommandRefused):
        restart(phone)
    lift(practice, "two")
    restart(phone)


def test_holding_many_phones_tells_the_guard_in_one_statement(practice: PracticeRecord, phone: Phone) -> None:
    with CaptureQueriesContext(connection) as captured:
        hold(practice, phone)
    said = [one["sql"] for one in captured.captured_queries if '"fleet_device" SET' in one["sql"]]
    assert len(said) == 1
