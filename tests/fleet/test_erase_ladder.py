"""Erase with proof."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet import erase_ladder, joining, queue
from pocketward.fleet.models import Command, EraseIntent
from pocketward.fleet.models.commands import DELIVERED
from pocketward.kernel import clock
from pocketward.practice.records import Member
from tests.fleet.conftest import Joined, Joiner


@pytest.fixture
def erased(owner: Member, second: Member, phone: Joined) -> UUID:
    """An erase that was ordered, approved and handed to the phone."""
    fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_1", by="system:test")
    with clock.frozen(clock.now() - timedelta(minutes=5)):
        command_id = fleet.order_destructive(
            device_id=phone.device_id,
            request_type="EraseDevice",
            case_ref="case_1",
            by_member_id=owner.id,
            strength="passkey",
        )
    fleet.approve_command(
        command_id=command_id, by_member_id=second.id, strength="passkey", countdown=timedelta(0)
    )
    handed = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
    assert handed is not None
    return handed.id


def acknowledge(phone: Joined, command_id: UUID) -> None:
    queue.finish_command(command_id=command_id, enrollment_id=phone.enrollment_id)
    erase_ladder.on_acknowledged(command_id=command_id, fingerprint="a" * 64)


def test_acknowledged_and_back_with_new_keys_is_proof(
    second: Member, phone: Joined, erased: UUID, joiner: Joiner
) -> None:
    acknowledge(phone, erased)
    again = joiner.enroll(key="b")
    assert again.device_id == phone.device_id
    (intent,) = fleet.erase_intents(device_id=phone.device_id)
    assert (intent.state, intent.proven_by) == ("proven", erase_ladder.BY_RETURN)
    assert fleet.get_command(command_id=erased).state == "corroborated"
    assert queue.next_command(enrollment_id=again.enrollment_id, idle=True) is None


def test_acknowledged_and_the_push_token_gone_is_proof(second: Member, phone: Joined, erased: UUID) -> None:
    acknowledge(phone, erased)
    joining.push_token_died(enrollment_id=phone.enrollment_id)
    (intent,) = fleet.erase_intents(device_id=phone.device_id)
    assert intent.state == "proven"


def test_the_push_token_gone_alone_is_no_proof(second: Member, phone: Joined, erased: UUID) -> None:
    joining.push_token_died(enrollment_id=phone.enrollment_id)
    (intent,) = fleet.erase_intents(device_id=phone.device_id)
    assert intent.state == "open"


def test_back_without_an_acknowledgement_the_erase_is_offered_before_anything_else(
    second: Member, phone: Joined, erased: UUID, joiner: Joiner
) -> None:
    fleet.remove_device(device_id=phone.device_id, by_member_id=second.id, case_ref="case_1")
    again = joiner.enroll(key="b")
    fleet.order_command(device_id=again.device_id, request_type="DeviceLock", by="system:test", urgent=True)
    handed = queue.next_command(enrollment_id=again.enrollment_id, idle=True)
    assert handed is not None
    assert handed.request_type == "EraseDevice"
    assert fleet.get_command(command_id=erased).state == "overtaken"


def test_the_old_identity_speaking_again_takes_the_proof_back(
    second: Member, phone: Joined, erased: UUID, joiner: Joiner
) -> None:
    acknowledge(phone, erased)
    joining.push_token_died(enrollment_id=phone.enrollment_id)
    assert erase_ladder.on_identity_spoke(device_id=phone.device_id, fingerprint="a" * 64)
    (intent,) = fleet.erase_intents(device_id=phone.device_id)
    assert intent.state == "open"
    assert intent.contradicted_at is not None
    assert not erase_ladder.on_identity_spoke(device_id=phone.device_id, fingerprint="a" * 64)


def test_an_erase_the_phone_answered_with_an_error_is_asked_for_anew_and_not_handed_out(
    second: Member, phone: Joined, erased: UUID, joiner: Joiner
) -> None:
    queue.finish_command(command_id=erased, enrollment_id=phone.enrollment_id, error="12021: no")
    again = joiner.enroll(key="b")
    assert queue.next_command(enrollment_id=again.enrollment_id, idle=True) is None
    (waiting,) = fleet.waiting_for_approval(practice_id=joiner.practice.id)
    fleet.approve_command(
        command_id=waiting, by_member_id=second.id, strength="passkey", countdown=timedelta(0)
    )
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        handed = queue.next_command(enrollment_id=again.enrollment_id, idle=True)
    assert handed is not None
    assert handed.id == waiting


def test_an_erase_that_ran_out_of_time_needs_a_new_approval(
    second: Member, phone: Joined, erased: UUID, joiner: Joiner
) -> None:
    Command.objects.filter(pk=erased).update(expires_at=clock.now())
    assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
    assert fleet.get_command(command_id=erased).state == "expired"
    again = joiner.enroll(key="b")
    assert queue.next_command(enrollment_id=again.enrollment_id, idle=True) is None


@pytest.mark.parametrize("answer", ["error", "expired", "not_now", "nothing", "acknowledged"])
def test_a_case_called_off_erases_nothing_however_far_its_erase_was(
    second: Member, phone: Joined, erased: UUID, joiner: Joiner, answer: str
) -> None:
    if answer == "error":
        queue.finish_command(command_id=erased, enrollment_id=phone.enrollment_id, error="12021: no")
    elif answer == "expired":
        Command.objects.filter(pk=erased).update(expires_at=clock.now())
        queue.expire_commands(practice_id=joiner.practice.id)
    elif answer == "not_now":
        queue.park_command(command_id=erased, enrollment_id=phone.enrollment_id)
    elif answer == "acknowledged":
        acknowledge(phone, erased)
    fetched = fleet.call_off_erases(case_ref="case_1", by="system:test")
    assert fetched == ((phone.device_id,) if answer in ("not_now", "nothing") else ())
    assert fleet.erase_intents(device_id=phone.device_id)[0].state == "called_off"
    assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
    again = joiner.enroll(key="b")
    assert again.device_id == phone.device_id
    assert queue.next_command(enrollment_id=again.enrollment_id, idle=True) is None
    assert fleet.waiting_for_approval(practice_id=joiner.practice.id) == ()


def test_calling_off_one_case_leaves_the_erase_of_another(
    second: Member, phone: Joined, erased: UUID
) -> None:
    assert fleet.call_off_erases(case_ref="case_2", by="system:test") == ()
    assert fleet.call_off_erases(case_ref="", by="system:test") == ()
    assert fleet.erase_intents(device_id=phone.device_id)[0].state == "open"


def test_the_guard_hands_out_no_erase_whose_intent_was_called_off(
    second: Member, phone: Joined, erased: UUID
) -> None:
    fleet.call_off_erases(case_ref="case_1", by="system:test")
    Command.objects.filter(pk=erased).update(state=DELIVERED, finished_at=None)
    assert EraseIntent.objects.filter(command_id=erased, state=EraseIntent.CALLED_OFF).exists()
    assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
    assert fleet.get_command(command_id=erased).state == "refused"


def test_a_proven_erase_of_a_case_called_off_is_not_opened_by_its_old_identity(
    second: Member, phone: Joined, erased: UUID
) -> None:
    acknowledge(phone, erased)
    joining.push_token_died(enrollment_id=phone.enrollment_id)
    fleet.call_off_erases(case_ref="case_1", by="system:test")
    assert not erase_ladder.on_identity_spoke(device_id=phone.device_id, fingerprint="a" * 64)
    assert fleet.erase_intents(device_id=phone.device_id)[0].state == "proven"
