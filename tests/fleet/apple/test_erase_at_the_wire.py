"""Erase with proof, as a phone plays it: acknowledged, silent, coming back, or lying."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet import joining
from pocketward.kernel import clock
from pocketward.practice.records import Member, PracticeRecord
from pocketward.spine.api import event_bodies, open_tasks
from tests.fleet.apple.conftest import Enroll, Enrolled
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import HEALTHY, WirePhone
from tests.fleet.conftest import second as second


@pytest.fixture
def doomed(owner: Member, second: Member, phone: Enrolled) -> Enrolled:
    """A phone with nothing left to do, whose practice has two officers."""
    phone.wire.work_through(HEALTHY)
    return phone


def order_erase(
    phone: Enrolled, owner: Member, second: Member, request_type: str = "EraseDevice", purpose: str = ""
) -> UUID:
    """An erase, approved by a second officer, past its countdown."""
    fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_1", by="system:test")
    command_id = fleet.order_destructive(
        device_id=phone.device_id,
        request_type=request_type,
        case_ref="case_1",
        by_member_id=owner.id,
        strength="passkey",
        purpose=purpose,
    )
    fleet.approve_command(
        command_id=command_id, by_member_id=second.id, strength="passkey", countdown=timedelta(0)
    )
    return command_id


def state_of(command_id: UUID) -> str:
    return fleet.get_command(command_id=command_id).state


def come_back(
    phone: Enrolled, practice: PracticeRecord, member: Member, ownership: str = "practice"
) -> Enrolled:
    """The same phone, by serial, enrolls again with new keys."""
    ticket = fleet.create_enrollment_ticket(
        practice_id=practice.id,
        member_id=member.id,
        ownership=ownership,
        kind="iphone",
        label="Ben's phone",
        by="system:test",
    )
    wire = WirePhone(practice.id, issue(practice.id, ticket.enrollment_id), phone.wire.serial)
    assert wire.authenticate().status == 200
    assert wire.update_token().status == 200
    return Enrolled(wire, phone.device_id, ticket.enrollment_id)


def test_an_erase_comes_before_everything_and_is_not_proven_by_its_acknowledgement(
    doomed: Enrolled, owner: Member, second: Member
) -> None:
    fleet.order_command(device_id=doomed.device_id, request_type="SecurityInfo", by="system:test")
    command_id = order_erase(doomed, owner, second)
    command = doomed.wire.next()
    assert command is not None
    assert command.request_type == "EraseDevice"
    assert command.params == {"PreserveDataPlan": False, "DisallowProximitySetup": True}
    doomed.wire.report("Acknowledged", command)
    assert state_of(command_id) == "acknowledged"
    assert fleet.erase_intents(device_id=doomed.device_id)[0].state == "open"


def test_coming_back_with_new_keys_proves_an_acknowledged_erase(
    doomed: Enrolled, owner: Member, second: Member, practice: PracticeRecord
) -> None:
    command_id = order_erase(doomed, owner, second)
    doomed.wire.report("Acknowledged", doomed.wire.next())
    back = come_back(doomed, practice, owner)
    assert state_of(command_id) == "corroborated"
    first = back.wire.next()
    assert first is not None
    assert first.request_type != "EraseDevice"


def test_an_erase_that_waits_outlives_the_phones_return_as_a_personal_one(
    doomed: Enrolled, owner: Member, second: Member, practice: PracticeRecord
) -> None:
    """One ticket of the wrong kind must not use up what two officers let pass."""
    command_id = order_erase(doomed, owner, second)
    personal = come_back(doomed, practice, owner, ownership="personal")
    first = personal.wire.next()
    assert first is not None
    assert first.request_type != "EraseDevice"
    assert state_of(command_id) == "overtaken"
    assert fleet.erase_intents(device_id=doomed.device_id)[0].state == "open"
    assert [key for key, _ in open_tasks(practice.id)] == [f"erase-return:{doomed.device_id}"]
    kinds = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    assert "fleet.erase_cannot_be_offered" in kinds
    assert "fleet.destructive_command_refused" not in kinds
    # As the practice's own it is erased first, with the approval it had.
    owned = come_back(personal, practice, owner)
    again = owned.wire.next()
    assert again is not None
    assert again.request_type == "EraseDevice"
    assert open_tasks(practice.id) == ()


def test_coming_back_without_having_acknowledged_is_offered_the_erase_again_first(
    doomed: Enrolled, owner: Member, second: Member, practice: PracticeRecord
) -> None:
    command_id = order_erase(doomed, owner, second)
    fleet.remove_device(device_id=doomed.device_id, by_member_id=owner.id, case_ref="case_1")
    back = come_back(doomed, practice, owner)
    first = back.wire.next()
    assert first is not None
    assert first.request_type == "EraseDevice"
    assert first.command_uuid != str(command_id)
    assert state_of(command_id) == "overtaken"


def test_apples_word_that_the_token_is_gone_proves_an_acknowledged_erase(
    doomed: Enrolled, owner: Member, second: Member
) -> None:
    command_id = order_erase(doomed, owner, second)
    doomed.wire.report("Acknowledged", doomed.wire.next())
    joining.push_token_died(enrollment_id=doomed.enrollment_id)
    assert state_of(command_id) == "corroborated"


def test_the_old_identity_speaking_again_contradicts_the_erase(
    doomed: Enrolled, owner: Member, second: Member
) -> None:
    order_erase(doomed, owner, second)
    doomed.wire.report("Acknowledged", doomed.wire.next())
    doomed.wire.report()
    (intent,) = fleet.erase_intents(device_id=doomed.device_id)
    assert intent.contradicted_at is not None
    assert intent.state == "open"


def test_repeating_the_acknowledgement_is_no_contradiction(
    doomed: Enrolled, owner: Member, second: Member
) -> None:
    order_erase(doomed, owner, second)
    command = doomed.wire.next()
    for _ in range(3):
        doomed.wire.report("Acknowledged", command)
    assert fleet.erase_intents(device_id=doomed.device_id)[0].contradicted_at is None


def test_naming_another_phones_erase_hides_no_contradiction(
    doomed: Enrolled, owner: Member, second: Member, enroll: Enroll
) -> None:
    other = enroll(serial="OTHERPHONE")
    order_erase(doomed, owner, second)
    doomed.wire.report("Acknowledged", doomed.wire.next())
    theirs = order_erase(other, owner, second)
    doomed.wire.report("Acknowledged", str(theirs))
    assert fleet.erase_intents(device_id=doomed.device_id)[0].contradicted_at is not None


def test_a_proven_erase_is_contradicted_when_the_ended_enrollments_identity_speaks(
    doomed: Enrolled, owner: Member, second: Member, practice: PracticeRecord
) -> None:
    order_erase(doomed, owner, second)
    doomed.wire.report("Acknowledged", doomed.wire.next())
    come_back(doomed, practice, owner)
    assert doomed.wire.report().status == 403
    assert fleet.erase_intents(device_id=doomed.device_id)[0].contradicted_at is not None


def test_work_data_leaves_a_personal_phone_by_removing_the_management(
    enroll: Enroll, owner: Member, second: Member
) -> None:
    phone = enroll(serial="PERSONAL01", ownership="personal")
    phone.wire.work_through(HEALTHY)
    command_id = order_erase(phone, owner, second, "RemoveProfile", "remove_work_data")
    command = phone.wire.next()
    assert command is not None
    assert command.request_type == "RemoveProfile"
    assert command.params["Identifier"].endswith(".management")
    # The management is gone before the phone could answer: its CheckOut is all there is.
    assert phone.wire.check_out().status == 200
    assert state_of(command_id) == "acknowledged"


def test_an_erase_does_not_leave_before_its_time(doomed: Enrolled, owner: Member, second: Member) -> None:
    fleet.mark_lost(device_ids=(doomed.device_id,), case_ref="case_1", by="system:test")
    command_id = fleet.order_destructive(
        device_id=doomed.device_id,
        request_type="EraseDevice",
        case_ref="case_1",
        by_member_id=owner.id,
        strength="passkey",
    )
    assert doomed.wire.next() is None
    fleet.approve_command(command_id=command_id, by_member_id=second.id, strength="passkey")
    assert doomed.wire.next() is None
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        command = doomed.wire.next()
    assert command is not None
    assert command.request_type == "EraseDevice"
