"""When a phone's certificates are revoked for good, what the revocation list says, and who is heard still."""

from __future__ import annotations

from uuid import UUID

import pytest
from cryptography import x509

from pocketward.fleet import api as fleet
from pocketward.fleet import joining
from pocketward.pki import api as pki
from pocketward.practice.records import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from tests.fleet.apple.conftest import Enrolled
from tests.fleet.apple.identities import issue
from tests.fleet.apple.phones import HEALTHY
from tests.fleet.apple.test_erase_at_the_wire import come_back, order_erase
from tests.fleet.conftest import second as second


@pytest.fixture
def doomed(practice: PracticeRecord, owner: Member, second: Member, phone: Enrolled) -> Enrolled:
    """A phone with both identities and nothing left to do."""
    phone.wire.work_through(HEALTHY)
    issue(practice.id, phone.enrollment_id, "access")
    pki.bind_device(enrollment_id=phone.enrollment_id, device_id=phone.device_id)
    return phone


def states(device_id: UUID, enrollment_id: UUID) -> dict[str, str]:
    """The state of each identity of an enrollment, by purpose."""
    found = pki.certificates_of(device_id=device_id)
    return {one.purpose: one.state for one in found if one.enrollment_id == enrollment_id}


def listed(practice: PracticeRecord, device_id: UUID) -> list[x509.ReasonFlags]:
    """The reasons for which this device's access identities are on the revocation list."""
    found = x509.load_der_x509_crl(pki.crl(practice_id=practice.id))
    mine = [one for one in pki.certificates_of(device_id=device_id) if one.purpose == "access"]
    entries = [found.get_revoked_certificate_by_serial_number(int(one.serial_hex, 16)) for one in mine]
    return [one.extensions.get_extension_for_class(x509.CRLReason).value.reason for one in entries if one]


BOTH_REVOKED = {"management": "revoked", "access": "revoked"}


def test_a_proven_erase_revokes_both_identities_and_the_old_one_is_refused_and_still_heard(
    doomed: Enrolled, owner: Member, second: Member, practice: PracticeRecord
) -> None:
    order_erase(doomed, owner, second)
    doomed.wire.report("Acknowledged", doomed.wire.next())
    assert states(doomed.device_id, doomed.enrollment_id)["management"] == "valid"
    joining.push_token_died(enrollment_id=doomed.enrollment_id)
    assert states(doomed.device_id, doomed.enrollment_id) == BOTH_REVOKED
    assert listed(practice, doomed.device_id) == [x509.ReasonFlags.cessation_of_operation]
    sealed = [
        body for body in event_bodies(practice_id=practice.id) if body["kind"] == "pki.certificate_revoked"
    ]
    assert {(body["purpose"], body["case_ref"]) for body in sealed} == {
        ("management", "case_1"), ("access", "case_1")
    }  # fmt: skip

    assert doomed.wire.report().status == 403
    (intent,) = fleet.erase_intents(device_id=doomed.device_id)
    assert (intent.state, intent.contradicted_at is not None) == ("open", True)


def test_a_revoked_identity_that_asks_to_join_again_contradicts_its_erase_too(
    doomed: Enrolled, owner: Member, second: Member
) -> None:
    order_erase(doomed, owner, second)
    doomed.wire.report("Acknowledged", doomed.wire.next())
    joining.push_token_died(enrollment_id=doomed.enrollment_id)
    assert doomed.wire.authenticate().status == 403
    assert fleet.erase_intents(device_id=doomed.device_id)[0].contradicted_at is not None


def test_the_same_keys_joining_again_prove_nothing_and_the_erase_is_offered_again(
    doomed: Enrolled, owner: Member, second: Member
) -> None:
    command_id = order_erase(doomed, owner, second)
    doomed.wire.report("Acknowledged", doomed.wire.next())
    assert doomed.wire.authenticate().status == 200
    assert doomed.wire.update_token().status == 200
    assert fleet.get_command(command_id=command_id).state == "acknowledged"
    assert fleet.erase_intents(device_id=doomed.device_id)[0].state == "open"
    again = doomed.wire.next()
    assert again is not None
    assert again.request_type == "EraseDevice"


def test_a_new_enrollment_takes_the_old_ones_identities_out_of_use(
    doomed: Enrolled, owner: Member, practice: PracticeRecord
) -> None:
    back = come_back(doomed, practice, owner)
    assert states(doomed.device_id, doomed.enrollment_id) == BOTH_REVOKED
    assert states(doomed.device_id, back.enrollment_id) == {"management": "valid"}
    assert listed(practice, doomed.device_id) == [x509.ReasonFlags.superseded]


def test_a_phone_that_leaves_management_leaves_its_identities(
    doomed: Enrolled, practice: PracticeRecord
) -> None:
    assert doomed.wire.check_out().status == 200
    assert states(doomed.device_id, doomed.enrollment_id) == BOTH_REVOKED
    assert listed(practice, doomed.device_id) == [x509.ReasonFlags.cessation_of_operation]


def test_a_removed_record_opens_nothing_and_can_still_be_erased(
    doomed: Enrolled, owner: Member, second: Member, practice: PracticeRecord
) -> None:
    order_erase(doomed, owner, second)
    fleet.remove_device(device_id=doomed.device_id, by_member_id=owner.id, case_ref="case_1")
    assert states(doomed.device_id, doomed.enrollment_id) == {"management": "valid", "access": "revoked"}
    command = doomed.wire.next()
    assert command is not None
    assert command.request_type == "EraseDevice"


def test_a_phone_that_is_given_up_is_told_nothing_more_and_its_erase_waits_for_its_return(
    doomed: Enrolled, owner: Member, second: Member, practice: PracticeRecord
) -> None:
    order_erase(doomed, owner, second)
    assert fleet.give_up_device(device_id=doomed.device_id, by=f"member:{owner.id}", case_ref="case_1")
    assert states(doomed.device_id, doomed.enrollment_id) == BOTH_REVOKED
    assert listed(practice, doomed.device_id) == [x509.ReasonFlags.key_compromise]
    assert doomed.wire.report().status == 403
    assert not fleet.can_be_told(device_id=doomed.device_id)
    assert not fleet.give_up_device(device_id=doomed.device_id, by=f"member:{owner.id}", case_ref="case_1")
    back = come_back(doomed, practice, owner)
    first = back.wire.next()
    assert first is not None
    assert first.request_type == "EraseDevice"
