"""The guard of destructive commands, at both of its points."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from pocketward.fleet import api as fleet
from pocketward.fleet import guard, queue
from pocketward.fleet.errors import CommandRefused
from pocketward.fleet.models import Command, Device
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.records import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from tests.factories.officers import signed_in_officer
from tests.fleet.conftest import Joined, Joiner


def erase(phone: Joined, by: Member, case_ref: str = "case_1") -> Command:
    """Ask for the erase of a phone that is lost under this case; "" for one that is not."""
    if case_ref:
        fleet.mark_lost(device_ids=(phone.device_id,), case_ref=case_ref, by="system:test")
    command_id = fleet.order_destructive(
        device_id=phone.device_id,
        request_type="EraseDevice",
        case_ref=case_ref,
        by_member_id=by.id,
        strength="passkey",
    )
    row: Command = Command.objects.get(pk=command_id)
    return row


def test_an_erase_waits_for_a_second_officer_and_its_countdown(
    owner: Member, second: Member, phone: Joined
) -> None:
    command = erase(phone, owner)
    assert command.state == "requested"
    assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
    with pytest.raises(CommandRefused):
        fleet.approve_command(command_id=command.id, by_member_id=owner.id, strength="passkey")
    with pytest.raises(CommandRefused):
        fleet.approve_command(command_id=command.id, by_member_id=second.id, strength="totp")
    fleet.approve_command(command_id=command.id, by_member_id=second.id, strength="passkey")
    assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        handed = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
    assert handed is not None
    assert handed.request_type == "EraseDevice"


def test_a_personal_phone_can_never_be_erased(owner: Member, joiner: Joiner) -> None:
    personal = joiner.enroll(serial="BYOD", ownership="personal")
    with pytest.raises(CommandRefused, match="personal phone can never be erased"):
        erase(personal, owner)
    kinds = [body["kind"] for body in event_bodies(practice_id=joiner.practice.id)]
    assert "fleet.destructive_command_refused" in kinds


def test_a_practice_of_one_waits_and_can_stop(owner: Member, phone: Joined) -> None:
    command = erase(phone, owner)
    assert command.alone
    row = Command.objects.get(pk=command.id)
    assert row.state == "queued"
    assert row.not_before > clock.now() + timedelta(minutes=14)
    assert fleet.stop_command(command_id=command.id, by=f"member:{owner.id}")
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None


def test_the_kill_switch_stops_destruction_at_the_last_point_and_never_a_lock(
    owner: Member, second: Member, phone: Joined, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = tmp_path / "kill"
    ours = replace(django_settings.POCKETWARD, kill_switch_file=switch)
    monkeypatch.setattr(django_settings, "POCKETWARD", ours)
    command = erase(phone, owner)
    fleet.approve_command(command_id=command.id, by_member_id=second.id, strength="passkey")
    switch.touch()
    fleet.order_command(device_id=phone.device_id, request_type="DeviceLock", by="system:test", urgent=True)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        handed = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
        assert handed is not None
        assert handed.request_type == "DeviceLock"
        queue.finish_command(command_id=handed.id, enrollment_id=phone.enrollment_id)
        assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
        switch.unlink()
        handed = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
        assert handed is not None
        assert handed.request_type == "EraseDevice"


def test_an_unreadable_kill_switch_counts_as_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    ours = replace(django_settings.POCKETWARD, kill_switch_file=blocked / "below-a-file")
    monkeypatch.setattr(django_settings, "POCKETWARD", ours)
    assert guard.kill_switch_is_on()


def test_the_budget_of_two_an_hour_holds(owner: Member, second: Member, joiner: Joiner) -> None:
    phones = [joiner.enroll(serial=f"S{number}", key=chr(97 + number)) for number in range(3)]
    for phone in phones[:2]:
        command = erase(phone, owner)
        fleet.approve_command(command_id=command.id, by_member_id=second.id, strength="passkey")
    with pytest.raises(CommandRefused, match="an hour is the limit"):
        erase(phones[2], owner)


def test_clearing_a_passcode_is_refused_on_a_lost_phone(owner: Member, phone: Joined) -> None:
    fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_1", by="system:test")
    with pytest.raises(CommandRefused, match="whoever has it"):
        fleet.order_destructive(
            device_id=phone.device_id, request_type="ClearPasscode", by_member_id=owner.id, strength="passkey"
        )
    with pytest.raises(CommandRefused):
        fleet.order_command(device_id=phone.device_id, request_type="RestartDevice", by="system:test")


def test_an_approver_who_became_one_today_does_not_count(
    owner: Member, phone: Joined, practice: PracticeRecord
) -> None:
    with clock.frozen(clock.now() + timedelta(hours=1)):
        late = signed_in_officer(practice.id, "Eve New", "eve@example.org")
        assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == ()
    with clock.frozen(clock.now() + timedelta(hours=26)):
        assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == (late.id,)


def test_an_officer_who_never_signed_in_approves_nothing_and_leaves_the_other_alone(
    owner: Member, joiner: Joiner, practice: PracticeRecord
) -> None:
    invited = practice_api.add_member(
        practice_id=practice.id, full_name="Eve Invited", role_names=("it_lead",), by="system:test"
    )
    phone = joiner.enroll()
    assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == ()
    assert fleet.is_alone(practice_id=practice.id, member_id=owner.id)
    assert erase(phone, owner).alone
    # They take the invitation up: a day later they may approve, and from then on there are two.
    secret = practice_api.invite_member(member_id=invited.id, by=f"member:{owner.id}")
    come_in(secret)
    practice_api.open_account(member_id=invited.id, email="eve@example.org", by="system:test")
    assert fleet.is_alone(practice_id=practice.id, member_id=owner.id)
    assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == ()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == (invited.id,)
        assert not fleet.is_alone(practice_id=practice.id, member_id=owner.id)


def test_a_new_sign_in_for_the_other_officer_leaves_nobody_alone(
    owner: Member, second: Member, phone: Joined, practice: PracticeRecord
) -> None:
    """One officer must not get alone by having the other's sign-in replaced."""
    secret = practice_api.invite_to_new_sign_in(member_id=second.id, by=f"member:{owner.id}")
    practice_api.spend_link(secret=secret, purpose=practice_api.NEW_SIGN_IN)
    assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == ()
    assert not fleet.is_alone(practice_id=practice.id, member_id=owner.id)
    assert not erase(phone, owner).alone


