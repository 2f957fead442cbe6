"""A revoked access identity opens nothing, whatever newer one its phone was given."""

from __future__ import annotations

from uuid import UUID

from pocketward.pki import api as pki
from pocketward.practice.api import Member, PracticeRecord
from tests.access.clinic import Door, Phone, sign_in


def ask(door: Door, clinician: Member, ehr: UUID, phone: Phone, header: bytes) -> int:
    """What the door says to this certificate."""
    phone.header = header
    return door.ask(phone, sign_in(clinician, ehr, phone)).status


def revoke(phone: Phone) -> None:
    pki.revoke_device(
        device_id=phone.device_id, purposes=("access",), reason="key_compromise", by="system:test",
        case_ref="case_1",
    )  # fmt: skip


def test_a_revoked_identity_stays_shut_when_its_phone_gets_a_new_one(
    practice: PracticeRecord, clinician: Member, ehr: UUID, phone: Phone, door: Door
) -> None:
    old = phone.header
    assert ask(door, clinician, ehr, phone, old) == 204
    revoke(phone)
    assert ask(door, clinician, ehr, phone, old) == 403
    new = phone.new_identity()
    assert ask(door, clinician, ehr, phone, new) == 204
    assert ask(door, clinician, ehr, phone, old) == 403


def test_with_two_identities_both_are_shut(
    practice: PracticeRecord, clinician: Member, ehr: UUID, phone: Phone, door: Door
) -> None:
    old, new = phone.header, phone.new_identity()
    assert [ask(door, clinician, ehr, phone, one) for one in (old, new)] == [204, 204]
    revoke(phone)
    assert [ask(door, clinician, ehr, phone, one) for one in (old, new)] == [403, 403]


def test_a_hold_lifted_from_one_does_not_free_what_was_revoked_before(
    practice: PracticeRecord, clinician: Member, ehr: UUID, phone: Phone, door: Door
) -> None:
    old = phone.header
    revoke(phone)
    new = phone.new_identity()
    pki.hold_access(device_id=phone.device_id, by="system:test", case_ref="case_2")
    assert ask(door, clinician, ehr, phone, new) == 403
    pki.lift_access_hold(device_id=phone.device_id, by="system:test", case_ref="case_2")
    assert ask(door, clinician, ehr, phone, new) == 204
    assert ask(door, clinician, ehr, phone, old) == 403
