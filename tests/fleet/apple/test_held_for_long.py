"""A phone that is held keeps the identity that containment needs, however long the hold lasts."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet.models import Command as Commands
from pocketward.kernel import clock
from pocketward.practice.records import Member, PracticeRecord
from pocketward.protocols.apple_mdm import parse_profile
from pocketward.spine.api import run_due
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import HEALTHY
from tests.fleet.apple.push_certificates import upload
from tests.fleet.conftest import second as second

# Longer than an identity lives.
DAYS, EVERY = 480, 120


@pytest.fixture(params=["held", "lost"])
def held(request: pytest.FixtureRequest, phone: Enrolled, practice: PracticeRecord) -> Enrolled:
    """A phone held by access rules, or reported lost, with nothing left to do."""
    upload(practice.id, days=2 * DAYS)
    phone.wire.work_through(HEALTHY)
    if request.param == "held":
        fleet.mark_held(device_ids=(phone.device_id,))
    else:
        fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_1", by="system:test")
    return phone


def install_and_take_over(phone: Enrolled, practice: PracticeRecord) -> list[str]:
    """One session in which it does all it is told, and renews its identity when told; what it installed."""
    installed: list[str] = []
    renewed = None
    command = phone.wire.next()
    while command is not None:
        if command.request_type == "InstallProfile":
            installed.append(parse_profile(command.params["Payload"]).identifier.rpartition(".")[2])
            if installed[-1] == "management":
                renewed = issue(practice.id, phone.enrollment_id, "management", phone.device_id)
        command = phone.wire.next("Acknowledged", command, **HEALTHY.get(command.request_type, {}))
    if renewed is not None:
        phone.wire.certificate, phone.wire.key = renewed
    return installed


def test_a_phone_held_longer_than_an_identity_lives_renews_it_and_can_still_be_erased(
    held: Enrolled, practice: PracticeRecord, owner: Member, second: Member
) -> None:
    installed: list[str] = []
    start = clock.now()
    for day in range(EVERY, DAYS + 1, EVERY):
        with clock.frozen(start + timedelta(days=day)):
            run_due(1000)
            installed += install_and_take_over(held, practice)
    assert installed == ["management"], "nothing but the identity of the narrow lane reaches it"
    with clock.frozen(start + timedelta(days=DAYS)):
        fleet.mark_lost(device_ids=(held.device_id,), case_ref="case_1", by="system:test")
        command_id = fleet.order_destructive(
            device_id=held.device_id, request_type="EraseDevice", case_ref="case_1",
            by_member_id=owner.id, strength="passkey",
        )  # fmt: skip
        fleet.approve_command(
            command_id=command_id, by_member_id=second.id, strength="passkey", countdown=timedelta(0)
        )
        command = held.wire.next()
        assert command is not None
        assert command.request_type == "EraseDevice"


@pytest.mark.parametrize("profile", ["access", "policy", "made-up"])
def test_no_other_profile_reaches_a_held_phone_whatever_its_order_is_called(
    held: Enrolled, profile: str
) -> None:
    with clock.frozen(clock.now() + timedelta(hours=1)):
        fleet.order_command(
            device_id=held.device_id, request_type="InstallProfile", params={"profile": profile},
            by="system:test", purpose="renewal",
        )  # fmt: skip
        assert "InstallProfile" not in held.wire.work_through(HEALTHY)
    (row,) = Commands.objects.filter(device_id=held.device_id, purpose="renewal")
    assert msgspec.json.decode(row.params) == {"profile": profile}
    assert row.state == "queued"
