"""What an officer closes and what a leaver had: refused by the gate and by the list of the authority."""

from __future__ import annotations

from uuid import UUID

import pytest
from cryptography import x509

from pocketward.access import api as access
from pocketward.fleet import api as fleet
from pocketward.fleet import joining
from pocketward.pki import api as pki
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response
from tests.access.clinic import Door, Phone, sign_in


def listed(practice: PracticeRecord) -> dict[int, x509.ReasonFlags]:
    """What the practice's revocation list says now: serial and reason."""
    found = x509.load_der_x509_crl(pki.crl(practice_id=practice.id))
    return {
        item.serial_number: item.extensions.get_extension_for_class(x509.CRLReason).value.reason
        for item in found
    }


def state(phone: Phone) -> set[str]:
    return {item.state for item in pki.certificates_of(device_id=phone.device_id) if item.purpose == "access"}


@pytest.mark.parametrize(
    ("language", "said", "remedy"),
    [
        ("en", "An officer closed records on this phone.", "Ask an officer of your practice why"),
        ("es", "Una persona responsable cerró los expedientes", "Pregunte a una persona responsable"),
    ],
)
def test_what_an_officer_closed_is_refused_in_words_that_say_so(
    practice: PracticeRecord,
    owner: Member,
    clinician: Member,
    phone: Phone,
    ehr: UUID,
    door: Door,
    language: str,
    said: str,
    remedy: str,
) -> None:
    phone.tell()
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    response.close_records(device_id=phone.device_id, reason="In repair.", by_member_id=owner.id)
    assert state(phone) == {"held"}
    assert set(listed(practice).values()) == {x509.ReasonFlags.certificate_hold}
    assert access.gate_sessions(practice_id=practice.id) == ()
    refused = door.ask(phone, token)
    assert refused.status == 403
    door.hand_over()
    told = access.explain_decision(decision_id=refused.decision_id, audience="person", language=language)
    assert said in told.steps[0].cause
    assert told.steps[0].remedy.startswith(remedy)
    assert "back" not in " ".join(step.remedy for step in told.steps)
    assert told.steps[0].code == "device_closed"
    response.open_records(device_id=phone.device_id, by_member_id=owner.id)
    assert (state(phone), listed(practice)) == ({"valid"}, {})
    fresh = sign_in(clinician, ehr, phone)
    assert door.ask(phone, fresh).status == 403
    phone.tell()
    assert door.ask(phone, fresh).status == 204


def test_when_a_person_leaves_their_phones_certificate_is_held_and_their_sessions_end(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.tell()
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    assert state(phone) == {"held"}
    assert set(listed(practice).values()) == {x509.ReasonFlags.certificate_hold}
    assert access.gate_sessions(practice_id=practice.id) == ()
    assert door.ask(phone, token).status == 403


def test_the_next_person_of_a_leavers_phone_begins_anew(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.tell()
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    fleet.assign_device(device_id=phone.device_id, member_id=None, by="system:test")
    assert state(phone) == {"held"}
    fresh = practice_api.add_member(
        practice_id=practice.id, full_name="Nora Next", role_names=("clinician",), by="system:test"
    )
    fleet.assign_device(device_id=phone.device_id, member_id=fresh.id, by="system:test")
    assert (state(phone), listed(practice)) == ({"valid"}, {})
    token = sign_in(fresh, ehr, phone)
    assert door.ask(phone, token).status == 204


def test_an_officers_hold_outlives_the_change_of_hands(
    practice: PracticeRecord, owner: Member, clinician: Member, phone: Phone
) -> None:
    response.close_records(device_id=phone.device_id, reason="In repair.", by_member_id=owner.id)
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    fresh = practice_api.add_member(practice_id=practice.id, full_name="Nora Next", by="system:test")
    fleet.assign_device(device_id=phone.device_id, member_id=fresh.id, by="system:test")
    assert state(phone) == {"held"}
    response.open_records(device_id=phone.device_id, by_member_id=owner.id)
    assert state(phone) == {"valid"}


@pytest.mark.parametrize("to_somebody_here", [True, False])
def test_a_leavers_phone_that_joins_again_gets_a_new_identity_only_for_somebody_here(
    practice: PracticeRecord, clinician: Member, phone: Phone, to_somebody_here: bool
) -> None:
    ticket_of = clinician
    if to_somebody_here:
        ticket_of = practice_api.add_member(practice_id=practice.id, full_name="Nora Next", by="system:test")
    ticket = fleet.create_enrollment_ticket(
        practice_id=practice.id, member_id=ticket_of.id, ownership="practice", kind="iphone",
        label="Phone SER1", by="system:test",
    )  # fmt: skip
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    joined = joining.authenticate(
        enrollment_id=ticket.enrollment_id, fingerprint="e" * 64, udid="UDID-SER1", serial="SER1",
        product_name="iPhone15,4", topic="com.apple.mgmt.External.test",
    )  # fmt: skip
    joining.update_token(
        enrollment_id=ticket.enrollment_id, token=b"\x02" * 32, push_magic="magic", unlock_token=b"unlock",
        topic="com.apple.mgmt.External.test",
    )  # fmt: skip
    assert joined.device_id == phone.device_id
    phone.enrollment_id = joined.id
    if to_somebody_here:
        phone.header = phone.new_identity()
        assert "valid" in state(phone)
        return
    with pytest.raises(Exception, match="No access identity"):
        phone.new_identity()


def test_a_shared_tablet_stays_when_the_last_person_who_used_it_leaves(
    practice: PracticeRecord, clinician: Member, phone: Phone
) -> None:
    from pocketward.fleet.models import Device

    Device.objects.filter(pk=phone.device_id).update(shared=True)
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    assert state(phone) == {"valid"}
