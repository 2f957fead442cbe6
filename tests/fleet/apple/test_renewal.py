"""Identities are renewed in time, and only the way we ordered it."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet.models import Command as Commands
from pocketward.kernel import clock
from pocketward.pki import api as pki
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.apple_mdm import Command, parse_profile
from pocketward.spine.api import event_bodies, run_due
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import HEALTHY, WirePhone
from tests.fleet.apple.push_certificates import upload

TWO_THIRDS = timedelta(days=398 * 2 / 3 + 2)


@pytest.fixture
def quiet(phone: Enrolled, practice: PracticeRecord) -> Enrolled:
    """A phone with nothing left to do, of a practice with a push certificate."""
    upload(practice.id, days=800)
    phone.wire.work_through(HEALTHY)
    return phone


def renewal_of(phone: Enrolled) -> Command:
    """The renewal of the management identity, as the phone is handed it."""
    command = phone.wire.next()
    for _ in range(10):
        assert command is not None
        payload = command.params.get("Payload")
        if payload is not None and parse_profile(payload).payloads_of("com.apple.mdm"):
            return command
        command = phone.wire.next("Acknowledged", command, **HEALTHY.get(command.request_type, {}))
    raise AssertionError("no renewal was handed out")


def test_after_two_thirds_of_its_life_the_phone_is_told_to_renew_its_identity(quiet: Enrolled) -> None:
    with clock.frozen(clock.now() + TWO_THIRDS):
        run_due()
        profile = parse_profile(renewal_of(quiet).params["Payload"])
    assert profile.signer is not None
    assert profile.identifier.endswith(".management")
    (mdm,) = profile.payloads_of("com.apple.mdm")
    (scep,) = profile.payloads_of("com.apple.security.scep")
    assert mdm.content["IdentityCertificateUUID"] == scep.uuid


def test_the_renewed_identity_takes_over_and_the_old_one_speaks_no_more(
    quiet: Enrolled, practice: PracticeRecord
) -> None:
    with clock.frozen(clock.now() + TWO_THIRDS):
        run_due()
        quiet.wire.report("Acknowledged", renewal_of(quiet))
        renewed = WirePhone(practice.id, issue(practice.id, quiet.enrollment_id), quiet.wire.serial)
        assert renewed.report().status == 200
        assert quiet.wire.report().status == 403
        kinds = [event["kind"] for event in event_bodies(practice_id=practice.id, limit=2000)]
        assert kinds.count("fleet.identity_rolled_over") == 1


def test_another_certificate_for_the_same_ticket_never_takes_over(
    quiet: Enrolled, practice: PracticeRecord
) -> None:
    other = WirePhone(practice.id, issue(practice.id, quiet.enrollment_id), quiet.wire.serial)
    assert other.report().status == 403
    assert other.update_token(push_magic="thief").status == 403
    with clock.frozen(clock.now() + TWO_THIRDS):
        run_due()
        quiet.wire.report("Acknowledged", renewal_of(quiet))
        assert other.report().status == 403


def test_a_renewal_that_waits_is_not_ordered_twice(quiet: Enrolled) -> None:
    now = clock.now()
    for days in (267, 268, 269):
        with clock.frozen(now + timedelta(days=days)):
            run_due()
    assert install_profiles(quiet)[1:].count("management") == 1
    assert install_profiles(quiet)[1:].count("access") == 1


def install_profiles(phone: Enrolled) -> list[str]:
    """Which profiles the phone was ordered to install, oldest first."""
    rows = Commands.objects.filter(device_id=phone.device_id, request_type="InstallProfile")
    return [msgspec.json.decode(row.params)["profile"] for row in rows.order_by("id")]


def give_access(phone: Enrolled, practice: PracticeRecord) -> None:
    """The phone fetches an access identity, as SCEP would issue it."""
    issue(practice.id, phone.enrollment_id, "access", phone.device_id)


def pass_days(days: int, every: int = 1) -> datetime:
    """The worker runs while so many days pass; when they are over."""
    start = clock.now()
    for day in range(every, days + 1, every):
        with clock.frozen(start + timedelta(days=day)):
            run_due(1000)
    return start + timedelta(days=days)


def test_a_phone_away_past_the_end_of_its_access_identity_is_offered_another_on_its_return(
    quiet: Enrolled, practice: PracticeRecord
) -> None:
    give_access(quiet, practice)
    before = len(install_profiles(quiet))
    with clock.frozen(pass_days(100)):
        orders = Commands.objects.filter(device_id=quiet.device_id, finished_at=None)
        waiting = [
            msgspec.json.decode(row.params)["profile"] for row in orders.filter(request_type="InstallProfile")
        ]
        assert waiting == ["access"]
        assert "InstallProfile" in quiet.wire.work_through(HEALTHY)
        give_access(quiet, practice)
        # It has one again: nothing more is offered.
        with clock.frozen(pass_days(5)):
            assert (
                len(
                    Commands.objects.filter(
                        device_id=quiet.device_id, finished_at=None, request_type="InstallProfile"
                    )
                )
                == 0
            )
    assert len(install_profiles(quiet)) <= before + 8  # renewals and offers live a week each


@pytest.mark.parametrize("why", ["held", "lost"])
def test_a_held_or_lost_phone_is_offered_no_new_access_identity(
    quiet: Enrolled, practice: PracticeRecord, why: str
) -> None:
    with clock.frozen(clock.now() + timedelta(days=3)):
        if why == "held":
            fleet.mark_held(device_ids=(quiet.device_id,))
        else:
            fleet.mark_lost(device_ids=(quiet.device_id,), case_ref="case_x", by="system:test")
        before = install_profiles(quiet)
        with clock.frozen(pass_days(3)):
            assert install_profiles(quiet) == before


def test_a_phone_whose_management_ended_is_offered_no_access_identity(
    quiet: Enrolled, practice: PracticeRecord
) -> None:
    pki.revoke_device(
        device_id=quiet.device_id, purposes=("management",), reason="key_compromise", by="system:test"
    )
    before = install_profiles(quiet)
    with clock.frozen(pass_days(3)):
        assert install_profiles(quiet) == before