def test_a_sign_in_made_by_the_servers_link_counts_after_a_day(
    owner: Member, second: Member, phone: Joined, practice: PracticeRecord
) -> None:
    """Whoever has a shell on the server is not the second person by that."""
    practice_api.open_account(member_id=owner.id, email=owner.email, by="system:test")
    assert fleet.other_approvers(practice_id=practice.id, ordered_by=second.id) == (owner.id,)
    secret = practice_api.make_owner_link(practice_id=practice.id, member_id=owner.id, host_user="it")
    practice_api.spend_link(secret=secret, purpose=practice_api.OWNER_LINK)
    practice_api.open_account(member_id=owner.id, email="not-dana@example.org", by="system:host")
    assert fleet.other_approvers(practice_id=practice.id, ordered_by=second.id) == ()
    assert owner.id not in fleet.seasoned_officers(practice_id=practice.id)
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert fleet.other_approvers(practice_id=practice.id, ordered_by=second.id) == (owner.id,)


def come_in(secret: str) -> None:
    practice_api.spend_link(secret=secret, purpose=practice_api.INVITATION)


def test_the_inviter_cannot_be_the_approver(
    owner: Member, second: Member, phone: Joined, practice: PracticeRecord
) -> None:
    command = erase(phone, owner)
    secret = practice_api.invite_member(member_id=second.id, by=f"member:{owner.id}")
    come_in(secret)
    with pytest.raises(CommandRefused, match="second officer"):
        fleet.check_approval(command_id=command.id, by_member_id=second.id, strength="passkey")
    with pytest.raises(CommandRefused, match="second officer"):
        fleet.approve_command(command_id=command.id, by_member_id=second.id, strength="passkey")
    assert fleet.seasoned_officers(practice_id=practice.id) == {owner.id}
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == (second.id,)


def test_a_sign_in_invited_before_the_first_phone_counts_at_once(
    owner: Member, second: Member, joiner: Joiner, practice: PracticeRecord
) -> None:
    secret = practice_api.invite_member(member_id=second.id, by="system:test")
    command = erase(joiner.enroll(), owner)
    come_in(secret)
    fleet.approve_command(command_id=command.id, by_member_id=second.id, strength="passkey")
    assert Command.objects.get(pk=command.id).authorized_at is not None


