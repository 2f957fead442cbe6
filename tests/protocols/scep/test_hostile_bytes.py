"""Whatever bytes arrive, reading them ends in a record of what they say, or in a ScepError."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import csr as asn1_csr
from asn1crypto import x509 as asn1_x509
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols import scep
from pocketward.protocols.scep import CA_CERT_TYPE, CA_RA_CERT_TYPE, OldHabits, ScepError
from pocketward.protocols.scep.certificates import degenerate, read_parts
from pocketward.protocols.scep.csr import read_csr
from pocketward.protocols.scep.envelope import METHODS, open_envelope, read_envelope
from pocketward.protocols.scep.messages import read_message
from tests.factories.hostile import EDITS, FEW, mutated
from tests.protocols.scep.parties import NOW, issue, issuing, known, registration, root, rsa_key

# How the general library says that it cannot read something.
UNREAD_THERE = (ValueError, TypeError, KeyError, AttributeError, IndexError)
SOME = settings(max_examples=80, deadline=None)
Edits = list[tuple[int, int, int]]


@cache
def asked() -> scep.ClientTransaction:
    """One good request."""
    return scep.begin_enrollment(
        key=rsa_key(5), subject=(("CN", "phone"),), challenge="c", authority=known(), now=NOW
    )


@cache
def granted() -> bytes:
    """One good answer to it."""
    request = scep.read_request(asked().request, registration())
    return scep.success(request, issue(request.csr.public_key), registration())


@cache
def inner() -> tuple[bytes, bytes]:
    """The envelope of the request and the certificate request inside."""
    request = scep.read_request(asked().request, registration())
    return read_message(asked().request).content, request.csr.der


def readers() -> tuple[tuple[bytes, Callable[[bytes], Any]], ...]:
    """Good bytes of each kind, and their reader."""
    envelope, csr = inner()
    return (
        (asked().request, lambda data: scep.read_request(data, registration(), allow_legacy=True)),
        (granted(), lambda data: scep.read_answer(asked(), data)),
        (degenerate(known().certificates), lambda data: scep.parse_ca_certificates(data, CA_RA_CERT_TYPE)),
        (issuing(), lambda data: scep.parse_ca_certificates(data, CA_CERT_TYPE)),
        (csr, read_csr),
        (envelope, read_envelope),
    )


@FEW
@given(st.binary(min_size=1, max_size=400))
def test_random_bytes_are_refused_by_every_reader_alone_and_behind_good_ones(data: bytes) -> None:
    for good, read in readers():
        for bad in (data, good + data):
            with pytest.raises(ScepError):
                read(bad)


def test_every_reader_takes_the_good_ones() -> None:
    request, answer, chain, single, csr, envelope = (read(good) for good, read in readers())
    assert (request.header, request.csr, request.legacy) == (asked().header, csr, ())
    assert request.signer.der == asked().signer
    assert answer.certificate == answer.certificates[0]
    assert asn1_x509.Certificate.load(answer.certificate).public_key.dump() == csr.spki
    assert chain == known()
    assert single.authority == single.recipient == issuing()
    assert open_envelope(envelope, registration().certificate, registration().key) == csr.der


@settings(max_examples=20, deadline=None)
@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.sampled_from(["CN", "O", "OU"]), st.text("aZñ字 .", min_size=1, max_size=20))),
    st.sampled_from(sorted(METHODS)),
    st.sampled_from(["sha256", "sha384", "sha512", "sha1"]),
    st.builds(OldHabits, constructed=st.booleans(), unsorted_attributes=st.booleans()),
)
def test_whatever_is_asked_for_is_read_as_it_was_asked(
    challenge: str,
    names: list[tuple[str, str]],
    encryption: scep.Encryption,
    digest: scep.Digest,
    habits: OldHabits,
) -> None:
    asking = scep.begin_enrollment(
        key=rsa_key(5), subject=names, challenge=challenge, authority=known(), now=NOW,
        encryption=encryption, digest=digest, habits=habits,
    )  # fmt: skip
    read = scep.read_request(asking.request, registration(), allow_legacy=True)
    assert (read.header, read.encryption, read.digest) == (asking.header, encryption, digest)
    assert (read.csr.challenge, read.csr.digest) == (challenge, digest)
    theirs = asn1_csr.CertificationRequest.load(read.csr.der)["certification_request_info"]
    assert (read.csr.subject, read.csr.spki) == (theirs["subject"].dump(), theirs["subject_pk_info"].dump())
    assert [part["value"].native for group in theirs["subject"].chosen for part in group] == [
        text for _, text in names
    ]


@SOME
@given(EDITS)
def test_a_mutated_request_is_refused_or_says_what_was_signed(edits: Edits) -> None:
    data, read = readers()[0]
    good = read(data)
    with contextlib.suppress(ScepError):
        found = read(mutated(data, edits))
        # What a signature covers cannot have changed. The certificate beside it is for others to judge,
        # but its key is the one that signed.
        assert (found.header, found.csr) == (good.header, good.csr)
        assert read_parts(found.signer.der).spki == good.csr.spki


@SOME
@given(EDITS)
def test_a_mutated_answer_is_refused_or_says_what_was_signed(edits: Edits) -> None:
    data, read = readers()[1]
    good = read(data)
    with contextlib.suppress(ScepError):
        assert read(mutated(data, edits)) == good


@SOME
@given(EDITS)
def test_a_mutated_certificate_request_is_refused_or_says_what_was_signed(edits: Edits) -> None:
    csr = inner()[1]
    good = read_csr(csr)
    with contextlib.suppress(ScepError):
        found = read_csr(mutated(csr, edits))
        assert (found.subject, found.spki, found.challenge) == (good.subject, good.spki, good.challenge)
        assert found.digest == good.digest


def opened_there(data: bytes) -> tuple[Any, ...] | None:
    """The parts of an envelope as a general library reads them; None when it does not."""
    try:
        enveloped = asn1_cms.ContentInfo.load(data, strict=True)["content"]
        sealed = enveloped["encrypted_content_info"]
        method = sealed["content_encryption_algorithm"]
        recipients = []
        for one in enveloped["recipient_infos"]:
            name = one.chosen["rid"]
            by_number = name.name == "issuer_and_serial_number"
            label = name.chosen["serial_number"].contents if by_number else name.chosen.native
            recipients.append((label, one.chosen["encrypted_key"].native))
        oid, vector = method["algorithm"].contents, method["parameters"].native
        return tuple(recipients), oid, vector, sealed["encrypted_content"].native
    except UNREAD_THERE:
        return None


@SOME
@given(EDITS)
def test_a_mutated_envelope_is_refused_or_read_as_a_general_library_reads_it(edits: Edits) -> None:
    good = inner()[0]
    for data in (good, mutated(good, edits)):
        try:
            found = read_envelope(data)
        except ScepError:
            assert data != good
            continue
        theirs = opened_there(data)
        ours = (found.recipients, METHODS[found.encryption].oid, found.vector, found.ciphertext)
        assert ours == theirs if theirs is not None else data != good
        assert all(part in data for one in found.recipients for part in one)


ROLES = {"registration": lambda: registration().certificate, "issuing": issuing, "root": root}


@pytest.mark.parametrize("with_others", [(), ("root",), ("registration",), ("registration", "root")])
def test_the_roles_of_the_certificates_do_not_hang_on_their_order(with_others: tuple[str, ...]) -> None:
    names = ("issuing", *with_others)
    for turned in (names, names[::-1], names[1:] + names[:1]):
        certificates = tuple(ROLES[name]() for name in turned)
        found = scep.parse_ca_certificates(degenerate(certificates), CA_RA_CERT_TYPE)
        assert found.certificates == certificates
        assert found.authority == issuing()
        assert found.recipient == ROLES["registration" if "registration" in names else "issuing"]()


def is_authority_there(certificate: bytes) -> bool | None:
    """Whether a general library takes this for an authority's certificate; None when it cannot read it."""
    try:
        return bool(asn1_x509.Certificate.load(certificate, strict=True).ca)
    except UNREAD_THERE:
        return None


@SOME
@given(EDITS)
def test_mutated_certificates_of_the_authority_are_refused_or_those_that_were_sent(edits: Edits) -> None:
    good = degenerate(known().certificates)
    for data in (good, mutated(good, edits)):
        try:
            found = scep.parse_ca_certificates(data, CA_RA_CERT_TYPE)
        except ScepError:
            assert data != good
            continue
        assert b"".join(found.certificates) in data
        assert {found.authority, found.recipient} <= set(found.certificates)
        assert is_authority_there(found.authority) is not False
        others = set(found.certificates) - {found.recipient}
        assert not is_authority_there(found.recipient) or all(is_authority_there(one) for one in others)
