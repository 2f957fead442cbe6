"""Each sentence of the guard that is not about one order alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet import guard, queue
from pocketward.fleet.errors import CommandRefused
from pocketward.fleet.models import Command, InstallationTally
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.records import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from tests.fleet.conftest import Joined, Joiner
from tests.fleet.test_guard import erase


def approve(command: Command, by: Member) -> None:
    fleet.approve_command(command_id=command.id, by_member_id=by.id, strength="passkey")


def refusals(practice: PracticeRecord) -> list[dict[str, Any]]:
    return [
        body for body in event_bodies(practice_id=practice.id)
        if body["kind"] == "fleet.destructive_command_refused"
    ]  # fmt: skip


def offered(phone: Joined, after: timedelta) -> str | None:
    with clock.frozen(clock.now() + after):
        found = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
    return found.request_type if found else None


def test_the_budget_holds_at_the_approval_too_however_many_were_asked_for(
    owner: Member, second: Member, joiner: Joiner
) -> None:
    phones = [joiner.enroll(serial=f"S{number}", key=chr(97 + number)) for number in range(3)]
    asked = [erase(phone, owner, f"case_{number}") for number, phone in enumerate(phones)]
    with clock.frozen(clock.now() + timedelta(days=2)):
        approve(asked[0], second)
        approve(asked[1], second)
        with pytest.raises(CommandRefused, match="an hour is the limit"):
            approve(asked[2], second)
        with pytest.raises(CommandRefused):
            fleet.check_approval(command_id=asked[2].id, by_member_id=second.id, strength="passkey")
        assert refusals(joiner.practice)[-1]["at_point"] == "approval"
        assert refusals(joiner.practice)[-1]["reason"] == "budget_hour"
    assert fleet.get_command(command_id=asked[2].id).state == "requested"


def test_two_a_day_is_the_budget_of_a_small_practice_and_five_percent_of_a_large_one(
    owner: Member, second: Member, joiner: Joiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = [joiner.enroll(serial=f"S{number}", key=chr(97 + number)) for number in range(4)]
    for number, phone in enumerate(phones[:2]):
        with clock.frozen(clock.now() + timedelta(hours=2 * number)):
            approve(erase(phone, owner), second)
    with clock.frozen(clock.now() + timedelta(hours=6)), pytest.raises(CommandRefused, match="a day"):
        erase(phones[2], owner)
    monkeypatch.setattr(guard, "_phones", lambda: 60)
    with clock.frozen(clock.now() + timedelta(hours=6)):
        approve(erase(phones[2], owner), second)
    with clock.frozen(clock.now() + timedelta(hours=8)), pytest.raises(CommandRefused, match="3 such"):
        erase(phones[3], owner)


def test_the_server_as_a_whole_has_a_ceiling(owner: Member, second: Member, phone: Joined) -> None:
    command = erase(phone, owner)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    InstallationTally.objects.create(hour=hour, authorized=guard.INSTALLATION_PER_HOUR)
    with clock.frozen(hour + timedelta(minutes=30)), pytest.raises(CommandRefused, match="This server"):
        approve(command, second)


def test_the_guard_judges_the_budget_once_more_when_the_phone_asks(
    owner: Member, second: Member, joiner: Joiner
) -> None:
    phones = [joiner.enroll(serial=f"S{number}", key=chr(97 + number)) for number in range(3)]
    commands = [erase(phone, owner, f"case_{number}") for number, phone in enumerate(phones)]
    for command in commands[:2]:
        approve(command, second)
    # Written past every verb, as a fault or an intruder would.
    Command.objects.filter(pk=commands[2].id).update(
        state="queued", authorized_at=clock.now(), not_before=clock.now(), alone=True
    )
    assert offered(phones[2], timedelta(minutes=5)) is None
    assert offered(phones[0], timedelta(minutes=5)) == "EraseDevice"


def test_a_command_without_an_approval_on_record_is_refused_when_the_phone_asks(
    owner: Member, second: Member, phone: Joined
) -> None:
    command = erase(phone, owner)
    Command.objects.filter(pk=command.id).update(state="queued", authorized_at=clock.now())
    assert offered(phone, timedelta(minutes=20)) is None
    assert fleet.get_command(command_id=command.id).state == "refused"


def test_without_an_open_case_of_this_device_it_cools_off_for_ten_minutes(
    owner: Member, second: Member, phone: Joined
) -> None:
    for case_ref in ("", "case_of_another"):
        if case_ref:
            fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_own", by="system:test")
        command_id = fleet.order_destructive(
            device_id=phone.device_id,
            request_type="EraseDevice",
            case_ref=case_ref,
            by_member_id=owner.id,
            strength="passkey",
        )
        fleet.approve_command(command_id=command_id, by_member_id=second.id, strength="passkey")
        assert offered(phone, timedelta(minutes=9)) is None
        assert fleet.stop_command(command_id=command_id, by=f"member:{owner.id}")


def test_two_devices_under_one_case_both_cool_off(owner: Member, second: Member, joiner: Joiner) -> None:
    phones = [joiner.enroll(serial=f"S{number}", key=chr(97 + number)) for number in range(2)]
    commands = [erase(phone, owner, "case_1") for phone in phones]
    approve(commands[0], second)
    assert offered(phones[0], timedelta(minutes=9)) is None
    assert offered(phones[0], timedelta(minutes=11)) == "EraseDevice"


def test_only_somebody_who_has_been_an_officer_for_a_day_may_order(
    clinician: Member, phone: Joined, practice: PracticeRecord
) -> None:
    with pytest.raises(CommandRefused, match="an officer for a day"):
        erase(phone, clinician)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        practice_api.give_role(member_id=clinician.id, role="it_lead", by="system:test")
        with pytest.raises(CommandRefused, match="an officer for a day"):
            erase(phone, clinician)
    with clock.frozen(clock.now() + timedelta(hours=26)):
        # The only officer with a sign-in: it waits for its quarter of an hour.
        assert erase(phone, clinician).alone


def test_ending_the_other_officers_roles_makes_nobody_a_practice_of_one_for_a_day(
    owner: Member, second: Member, phone: Joined
) -> None:
    practice_api.end_role(member_id=second.id, role="it_lead", by=f"member:{owner.id}")
    assert not erase(phone, owner).alone


def test_what_was_only_asked_for_still_waits_for_approval_after_the_phone_came_back(
    owner: Member, second: Member, phone: Joined, joiner: Joiner
) -> None:
    first = erase(phone, owner)
    back = joiner.enroll(key="b")
    assert back.device_id == phone.device_id
    assert offered(back, timedelta(days=1)) is None
    assert fleet.get_command(command_id=first.id).state == "overtaken"
    (waiting,) = fleet.waiting_for_approval(practice_id=joiner.practice.id)
    fleet.approve_command(command_id=waiting, by_member_id=second.id, strength="passkey")
    assert offered(back, timedelta(minutes=11)) == "EraseDevice"


def test_the_same_order_twice_is_one_order(owner: Member, second: Member, phone: Joined) -> None:
    assert erase(phone, owner).id == erase(phone, owner).id


def test_a_newer_authorized_order_clears_the_older_ones_and_a_mere_request_does_not(
    owner: Member, second: Member, phone: Joined
) -> None:
    old = erase(phone, owner, "case_1")
    approve(old, second)
    fleet.order_command(device_id=phone.device_id, request_type="ProfileList", by="system:test")
    newer = fleet.order_destructive(
        device_id=phone.device_id, request_type="EraseDevice", case_ref="case_2", by_member_id=owner.id,
        strength="passkey",
    )  # fmt: skip
    assert fleet.get_command(command_id=old.id).state == "queued"
    assert fleet.erase_intents(device_id=phone.device_id)[0].command_id == old.id
    fleet.approve_command(command_id=newer, by_member_id=second.id, strength="passkey")
    assert fleet.get_command(command_id=old.id).state == "overtaken"
    assert fleet.erase_intents(device_id=phone.device_id)[0].command_id == newer
    states = {item.request_type: item.state for item in fleet.commands(device_id=phone.device_id)}
    assert states["ProfileList"] == "queued"


def test_the_right_to_erase_is_the_enrollments_own_whatever_the_device_says(
    owner: Member, second: Member, joiner: Joiner
) -> None:
    from pocketward.fleet.models import Device

    personal = joiner.enroll(serial="BYOD", ownership="personal")
    Device.objects.filter(pk=personal.device_id).update(ownership="practice")
    with pytest.raises(CommandRefused, match="can never be erased"):
        erase(personal, owner)


def test_ending_lost_mode_takes_two_people(owner: Member, second: Member, phone: Joined) -> None:
    with pytest.raises(CommandRefused, match="its own order"):
        fleet.order_command(
            device_id=phone.device_id, request_type="DisableLostMode", by=f"member:{owner.id}"
        )


def propose(practice: PracticeRecord, by: Member, per_hour: int = 4) -> UUID:
    return fleet.propose_guard_options(
        practice_id=practice.id, per_hour=per_hour, percent_per_day=10, least_per_day=4,
        by_member_id=by.id, strength="passkey",
    )  # fmt: skip


def test_the_budgets_change_with_a_second_officer_and_a_day_later(
    owner: Member, second: Member, clinician: Member, phone: Joined, practice: PracticeRecord
) -> None:
    proposal = propose(practice, owner)
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert guard.options_now().per_hour == guard.PER_HOUR
    for person, strength in ((owner, "passkey"), (clinician, "passkey"), (second, "totp")):
        with pytest.raises(CommandRefused):
            fleet.approve_guard_options(proposal_id=proposal, by_member_id=person.id, strength=strength)
    fleet.approve_guard_options(proposal_id=proposal, by_member_id=second.id, strength="passkey")
    with clock.frozen(clock.now() + timedelta(hours=23)):
        assert guard.options_now().per_hour == guard.PER_HOUR
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert guard.options_now().per_hour == 4
    kinds = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    assert {"fleet.guard_options_proposed", "fleet.guard_options_approved"} <= set(kinds)


def test_a_practice_of_one_waits_its_day_and_nobody_can_vote_the_guard_away(
    owner: Member, phone: Joined, practice: PracticeRecord
) -> None:
    with pytest.raises(CommandRefused, match="no guard"):
        propose(practice, owner, per_hour=1000)
    with pytest.raises(CommandRefused, match="no lost phone could be erased"):
        propose(practice, owner, per_hour=0)
    propose(practice, owner)
    with clock.frozen(clock.now() + timedelta(hours=23)):
        assert guard.options_now().per_hour == guard.PER_HOUR
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert guard.options_now().per_hour == 4
