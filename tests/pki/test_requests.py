"""Who gets a certificate, and who is told no and remembered."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography import x509

from pocketward.kernel import clock
from pocketward.pki import api as pki
from pocketward.pki import issuing
from pocketward.pki.models import Challenge
from pocketward.protocols import scep
from pocketward.spine.api import event_bodies
from tests.pki.conftest import Phone, kinds, reasons
from tests.protocols.scep.parties import issue, rsa_key


@pytest.mark.parametrize("purpose", ["management", "access"])
def test_a_challenge_gives_an_identity_of_its_purpose(phone: Phone, purpose: str) -> None:
    der = phone.enrolled(purpose)
    identity = pki.identity_of(practice_id=phone.practice.id, certificate_der=der)
    assert identity is not None
    assert (identity.purpose, identity.state) == (purpose, "valid")
    assert (identity.enrollment_id, identity.device_id) == (phone.enrollment_id, phone.device_id)
    assert issuing.purpose_of(x509.load_der_x509_certificate(der)) == purpose
    issued = [body for body in event_bodies(practice_id=phone.practice.id) if body["kind"] == "pki.certificate_issued"]  # noqa: E501  # fmt: skip
    assert [body["fingerprint"] for body in issued] == [identity.fingerprint]


def test_a_challenge_is_kept_only_as_a_digest(phone: Phone) -> None:
    secret = phone.challenge()
    assert secret not in str(Challenge.objects.values())


def test_a_challenge_works_once_and_its_replay_is_recorded(phone: Phone) -> None:
    secret = phone.challenge()
    assert phone.enroll(secret).certificate is not None
    again = phone.enroll(secret)
    assert (again.certificate, again.fail_info) == (None, scep.FailInfo.BAD_REQUEST)
    assert reasons(phone.practice) == ["used"]
    assert kinds(phone.practice).count("pki.certificate_issued") == 1


def test_every_refused_challenge_gets_the_same_words_but_its_own_reason_in_the_record(phone: Phone) -> None:
    late = phone.challenge(minutes=5)
    said = [phone.enroll("made up").fail_text, phone.enroll("").fail_text]
    said.append(phone.enroll(phone.challenge("management"), "access").fail_text)
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        said.append(phone.enroll(late).fail_text)
    assert len(set(said)) == 1
    assert reasons(phone.practice) == ["unknown", "missing", "wrong_purpose", "expired"]


def test_guesses_are_counted_but_do_not_fill_the_ledger(phone: Phone) -> None:
    from pocketward.pki import refusals

    pace = refusals.Pace(most=2)
    passed = [pace.take(phone.practice.id, moment) for moment in (0, 1, 2, 3, 3600.5)]
    assert passed == [0, 0, None, None, 2]


def test_a_valid_identity_renews_with_a_new_key(phone: Phone) -> None:
    first = phone.enrolled()
    second = phone.renew(first).certificate
    assert second is not None
    assert phone.state_of(first) == phone.state_of(second) == "valid"
    judged = pki.certificates_of(device_id=phone.device_id or uuid4())
    assert [one.enrollment_id for one in judged] == [phone.enrollment_id] * 2
    renewed = [body["renewed"] for body in event_bodies(practice_id=phone.practice.id) if body["kind"] == "pki.certificate_issued"]  # noqa: E501  # fmt: skip
    assert renewed == [False, True]


def test_an_identity_renews_only_into_its_own_purpose(phone: Phone) -> None:
    management = phone.enrolled("management")
    assert phone.renew(management, "access").certificate is None
    assert reasons(phone.practice) == ["wrong_purpose"]


def test_held_revoked_and_ended_identities_do_not_renew(phone: Phone) -> None:
    assert phone.device_id is not None
    der = phone.enrolled()
    pki.hold_access(device_id=phone.device_id, by="system:test", case_ref="case_1")
    assert phone.renew(der).certificate is None
    pki.lift_access_hold(device_id=phone.device_id, by="system:test", case_ref="case_1")
    with clock.frozen(clock.now() + timedelta(days=91)):
        assert phone.renew(der).certificate is None
    pki.revoke_device(device_id=phone.device_id, reason="superseded", by="system:test")
    assert phone.renew(der).certificate is None
    assert reasons(phone.practice) == ["held", "expired", "revoked"]


def test_a_certificate_that_is_not_ours_does_not_renew(phone: Phone) -> None:
    assert phone.renew(issue(phone.key.public_key())).certificate is None
    assert reasons(phone.practice) == ["not_ours"]


def test_an_identity_of_another_practice_counts_for_nothing_here(phone: Phone) -> None:
    from pocketward.practice import api as practice_api
    from pocketward.spine.api import practice_scope

    der = phone.enrolled()
    other = practice_api.create_practice(name="Elm Street Therapy", by="system:test")
    with practice_scope(other.id):
        pki.ensure_authority(practice_id=other.id)
        assert pki.identity_of(practice_id=other.id, certificate_der=der) is None
        assert Phone(other).enroll(_challenge_of(phone)).certificate is None


def _challenge_of(phone: Phone) -> str:
    from pocketward.spine.api import practice_scope

    with practice_scope(phone.practice.id):
        return phone.challenge()


def test_old_algorithms_need_the_practice_to_allow_them_and_are_recorded(phone: Phone) -> None:
    phone.habits = scep.OldHabits(single_des=True, sha1=True, constructed=True, unsorted_attributes=True)
    refused = phone.enroll()
    assert refused.fail_info is scep.FailInfo.BAD_ALG
    assert reasons(phone.practice) == ["old_algorithm"]
    pki.allow_legacy(practice_id=phone.practice.id, allowed=True, by="member:x")
    pki.allow_legacy(practice_id=phone.practice.id, allowed=True, by="member:x")
    assert phone.enroll().certificate is not None
    assert kinds(phone.practice).count("pki.legacy_algorithms_allowed") == 1
    (used,) = [body for body in event_bodies(practice_id=phone.practice.id) if body["kind"] == "pki.legacy_algorithm_used"]  # noqa: E501  # fmt: skip
    assert used["algorithms"] == ["single DES", "SHA-1"]


def test_the_device_becomes_known_after_its_identity_was_issued(phone: Phone) -> None:
    phone.device_id = None
    management, later = phone.enrolled("management"), phone.challenge("access")
    device = uuid4()
    pki.bind_device(enrollment_id=phone.enrollment_id, device_id=device)
    assert phone.enroll(later).certificate is not None
    assert [one.purpose for one in pki.certificates_of(device_id=device)] == ["access", "management"]
    identity = pki.identity_of(practice_id=phone.practice.id, certificate_der=management)
    assert identity is not None and identity.device_id == device
    assert kinds(phone.practice).count("pki.certificate_bound") == 1


def test_identities_are_due_at_two_thirds_of_their_life_until_a_newer_one_exists(phone: Phone) -> None:
    der = phone.enrolled("management")
    now = clock.now()
    practice_id = phone.practice.id
    assert pki.due_for_renewal(practice_id=practice_id, at=now + timedelta(days=265)) == ()
    with clock.frozen(now + timedelta(days=266)):
        (due,) = pki.due_for_renewal(practice_id=practice_id, at=clock.now())
        assert pki.renewal_time(due) < clock.now()
        assert phone.renew(der, "management").certificate is not None
        assert pki.due_for_renewal(practice_id=practice_id, at=clock.now()) == ()
    (due,) = pki.due_for_renewal(practice_id=practice_id, at=now + timedelta(days=266 + 266))
    assert due.not_after > now + timedelta(days=600)


def test_thirteen_months_of_renewing_when_due_leave_no_day_without_an_identity(phone: Phone) -> None:
    der, start = phone.enrolled(), clock.now()
    for day in range(0, 396, 3):
        with clock.frozen(start + timedelta(days=day, hours=1)):
            assert phone.state_of(der) == "valid"
            if pki.due_for_renewal(practice_id=phone.practice.id, at=clock.now()):
                renewed = phone.renew(der).certificate
                assert renewed is not None
                der, phone.key = renewed, rsa_key(11)
    assert kinds(phone.practice).count("pki.certificate_issued") == 7
