"""The IT provider's technician approves what an officer ordered, and orders nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings as django_settings

from pocketward.fleet import api as fleet
from pocketward.fleet import queue
from pocketward.fleet.errors import CommandRefused, NoSuchCommand
from pocketward.fleet.models import Command
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from tests.fleet.conftest import Joined, Joiner
from tests.fleet.test_guard import erase


def let_in(owner: Member) -> UUID:
    """A technician with a sign-in of their own."""
    member_id = practice_api.give_service_grant(
        practice_id=owner.practice_id, provider="Harbor IT", full_name="Tess Technician",
        email="tess@helpdesk.example", until=clock.now() + timedelta(days=30), by_member_id=owner.id,
    )  # fmt: skip
    practice_api.open_account(member_id=member_id, email="tess@helpdesk.example", by="system:test")
    return member_id


@pytest.fixture
def technician(practice: PracticeRecord, owner: Member) -> UUID:
    """Let in before the first phone joined."""
    return let_in(owner)


@pytest.fixture
def no_mail(monkeypatch: pytest.MonkeyPatch, mail_is_set: None) -> None:
    """No second channel."""
    ours = django_settings.POCKETWARD
    monkeypatch.setattr(django_settings, "POCKETWARD", replace(ours, mail=replace(ours.mail, host="")))


def approve(command: Command, by: UUID, strength: str = "passkey") -> None:
    fleet.check_approval(command_id=command.id, by_member_id=by, strength=strength)
    fleet.approve_command(command_id=command.id, by_member_id=by, strength=strength)


def handed_after(phone: Joined, **delta: int) -> str:
    """What the phone is given after this time."""
    with clock.frozen(clock.now() + timedelta(**delta)):
        found = queue.next_command(enrollment_id=phone.enrollment_id, idle=True)
    return found.request_type if found is not None else ""


def test_a_practice_of_one_erases_at_once_when_its_provider_approves(
    owner: Member, technician: UUID, phone: Joined
) -> None:
    command = erase(phone, owner)
    assert command.alone
    assert fleet.orders_to_approve(practice_id=owner.practice_id) == (command.id,)
    assert handed_after(phone, seconds=61) == ""
    approve(command, technician)
    assert fleet.orders_to_approve(practice_id=owner.practice_id) == ()
    assert handed_after(phone, seconds=61) == "EraseDevice"
    bodies = event_bodies(practice_id=owner.practice_id)
    (sealed,) = [body for body in bodies if body["kind"] == "fleet.destructive_command_approved"]
    assert (sealed["approver_id"], sealed["strength"]) == (str(technician), "passkey")


def test_without_the_provider_the_quarter_of_an_hour_runs_as_before(
    owner: Member, technician: UUID, phone: Joined
) -> None:
    erase(phone, owner)
    assert handed_after(phone, minutes=14) == ""
    assert handed_after(phone, minutes=16) == "EraseDevice"


def test_outside_a_case_the_cooling_off_time_stays(owner: Member, technician: UUID, phone: Joined) -> None:
    command = erase(phone, owner, case_ref="")
    approve(command, technician)
    assert handed_after(phone, minutes=9) == ""
    assert handed_after(phone, minutes=11) == "EraseDevice"


def test_an_approved_order_can_still_be_stopped(owner: Member, technician: UUID, phone: Joined) -> None:
    command = erase(phone, owner)
    approve(command, technician)
    assert fleet.stop_command(command_id=command.id, by=f"member:{owner.id}")
    assert handed_after(phone, hours=1) == ""


def test_without_mail_the_only_officers_order_waits_for_the_provider_alone(
    owner: Member, technician: UUID, phone: Joined, no_mail: None
) -> None:
    command = erase(phone, owner)
    assert (command.state, command.alone) == ("requested", False)
    assert handed_after(phone, hours=2) == ""
    approve(command, technician)
    assert handed_after(phone, seconds=61) == "EraseDevice"


def test_without_mail_and_without_a_provider_it_is_refused(
    owner: Member, phone: Joined, no_mail: None
) -> None:
    with pytest.raises(CommandRefused, match="needs mail"):
        erase(phone, owner)


def test_a_grant_younger_than_a_day_does_not_count(owner: Member, phone: Joined) -> None:
    with clock.frozen(clock.now() + timedelta(hours=1)):
        late = let_in(owner)
        command = erase(phone, owner)
        with pytest.raises(CommandRefused, match="second officer"):
            approve(command, late)
    with clock.frozen(clock.now() + timedelta(hours=26)):
        assert fleet.seasoned_technicians(practice_id=owner.practice_id) == {late}


def test_a_technician_who_never_signed_in_does_not_count(
    practice: PracticeRecord, owner: Member, phone: Joined
) -> None:
    practice_api.give_service_grant(
        practice_id=practice.id, provider="Harbor IT", full_name="Tess Technician", email="t@example.org",
        until=clock.now() + timedelta(days=30), by_member_id=owner.id,
    )  # fmt: skip
    with clock.frozen(clock.now() + timedelta(hours=26)):
        assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == ()


@pytest.mark.parametrize("ending", ["revoked", "expired"])
def test_a_grant_that_is_over_approves_nothing(
    owner: Member, technician: UUID, phone: Joined, ending: str
) -> None:
    if ending == "revoked":
        (grant,) = practice_api.service_grants(practice_id=owner.practice_id)
        practice_api.end_service_grant(grant_id=grant.id, by="system:test")
    with clock.frozen(clock.now() + timedelta(days=0 if ending == "revoked" else 31)):
        command = erase(phone, owner)
        with pytest.raises(CommandRefused, match="second officer"):
            approve(command, technician)


def test_a_technician_orders_nothing_and_needs_a_passkey(
    owner: Member, second: Member, technician: UUID, phone: Joined
) -> None:
    with pytest.raises(CommandRefused, match="officer for a day"):
        fleet.order_erase(device_id=phone.device_id, case_ref="", by_member_id=technician, strength="passkey")
    command = erase(phone, owner)
    with pytest.raises(CommandRefused, match="passkey"):
        approve(command, technician, strength="totp")
    approve(command, technician)
    with pytest.raises(NoSuchCommand):
        approve(command, second.id)


def test_a_technician_does_not_change_the_guards_limits(
    owner: Member, second: Member, technician: UUID, joiner: Joiner
) -> None:
    proposal = fleet.propose_guard_options(
        practice_id=owner.practice_id, per_hour=3, percent_per_day=5, least_per_day=2, by_member_id=owner.id,
        strength="passkey",
    )  # fmt: skip
    with pytest.raises(CommandRefused, match="officer for a day"):
        fleet.approve_guard_options(proposal_id=proposal, by_member_id=technician, strength="passkey")


def test_a_technician_approves_a_change_that_closes_many_phones(
    practice: PracticeRecord, owner: Member, technician: UUID, phone: Joined, no_mail: None
) -> None:
    wait = fleet.wait_of_wide_change(practice_id=practice.id, by_member_id=owner.id, strength="passkey")
    assert wait is None
    assert fleet.approve_wide_change(
        practice_id=practice.id, ordered_by=owner.id, by_member_id=technician, strength="passkey"
    ) == timedelta(minutes=10)
    with pytest.raises(CommandRefused, match="officer for a day"):
        fleet.wait_of_wide_change(practice_id=practice.id, by_member_id=technician, strength="passkey")
