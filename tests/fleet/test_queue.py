"""The command queue: order, NotNow, silence, errors, duplicates."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.fleet import api as fleet
from pocketward.fleet import queue
from pocketward.fleet.models import Command
from pocketward.fleet.models.commands import ACKNOWLEDGED, ENDS, FAILED
from pocketward.kernel import clock
from tests.fleet.conftest import Joined


def order(phone: Joined, request_type: str = "DeviceInformation", urgent: bool = False) -> str:
    fleet.order_command(device_id=phone.device_id, request_type=request_type, by="system:test", urgent=urgent)
    return request_type


def offer(phone: Joined, idle: bool = True) -> str | None:
    found = queue.next_command(enrollment_id=phone.enrollment_id, idle=idle)
    return found.request_type if found else None


def test_commands_are_handed_out_in_the_order_given_after_the_urgent_ones(phone: Joined) -> None:
    order(phone, "SecurityInfo")
    order(phone, "ProfileList")
    order(phone, "DeviceLock", urgent=True)
    got = []
    while True:
        command = queue.next_command(enrollment_id=phone.enrollment_id, idle=not got)
        if command is None:
            break
        got.append(command.request_type)
        queue.finish_command(command_id=command.id, enrollment_id=phone.enrollment_id)
    assert got == ["DeviceLock", "SecurityInfo", "ProfileList"]


def test_a_command_answered_not_now_waits_for_the_next_idle(phone: Joined) -> None:
    order(phone, "SecurityInfo")
    order(phone, "ProfileList")
    first = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
    assert first is not None
    assert queue.park_command(command_id=first.id, enrollment_id=phone.enrollment_id)
    assert offer(phone, idle=False) == "ProfileList"
    assert offer(phone, idle=True) == "SecurityInfo"


def test_a_command_never_answered_delays_the_next_by_one_connect_at_most(phone: Joined) -> None:
    order(phone, "DeviceLock", urgent=True)
    order(phone, "ProfileList")
    assert offer(phone) == "DeviceLock"
    assert offer(phone) == "ProfileList"
    assert offer(phone) == "DeviceLock"


def test_commands_never_answered_take_turns_and_hold_up_no_other(phone: Joined) -> None:
    types = ("SecurityInfo", "ProfileList", "CertificateList")
    for request_type in types:
        order(phone, request_type)
    assert [offer(phone) for _ in range(7)] == [*types, *types, types[0]]


def test_urgent_commands_never_answered_hold_each_normal_one_up_by_one_connect_each(phone: Joined) -> None:
    order(phone, "SecurityInfo")
    order(phone, "ProfileList")
    urgent = ("DeviceLock", "DeviceInformation")
    for request_type in urgent:
        order(phone, request_type, urgent=True)
    got = [offer(phone) for _ in range(9)]
    assert got == [*urgent, "SecurityInfo", *urgent, "ProfileList", *urgent, "SecurityInfo"]


def test_an_answer_that_comes_twice_changes_nothing(phone: Joined) -> None:
    order(phone)
    command = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
    assert command is not None
    queue.finish_command(command_id=command.id, enrollment_id=phone.enrollment_id)
    again = queue.finish_command(command_id=command.id, enrollment_id=phone.enrollment_id, error="late")
    assert again is not None
    rungs = [proof for proof, _, _ in fleet.get_command(command_id=command.id).rungs]
    assert rungs == ["queued", "delivered", "acknowledged"]


def test_a_question_that_waits_is_not_asked_twice_and_nobody_asks_without_end(phone: Joined) -> None:
    def ask(by: str = "member:x") -> bool:
        return fleet.ask_now(device_id=phone.device_id, request_types=("SecurityInfo",), by=by, most=3)

    def answer() -> None:
        command = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
        assert command is not None
        queue.finish_command(command_id=command.id, enrollment_id=phone.enrollment_id)

    order(phone)  # the round of the server itself waits in the other lane
    assert [ask() for _ in range(6)] == [True] + [False] * 5
    answer()
    assert (ask(), ask()) == (True, False)
    answer()
    assert (ask(), ask()) == (True, False)
    answer()
    assert not ask("member:y")
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert ask()


def test_an_answer_to_a_command_never_given_is_none(phone: Joined) -> None:
    assert queue.finish_command(command_id=uuid4(), enrollment_id=phone.enrollment_id) is None


def test_a_command_that_ran_out_is_not_handed_out(phone: Joined) -> None:
    order(phone)
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert offer(phone) is None
    assert [item.state for item in fleet.commands(device_id=phone.device_id)] == ["expired"]


def test_a_lost_phone_gets_containment_only(phone: Joined) -> None:
    order(phone, "InstallProfile")
    order(phone, "DeviceLock", urgent=True)
    fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_x", by="system:test")
    assert offer(phone) == "DeviceLock"
    assert offer(phone) == "DeviceLock"
    fleet.clear_lost(case_ref="case_x", by="system:test")
    assert offer(phone) == "InstallProfile"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(st.sampled_from(["ack", "error", "notnow", "silence"]), max_size=30))
def test_every_command_ends_in_exactly_one_end_state(phone: Joined, answers: list[str]) -> None:
    for request_type in ("SecurityInfo", "ProfileList", "CertificateList"):
        order(phone, request_type)
    idle = True
    for answer in [*answers, *["ack"] * 8]:
        command = queue.next_command(enrollment_id=phone.enrollment_id, idle=idle)
        idle = command is None or answer in ("silence",)
        if command is None or answer == "silence":
            continue
        if answer == "notnow":
            queue.park_command(command_id=command.id, enrollment_id=phone.enrollment_id)
            idle = False
        else:
            queue.finish_command(
                command_id=command.id,
                enrollment_id=phone.enrollment_id,
                error="refused" if answer == "error" else "",
            )
    for _ in range(12):
        command = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
        if command is None:
            break
        queue.finish_command(command_id=command.id, enrollment_id=phone.enrollment_id)
    for row in Command.objects.filter(enrollment_id=phone.enrollment_id):
        assert row.state in (ACKNOWLEDGED, FAILED)
        proofs = [proof for proof, _, _ in fleet.get_command(command_id=row.id).rungs]
        assert sum(proof in (*ENDS, ACKNOWLEDGED) for proof in proofs) == 1
