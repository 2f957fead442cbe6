"""Whatever bytes arrive, reading them ends in a record or in a ScepError."""

from __future__ import annotations

import contextlib
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from pocketward.protocols import scep
from pocketward.protocols.scep import ScepError
from pocketward.protocols.scep.csr import read_csr
from pocketward.protocols.scep.envelope import read_envelope
from pocketward.protocols.scep.messages import read_message
from tests.factories.hostile import EDITS, FEW, mutated
from tests.protocols.scep.parties import NOW, issue, known, registration, rsa_key


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


@FEW
@given(st.binary(max_size=400))
def test_random_bytes_are_refused_by_every_reader(data: bytes) -> None:
    for read in (
        lambda: scep.read_request(data, registration(), allow_legacy=True),
        lambda: scep.read_answer(asked(), data),
        lambda: scep.parse_ca_certificates(data, "application/x-x509-ca-ra-cert"),
        lambda: scep.parse_ca_certificates(data, "application/x-x509-ca-cert"),
        lambda: read_csr(data),
        lambda: read_envelope(data),
    ):
        try:
            read()
        except ScepError:
            continue
        raise AssertionError("random bytes were accepted")


@FEW
@given(EDITS)
def test_a_mutated_request_is_read_or_refused(edits: list[tuple[int, int, int]]) -> None:
    with contextlib.suppress(ScepError):
        found = scep.read_request(mutated(asked().request, edits), registration(), allow_legacy=True)
        # What a signature covers cannot have changed.
        assert found.csr.der == inner()[1]


@FEW
@given(EDITS)
def test_a_mutated_answer_is_read_or_refused(edits: list[tuple[int, int, int]]) -> None:
    good = scep.read_answer(asked(), granted())
    with contextlib.suppress(ScepError):
        found = scep.read_answer(asked(), mutated(granted(), edits))
        assert (found.status, found.certificate) == (good.status, good.certificate)


@FEW
@given(EDITS)
def test_a_mutated_inner_part_is_read_or_refused(edits: list[tuple[int, int, int]]) -> None:
    envelope, csr = inner()
    for data, read in ((envelope, read_envelope), (csr, read_csr)):
        try:
            read(mutated(data, edits))
        except ScepError:
            continue


@FEW
@given(EDITS)
def test_mutated_certificates_of_the_authority_are_read_or_refused(edits: list[tuple[int, int, int]]) -> None:
    body, kind = scep.ca_certificates(known().certificates)
    with contextlib.suppress(ScepError):
        scep.parse_ca_certificates(mutated(body, edits), kind)
