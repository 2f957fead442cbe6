"""Identities are renewed in time, and only the way we ordered it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pocketward.kernel import clock
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
    with clock.frozen(now + timedelta(days=269, hours=1)):
        asked = quiet.wire.work_through(HEALTHY)
    assert asked.count("InstallProfile") == 1
