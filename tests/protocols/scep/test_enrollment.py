"""A phone asks, the authority answers: each side reads what the other writes and refuses what was altered."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from pocketward.protocols import scep
from pocketward.protocols.scep import FailInfo, MessageType, OldHabits, PkiStatus, ScepError
from tests.protocols.scep.parties import NOW, ec_key, issue, issuing, known, registration, root, rsa_key

PHONE = rsa_key(5)


def ask(habits: OldHabits | None = None, encryption: scep.Encryption = "aes256", challenge: str = "open sesame") -> scep.ClientTransaction:  # noqa: E501  # fmt: skip
    """A first request of the phone."""
    return scep.begin_enrollment(
        key=PHONE, subject=(("O", "Clinic"), ("CN", "phone")), challenge=challenge, authority=known(),
        now=NOW, uri_names=("urn:example:phone",), encryption=encryption, habits=habits,
    )  # fmt: skip


@pytest.mark.parametrize("encryption", ["aes128", "aes192", "aes256", "3des"])
def test_a_phone_enrolls_with_each_accepted_cipher(encryption: scep.Encryption) -> None:
    asked = ask(encryption=encryption)
    request = scep.read_request(asked.request, registration())
    assert request.header.message_type is MessageType.PKCS_REQ
    assert request.header.transaction_id == asked.transaction_id
    assert (request.csr.challenge, request.encryption, request.legacy) == ("open sesame", encryption, ())
    certificate = issue(request.csr.public_key)
    answer = scep.read_answer(
        asked, scep.success(request, certificate, registration(), chain=(issuing(), root()))
    )
    assert answer.status is PkiStatus.SUCCESS
    assert answer.certificate == certificate
    assert answer.certificates == (certificate, issuing(), root())


def test_a_renewal_is_signed_with_the_current_certificate() -> None:
    current = issue(PHONE.public_key())
    asked = scep.begin_renewal(key=rsa_key(6), certificate=current, certificate_key=PHONE, authority=known())
    request = scep.read_request(asked.request, registration())
    assert request.header.message_type is MessageType.RENEWAL_REQ
    assert (request.signer.der, request.csr.challenge) == (current, None)
    renewed = issue(request.csr.public_key)
    assert scep.read_answer(asked, scep.success(request, renewed, registration())).certificate == renewed


def test_a_refusal_carries_its_reason_and_a_sentence() -> None:
    asked = ask()
    request = scep.read_request(asked.request, registration())
    body = scep.failure(request.header, FailInfo.BAD_REQUEST, registration(), text="The challenge was used.")
    answer = scep.read_answer(asked, body)
    assert (answer.status, answer.fail_info) == (PkiStatus.FAILURE, FailInfo.BAD_REQUEST)
    assert answer.fail_text == "The challenge was used."


def test_a_request_that_waits_for_somebody_is_told_so() -> None:
    asked = ask()
    header = scep.read_request(asked.request, registration()).header
    assert scep.read_answer(asked, scep.pending(header, registration())).status is PkiStatus.PENDING


@pytest.mark.parametrize(
    ("habits", "legacy"),
    [
        (OldHabits(single_des=True), ("single DES",)),
        (OldHabits(sha1=True), ("SHA-1",)),
        (OldHabits(single_des=True, sha1=True), ("single DES", "SHA-1")),
    ],
)
def test_old_algorithms_are_let_through_only_by_the_switch_and_are_named(
    habits: OldHabits, legacy: tuple[str, ...]
) -> None:
    asked = ask(habits)
    with pytest.raises(ScepError) as refused:
        scep.read_request(asked.request, registration())
    assert refused.value.fail_info is FailInfo.BAD_ALG
    assert refused.value.header is not None
    assert refused.value.header.transaction_id == asked.transaction_id
    request = scep.read_request(asked.request, registration(), allow_legacy=True)
    assert request.legacy == legacy
    certificate = issue(request.csr.public_key)
    assert scep.read_answer(asked, scep.success(request, certificate, registration())).certificate == certificate  # noqa: E501  # fmt: skip


@pytest.mark.parametrize("habits", [OldHabits(constructed=True), OldHabits(unsorted_attributes=True)])
def test_sloppy_encodings_are_read_without_a_switch(habits: OldHabits) -> None:
    request = scep.read_request(ask(habits).request, registration())
    assert (request.csr.challenge, request.legacy) == ("open sesame", ())


def test_a_request_encrypted_for_somebody_else_is_refused_with_the_same_words_as_a_broken_one() -> None:
    other = scep.RegistrationAuthority(certificate=registration().certificate, key=rsa_key(7))
    with pytest.raises(ScepError) as wrong_key:
        scep.read_request(ask().request, other)
    named = dataclasses.replace(known(), recipient=ask().signer)
    asked = scep.begin_enrollment(key=PHONE, subject=(("CN", "x"),), challenge="c", authority=named, now=NOW)
    with pytest.raises(ScepError) as wrong_name:
        scep.read_request(asked.request, registration())
    assert wrong_key.value.sentence == wrong_name.value.sentence
    assert wrong_key.value.fail_info is wrong_name.value.fail_info is FailInfo.BAD_MESSAGE_CHECK


def test_an_altered_request_is_refused_but_still_answerable() -> None:
    data = bytearray(ask().request)
    data[-10] ^= 1
    with pytest.raises(ScepError) as refused:
        scep.read_request(bytes(data), registration())
    assert refused.value.header is not None


def test_an_answer_of_another_authority_or_another_request_is_refused() -> None:
    first, second = ask(), ask()
    header = scep.read_request(first.request, registration()).header
    with pytest.raises(ScepError, match="another request"):
        scep.read_answer(second, scep.pending(header, registration()))
    impostor = scep.RegistrationAuthority(certificate=first.signer, key=PHONE)
    with pytest.raises(ScepError, match="not signed by the authority"):
        scep.read_answer(first, scep.pending(header, impostor))


def test_an_answer_with_a_certificate_for_another_key_is_refused() -> None:
    asked = ask()
    request = scep.read_request(asked.request, registration())
    body = scep.success(request, issue(rsa_key(6).public_key()), registration())
    with pytest.raises(ScepError, match="no certificate for our key"):
        scep.read_answer(asked, body)


def test_messages_over_the_limit_are_refused_unread() -> None:
    with pytest.raises(ScepError, match="too large"):
        scep.read_request(b"0" * (scep.MAX_MESSAGE_BYTES + 1), registration())


def test_an_answer_sent_to_us_as_a_request_is_refused() -> None:
    header = scep.read_request(ask().request, registration()).header
    with pytest.raises(ScepError, match="not answered here") as refused:
        scep.read_request(scep.pending(header, registration()), registration())
    assert refused.value.fail_info is FailInfo.BAD_REQUEST


def test_a_short_rsa_key_is_refused_as_a_bad_algorithm() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from pocketward.protocols.scep.csr import build_csr, name_of, read_csr
    from pocketward.protocols.scep.messages import DIGESTS

    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    csr = build_csr(key, name_of((("CN", "x"),)).public_bytes(), "c", digest=DIGESTS["sha256"][1])
    with pytest.raises(ScepError) as refused:
        read_csr(csr)
    assert refused.value.fail_info is FailInfo.BAD_ALG


def test_the_certificates_of_the_authority_are_found_by_their_roles() -> None:
    body, kind = scep.ca_certificates((root(), registration().certificate, issuing()))
    assert kind == "application/x-x509-ca-ra-cert"
    found = scep.parse_ca_certificates(body, kind)
    assert (found.authority, found.recipient) == (issuing(), registration().certificate)


def test_a_single_authority_is_sent_plain() -> None:
    assert scep.ca_certificates((root(),)) == (root(), "application/x-x509-ca-cert")
    found = scep.parse_ca_certificates(root(), "application/x-x509-ca-cert; charset=binary")
    assert found.authority == found.recipient == root()


def test_the_capabilities_name_what_strongswan_looks_for() -> None:
    said = scep.parse_capabilities(scep.CAPABILITIES)
    assert said == {"aes", "postpkioperation", "renewal", "scepstandard", "sha-256", "sha-384", "sha-512"}


def test_an_operation_can_be_sent_by_get() -> None:
    url = scep.operation_url("http://localhost/scep", "PKIOperation", b"\xff\xfe")
    assert url == "http://localhost/scep?operation=PKIOperation&message=%2F%2F4%3D"


def test_a_signer_whose_key_could_not_read_the_answer_is_refused_at_once() -> None:
    from pocketward.protocols.scep.messages import header_attributes, read_message, sign_message

    class EllipticSigner:
        """Stands in for an RSA key where a message is signed."""

        def sign(self, data: bytes, _padding: object, digest: hashes.HashAlgorithm) -> bytes:
            return ec_key(3).sign(data, ec.ECDSA(digest))

    asked, elliptic = ask(), issue(ec_key(3).public_key())
    message = sign_message(
        read_message(asked.request).content,
        header_attributes(asked.header),
        elliptic,
        EllipticSigner(),  # type: ignore[arg-type]
    )
    rsa_named, ec_named = (
        bytes.fromhex("300d06092a864886f70d0101010500"),
        bytes.fromhex("300d06072a8648ce3d020104020000"),
    )
    place = message.rindex(rsa_named)
    message = message[:place] + ec_named + message[place + len(rsa_named) :]
    assert read_message(message).signer.der == elliptic
    with pytest.raises(ScepError, match="RSA key") as refused:
        scep.read_request(message, registration())
    assert refused.value.fail_info is FailInfo.BAD_ALG
    assert refused.value.header is not None
