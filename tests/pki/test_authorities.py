"""What each certificate says, and who can tell from it what it is for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from pocketward.kernel import clock
from pocketward.pki import api as pki
from pocketward.pki.errors import NoAuthority
from pocketward.pki.models import Authority, Certificate
from pocketward.practice.records import PracticeRecord
from pocketward.protocols.cms import read_attached
from tests.pki.conftest import Phone, kinds


def verify_client(phone: Phone, certificate: bytes) -> None:
    """Judge as a program would that trusts our anchors and knows nothing of our purposes."""
    anchors = pki.trust_anchors(practice_id=phone.practice.id)
    store = Store([x509.load_pem_x509_certificate(pem.encode()) for pem in anchors])
    between = [x509.load_der_x509_certificate(der) for der in pki.authority_chain(practice_id=phone.practice.id)]  # noqa: E501  # fmt: skip
    verifier = PolicyBuilder().store(store).time(clock.true_now()).build_client_verifier()
    verifier.verify(x509.load_der_x509_certificate(certificate), between)


def test_whoever_trusts_our_anchors_refuses_a_management_identity(phone: Phone) -> None:
    with pytest.raises(VerificationError, match="candidates exhausted"):
        verify_client(phone, phone.enrolled("management"))


def test_the_access_identity_is_issued_by_the_anchor_itself(phone: Phone) -> None:
    verify_client(phone, phone.enrolled("access"))
    (pem,) = pki.trust_anchors(practice_id=phone.practice.id)
    anchor = x509.load_pem_x509_certificate(pem.encode())
    x509.load_der_x509_certificate(phone.enrolled("access")).verify_directly_issued_by(anchor)


def test_a_row_that_claims_another_purpose_than_its_certificate_counts_for_nothing(phone: Phone) -> None:
    der = phone.enrolled("management")
    Certificate.objects.update(purpose="access")
    assert pki.identity_of(practice_id=phone.practice.id, certificate_der=der) is None


def test_judging_an_identity_costs_one_query(phone: Phone, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    der = phone.enrolled()
    phone.state_of(der)
    with django_assert_num_queries(1):
        assert phone.state_of(der) == "valid"


@pytest.mark.parametrize("foreign", [b"", b"garbage", b"\x30\x03\x02\x01\x05"])
def test_bytes_that_are_no_certificate_of_ours_are_nobody(phone: Phone, foreign: bytes) -> None:
    assert pki.identity_of(practice_id=phone.practice.id, certificate_der=foreign) is None


def test_private_keys_are_encrypted_in_the_database(phone: Phone) -> None:
    from django.db import connection

    row = Authority.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT root_key, issuing_key, access_key, registration_key FROM pki_authority")
        stored = [bytes(value) for value in cursor.fetchone()]
    plain = [row.root_key, row.issuing_key, row.access_key, row.registration_key]
    assert not any(key[-40:] in value for key, value in zip(plain, stored, strict=True))


def test_an_authority_is_made_once(practice: PracticeRecord) -> None:
    pki.ensure_authority(practice_id=practice.id)
    before = pki.authority_chain(practice_id=practice.id)
    pki.ensure_authority(practice_id=practice.id)
    assert pki.authority_chain(practice_id=practice.id) == before
    assert kinds(practice).count("pki.authority_made") == 1


def test_a_practice_without_an_authority_says_so(practice: PracticeRecord) -> None:
    for ask in (pki.authority_chain, pki.trust_anchors, pki.crl):
        with pytest.raises(NoAuthority):
            ask(practice_id=practice.id)


def test_our_listeners_get_certificates_on_the_true_clock(phone: Phone) -> None:
    from datetime import timedelta

    with clock.frozen(clock.true_now() + timedelta(days=400)):
        chain, key = pki.issue_server_certificate(
            practice_id=phone.practice.id, hosts=("localhost", "127.0.0.1")
        )
    leaf, issuing = x509.load_pem_x509_certificates(chain)
    assert leaf.not_valid_before_utc < clock.true_now() < leaf.not_valid_after_utc
    assert load_pem_private_key(key, None).public_key() == leaf.public_key()
    leaf.verify_directly_issued_by(issuing)
    root = x509.load_pem_x509_certificates(pki.authority_pem_bundle(practice_id=phone.practice.id).encode())
    from cryptography.x509.general_name import DNSName

    verifier = PolicyBuilder().store(Store([root[1]])).build_server_verifier(DNSName("localhost"))
    verifier.verify(leaf, [issuing])
    assert kinds(phone.practice)[-1] == "pki.certificate_issued"
    assert pki.identity_of(practice_id=phone.practice.id, certificate_der=_der(leaf)) is None


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def test_profiles_are_signed_up_to_the_root(phone: Phone) -> None:
    signed = pki.sign_profile(practice_id=phone.practice.id, content=b"<plist/>")
    read = read_attached(signed)
    assert read.content == b"<plist/>"
    assert pki.authority_chain(practice_id=phone.practice.id)[-1] in read.signer.others


def test_no_name_of_the_practice_or_a_person_is_in_an_identity(phone: Phone) -> None:
    subject = x509.load_der_x509_certificate(phone.enrolled()).subject.rfc4514_string()
    assert phone.practice.name not in subject
    assert str(phone.enrollment_id) in subject


@pytest.mark.django_db(transaction=True)
def test_two_uses_of_one_challenge_at_once_give_one_certificate(phone: Phone) -> None:
    import contextvars

    secret = phone.challenge()
    context = contextvars.copy_context()
    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(context.copy().run, phone.enroll, secret) for _ in range(4)]
        granted = [one.result().certificate for one in tries]
    assert sum(der is not None for der in granted) == 1
