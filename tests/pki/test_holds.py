"""Holding, lifting and revoking, and the list that says so."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509

from pocketward.kernel import clock
from pocketward.pki import api as pki
from pocketward.practice.records import PracticeRecord
from tests.pki.conftest import Phone, kinds, listed, reasons


def hold(phone: Phone, case: str = "case_1") -> tuple[str, ...]:
    assert phone.device_id is not None
    return pki.hold_access(device_id=phone.device_id, by="system:test", case_ref=case)


def lift(phone: Phone, case: str = "case_1") -> tuple[str, ...]:
    assert phone.device_id is not None
    return pki.lift_access_hold(device_id=phone.device_id, by="system:test", case_ref=case)


def test_a_hold_stops_the_access_identity_and_leaves_the_management_identity(phone: Phone) -> None:
    access, management = phone.enrolled("access"), phone.enrolled("management")
    serial = f"{x509.load_der_x509_certificate(access).serial_number:x}"
    assert hold(phone) == (serial,)
    assert hold(phone) == (serial,)
    assert (phone.state_of(access), phone.state_of(management)) == ("held", "valid")
    assert kinds(phone.practice).count("pki.certificate_held") == 1
    assert lift(phone) == (serial,)
    assert phone.state_of(access) == "valid"


def test_lifting_one_case_leaves_the_hold_of_another(phone: Phone) -> None:
    der = phone.enrolled()
    hold(phone, "case_1")
    hold(phone, "case_2")
    assert lift(phone, "case_1") == ()
    assert phone.state_of(der) == "held"
    assert len(lift(phone, "case_2")) == 1
    assert phone.state_of(der) == "valid"


def test_lifting_a_case_that_holds_nothing_lifts_nothing(phone: Phone) -> None:
    der = phone.enrolled()
    hold(phone, "case_1")
    assert lift(phone, "case_9") == ()
    assert phone.state_of(der) == "held"


def test_a_held_device_gets_no_new_access_identity_until_the_hold_is_lifted(phone: Phone) -> None:
    waiting = phone.challenge()
    hold(phone)
    assert phone.enroll(waiting).certificate is None
    assert reasons(phone.practice) == ["on_hold"]
    assert phone.enroll(purpose="management").certificate is not None
    lift(phone)
    assert phone.enroll(waiting).certificate is not None


def test_revoking_also_spends_the_challenges_that_wait(phone: Phone) -> None:
    assert phone.device_id is not None
    der, waiting = phone.enrolled(), phone.challenge()
    assert len(pki.revoke_device(device_id=phone.device_id, reason="key_compromise", by="system:test")) == 1
    assert pki.revoke_device(device_id=phone.device_id, reason="key_compromise", by="system:test") == ()
    assert phone.state_of(der) == "revoked"
    assert phone.enroll(waiting).certificate is None
    hold(phone)
    assert lift(phone) == ()
    assert phone.state_of(der) == "revoked"


def test_an_ended_enrollment_loses_what_it_was_given_and_what_it_could_still_ask_for(phone: Phone) -> None:
    management, waiting = phone.enrolled("management"), phone.challenge("access")
    serials = pki.revoke_enrollment(
        enrollment_id=phone.enrollment_id, purposes=("management", "access"), reason="cessation",
        by="system:test",
    )  # fmt: skip
    assert len(serials) == 1
    assert phone.state_of(management) == "revoked"
    assert phone.enroll(waiting).certificate is None


def test_a_hold_is_on_the_list_with_the_reason_that_can_be_lifted(phone: Phone) -> None:
    der = phone.enrolled()
    assert listed(phone.practice, der) is None
    hold(phone)
    assert listed(phone.practice, der) is x509.ReasonFlags.certificate_hold
    lift(phone)
    assert listed(phone.practice, der) is None
    assert phone.device_id is not None
    pki.revoke_device(device_id=phone.device_id, reason="superseded", by="system:test")
    assert listed(phone.practice, der) is x509.ReasonFlags.superseded


def test_the_list_is_signed_by_the_access_authority_and_numbered_upwards(phone: Phone) -> None:
    phone.enrolled()
    anchor = x509.load_pem_x509_certificate(pki.trust_anchors(practice_id=phone.practice.id)[0].encode())
    numbers = []
    for _ in range(2):
        found = x509.load_der_x509_crl(pki.crl(practice_id=phone.practice.id))
        assert found.issuer == anchor.subject
        assert found.is_signature_valid(anchor.public_key())  # type: ignore[arg-type]
        numbers.append(found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
        hold(phone)
    assert numbers == [1, 2]


def test_an_unchanged_list_is_handed_out_again(phone: Phone) -> None:
    first = pki.crl(practice_id=phone.practice.id)
    assert pki.crl(practice_id=phone.practice.id) == first
    hold(phone)
    assert pki.crl(practice_id=phone.practice.id) == first
    phone_der = _lifted_and_enrolled(phone)
    hold(phone)
    assert listed(phone.practice, phone_der) is x509.ReasonFlags.certificate_hold


def _lifted_and_enrolled(phone: Phone) -> bytes:
    lift(phone)
    return phone.enrolled()


def test_management_identities_name_no_list_and_are_on_none(phone: Phone, practice: PracticeRecord) -> None:
    assert phone.device_id is not None
    der = phone.enrolled("management")
    pki.revoke_device(device_id=phone.device_id, purposes=("management",), reason="lost", by="system:test")
    assert listed(practice, der) is None
    extensions = x509.load_der_x509_certificate(der).extensions
    assert x509.CRLDistributionPoints.oid not in [one.oid for one in extensions]


def test_a_demo_clock_far_ahead_leaves_the_list_on_the_true_clock(phone: Phone) -> None:
    with clock.frozen(clock.true_now() + timedelta(days=400)):
        found = x509.load_der_x509_crl(pki.crl(practice_id=phone.practice.id))
    assert found.last_update_utc <= clock.true_now()
    assert found.next_update_utc is not None and found.next_update_utc > clock.true_now()
