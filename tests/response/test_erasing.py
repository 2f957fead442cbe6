"""The decision helper for an erase: every mix of facts, and what is kept of the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from pocketward.fleet import api as fleet_api
from pocketward.fleet import queue
from pocketward.fleet.errors import CommandRefused
from pocketward.incidents import api as incidents_api
from pocketward.kernel import clock
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response.errors import NoSuchReport
from tests.response.conftest import bodies, command, drain, later, reverse, step
from tests.web.clinic import Clinic


@pytest.mark.parametrize(
    ("facts", "hours", "advised"),
    [
        ({}, 0, "wait"),
        ({}, 3.9, "wait"),
        ({}, 4.1, "erase"),
        ({"passcode_present": False}, 0, "erase"),
        ({"hardware_encryption_caps": 1}, 0, "erase"),
        ({"hardware_encryption_caps": None}, 0, "erase"),
        ({"passcode_present": None}, 0, "erase"),
    ],
)
def test_the_advice_follows_what_was_known_and_how_long_it_is_missing(
    clinic: Clinic, clinician: Member, facts: dict[str, Any], hours: float, advised: str
) -> None:
    device = clinic.phone("Ben’s iPhone 16", member=clinician)
    clinic.report(device, **facts)
    case_ref = clinic.lose("Ben Sample")
    with later(hours=hours):
        assert response_api.erase_advice(case_ref=case_ref, device_id=device).act == advised


def test_a_phone_that_never_reported_is_not_taken_for_safe(clinic: Clinic, clinician: Member) -> None:
    device = clinic.phone("Ben’s iPhone 16", member=clinician)
    case_ref = clinic.lose("Ben Sample")
    advice = response_api.erase_advice(case_ref=case_ref, device_id=device)
    assert advice.act == "erase"
    assert dict(advice.reasons)["Encrypted"] == "unknown"
    assert dict(advice.reasons)["Last heard"] == "never"


def test_of_a_personal_phone_only_the_work_data_goes(
    practice: PracticeRecord, clinic: Clinic, clinician: Member, owner: Member
) -> None:
    device = clinic.phone("Ben’s own iPhone", member=clinician, ownership="personal")
    clinic.report(device, supervised=False, passcode_present=False)
    case_ref = clinic.lose("Ben Sample")
    drain()
    assert response_api.erase_advice(case_ref=case_ref, device_id=device).act == "remove_work_data"
    response_api.order_erase(case_ref=case_ref, device_id=device, by_member_id=owner.id, strength="passkey")
    assert command(device, "RemoveProfile").purpose == "remove_work_data"
    assert not [c for c in fleet_api.commands(device_id=device) if c.request_type == "EraseDevice"]
    (choice,) = response_api.erase_choices(practice_id=practice.id, case_ref=case_ref)
    assert choice.chosen == "remove_work_data"


def test_what_was_advised_is_kept_once_with_the_order_and_sealed(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member
) -> None:
    made = response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    drain()
    (choice,) = response_api.erase_choices(practice_id=practice.id, case_ref=case)
    assert (choice.command_id, choice.advised, choice.chosen) == (made, "wait", "erase")
    assert dict(choice.reasons)["Passcode"] == "yes"
    (sealed,) = bodies(practice, case, "response.erase_chosen")
    assert (sealed["advised"], sealed["chosen"]) == ("wait", "erase")


def test_it_can_be_stopped_while_it_counts_down(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    made = response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    response_api.approve_erase(case_ref=case, command_id=made, by_member_id=second.id, strength="passkey")
    assert response_api.stop_erase(case_ref=case, command_id=made, by_member_id=owner.id)
    assert fleet_api.get_command(command_id=made).state == "cancelled"
    assert step(practice, case, "erase").receipt == "Stopped by an officer."
    assert not response_api.stop_erase(case_ref=case, command_id=made, by_member_id=owner.id)


def test_no_erase_is_ordered_in_a_case_whose_report_is_reversed_or_that_does_not_name_the_phone(
    practice: PracticeRecord, clinic: Clinic, case: str, phone: UUID, owner: Member
) -> None:
    other = clinic.phone("Rounds iPad 1", kind="ipad")
    with pytest.raises(NoSuchReport):
        response_api.order_erase(case_ref=case, device_id=other, by_member_id=owner.id, strength="passkey")
    reverse(case, owner)
    with pytest.raises(NoSuchReport, match="on its own page"):
        response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    for device in (phone, other):
        assert not [c for c in fleet_api.commands(device_id=device) if c.request_type == "EraseDevice"]


def test_a_weak_sign_in_orders_nothing_and_keeps_no_choice(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member
) -> None:
    with pytest.raises(CommandRefused):
        response_api.order_erase(
            case_ref=case, device_id=phone, by_member_id=owner.id, strength="password_totp"
        )
    assert response_api.erase_choices(practice_id=practice.id, case_ref=case) == ()


def test_once_its_case_is_closed_an_erase_cools_off_for_ten_minutes(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    incidents_api.decide_breach(
        case_ref=case, verdict="breach", reason="Nobody can say what was read.", by_member_id=owner.id
    )
    incidents_api.close_case(case_ref=case, by_member_id=owner.id)
    drain()
    erase = response_api.order_erase(
        case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey"
    )
    response_api.approve_erase(case_ref=case, command_id=erase, by_member_id=second.id, strength="passkey")
    assert response_api.seconds_left(command_id=erase) == 600


def test_a_push_for_something_else_takes_neither_the_countdown_nor_the_stop_from_an_erase_that_waits(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    made = response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    response_api.approve_erase(case_ref=case, command_id=made, by_member_id=second.id, strength="passkey")
    response_api.confirm_loss(case_ref=case, by_member_id=owner.id)
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        drain()
        enrollment = fleet_api.get_command(command_id=made).enrollment_id
        queue.note_pushed(enrollment_id=enrollment)
        assert command(phone, "EnableLostMode").state == "pushed"
        # Nobody was told of the erase: it is not on its way, and is seen as what can still be stopped.
        assert fleet_api.get_command(command_id=made).state == "queued"
        assert response_api.seconds_left(command_id=made) == 30
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        queue.note_pushed(enrollment_id=enrollment)
        assert fleet_api.get_command(command_id=made).state == "pushed"