def test_a_replaced_sign_in_waits_a_day_however_early_its_link_was_made(
    owner: Member, second: Member, joiner: Joiner, practice: PracticeRecord
) -> None:
    secret = practice_api.invite_to_new_sign_in(member_id=second.id, by=f"member:{owner.id}")
    joiner.enroll()
    practice_api.spend_link(secret=secret, purpose=practice_api.NEW_SIGN_IN)
    assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == ()


def locate(phone: Joined, case_ref: str = "case_1") -> Command:
    """Ask where a phone is."""
    command_id = fleet.order_command(
        device_id=phone.device_id,
        request_type="DeviceLocation",
        case_ref=case_ref,
        by="member:1",
        urgent=True,
    )
    row: Command = Command.objects.get(pk=command_id)
    return row


def refusals(practice: PracticeRecord) -> list[tuple[str, str]]:
    bodies = event_bodies(practice_id=practice.id)
    return [
        (str(body["reason"]), str(body["at_point"]))
        for body in bodies
        if body["kind"] == "fleet.destructive_command_refused"
    ]


@pytest.mark.parametrize("wrong", ["personal", "unsupervised", "supervision unknown", "not lost", "no case"])
def test_a_phone_that_may_not_be_located_is_not_asked_and_the_refusal_is_recorded(
    practice: PracticeRecord, joiner: Joiner, wrong: str
) -> None:
    phone = joiner.enroll(serial="WHERE", ownership="personal" if wrong == "personal" else "practice")
    supervised = {"unsupervised": False, "supervision unknown": None}.get(wrong, True)
    Device.objects.filter(pk=phone.device_id).update(supervised=supervised)
    if wrong != "not lost":
        fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_1", by="system:test")
    with pytest.raises(CommandRefused, match="Only a supervised, practice-owned, lost device"):
        locate(phone, "" if wrong == "no case" else "case_1")
    assert not Command.objects.filter(request_type="DeviceLocation").exists()
    assert refusals(practice) == [("no_right_to_locate", "order")]


@pytest.mark.parametrize("change", ["found", "supervision gone", "personal now"])
def test_a_place_is_not_asked_for_when_the_right_went_between_order_and_hand_out(
    practice: PracticeRecord, phone: Joined, change: str
) -> None:
    Device.objects.filter(pk=phone.device_id).update(supervised=True)
    fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_1", by="system:test")
    command = locate(phone)
    if change == "found":
        fleet.clear_lost(case_ref="case_1", by="system:test")
    elif change == "supervision gone":
        Device.objects.filter(pk=phone.device_id).update(supervised=False)
    else:
        Device.objects.filter(pk=phone.device_id).update(ownership="personal")
    assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
    command.refresh_from_db()
    assert command.state == "refused"
    assert refusals(practice) == [("no_right_to_locate", "hand_out")]


def test_a_lost_supervised_phone_of_the_practice_is_asked_where_it_is(phone: Joined) -> None:
    Device.objects.filter(pk=phone.device_id).update(supervised=True)
    fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_1", by="system:test")
    locate(phone)
    handed = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
    assert handed is not None
    assert handed.request_type == "DeviceLocation"


def test_removing_a_managed_app_takes_its_data_and_needs_a_second_yes(
    owner: Member, second: Member, phone: Joined
) -> None:
    with pytest.raises(CommandRefused, match="needs its own order"):
        fleet.order_command(
            device_id=phone.device_id, request_type="RemoveApplication",
            params={"identifier": "org.example.chart"}, by="system:test",
        )  # fmt: skip

    def order(app: str) -> Command:
        command_id = fleet.order_destructive(
            device_id=phone.device_id, request_type="RemoveApplication", params={"identifier": app},
            by_member_id=owner.id, strength="passkey",
        )  # fmt: skip
        row: Command = Command.objects.get(pk=command_id)
        return row

    chart, notes = order("org.example.chart"), order("org.example.notes")
    assert chart.id != notes.id
    assert order("org.example.chart").id == chart.id
    assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
    for command in (chart, notes):
        fleet.approve_command(command_id=command.id, by_member_id=second.id, strength="passkey")
    assert queue.next_command(enrollment_id=phone.enrollment_id, idle=True) is None
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        handed = [queue.next_command(enrollment_id=phone.enrollment_id, idle=True) for _ in range(2)]
    assert [item.params["identifier"] for item in handed if item is not None] == [
        "org.example.chart", "org.example.notes"
    ]  # fmt: skip
