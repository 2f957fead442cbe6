"""One SCEP request to a practice's authority, answered: status, content type, body."""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from pocketward.kernel.ids import public_id
from pocketward.pki.authorities import authority_of
from pocketward.pki.errors import ChallengeRejected, RequestRejected
from pocketward.pki.events import LegacyAlgorithmUsed
from pocketward.pki.issuing import load_rsa
from pocketward.pki.models import ACCESS, Authority
from pocketward.pki.refusals import note_refusal
from pocketward.pki.requests import issue_for_challenge, issue_renewal
from pocketward.protocols import scep
from pocketward.spine.api import record, unit_of_work

TEXT = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """What goes back over HTTP."""

    status: int
    content_type: str
    body: bytes


class Asked(NamedTuple):
    """A request that could be opened, and everything that answering it takes."""

    practice_id: UUID
    purpose: str
    message: scep.EnrollmentRequest
    helper: scep.RegistrationAuthority


def refuse(status: int, sentence: str) -> Answer:
    """An answer for whoever reads the client's log."""
    return Answer(status, TEXT, sentence.encode())


def answer(practice_id: UUID, purpose: str, method: str, query: dict[str, list[str]], body: bytes) -> Answer:
    """Answer one operation (RFC 8894, section 4) in the practice's scope; NoAuthority."""
    row = authority_of(practice_id)
    operation = (query.get("operation") or [""])[0]
    if operation == "GetCACaps":
        return Answer(200, scep.CAPS_TYPE, scep.CAPABILITIES)
    if operation == "GetCACert":
        content, kind = scep.ca_certificates(_published(row, purpose))
        return Answer(200, kind, content)
    if operation != "PKIOperation":
        return refuse(400, "This operation is not offered here.")
    message = body if method == "POST" else _from_query(query)
    if not message:
        return refuse(400, "The request carries no message.")
    return _pki_operation(practice_id, row, purpose, message)


def _published(row: Authority, purpose: str) -> tuple[bytes, ...]:
    if purpose == ACCESS:
        return bytes(row.access_registration_der), bytes(row.access_der)
    return bytes(row.registration_der), bytes(row.issuing_der), bytes(row.root_der)


def _from_query(query: dict[str, list[str]]) -> bytes:
    try:
        return base64.b64decode((query.get("message") or [""])[0].replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _pki_operation(practice_id: UUID, row: Authority, purpose: str, data: bytes) -> Answer:
    helper = scep.RegistrationAuthority(
        certificate=_published(row, purpose)[0], key=load_rsa(row.registration_key)
    )
    try:
        message = scep.read_request(data, helper, allow_legacy=row.legacy_allowed)
    except scep.ScepError as error:
        if error.header is None:
            return refuse(400, error.sentence)
        if error.fail_info is scep.FailInfo.BAD_ALG:
            note_refusal(practice_id=practice_id, purpose=purpose, reason="old_algorithm")
        return _failure(error.header, error.fail_info, helper, error.sentence)
    asked = Asked(practice_id, purpose, message, helper)
    try:
        certificate = _issue(asked)
    except RequestRejected as error:
        note_refusal(
            practice_id=practice_id,
            purpose=purpose,
            reason=error.reason,
            enrollment_id=error.enrollment_id,
        )
        return _failure(message.header, scep.FailInfo.BAD_REQUEST, helper, error.sentence)
    # The certificate alone: phones know the authority from their profile, and some clients take the first
    # certificate of several for theirs.
    return Answer(200, scep.MESSAGE_TYPE_HEADER, scep.success(message, certificate, helper))


def _failure(
    header: scep.MessageHeader, reason: scep.FailInfo, helper: scep.RegistrationAuthority, sentence: str
) -> Answer:
    return Answer(200, scep.MESSAGE_TYPE_HEADER, scep.failure(header, reason, helper, text=sentence))


@unit_of_work
def _issue(asked: Asked) -> bytes:
    """The certificate, with a record of old algorithms in the same transaction; RequestRejected."""
    practice_id, message = asked.practice_id, asked.message
    csr = message.csr
    crl_url = f"{settings.POCKETWARD.device_url}/device/{public_id('prac', practice_id)}/crl.crl"
    if csr.challenge:
        certificate = issue_for_challenge(
            practice_id=practice_id, challenge=csr.challenge, purpose=asked.purpose, spki=csr.spki,
            crl_url=crl_url,
        )  # fmt: skip
    elif message.header.message_type is scep.MessageType.RENEWAL_REQ:
        certificate = issue_renewal(
            practice_id=practice_id, current=message.signer.der, purpose=asked.purpose, spki=csr.spki,
            crl_url=crl_url,
        )  # fmt: skip
    else:
        raise ChallengeRejected("missing")
    if message.legacy:
        record(
            LegacyAlgorithmUsed(
                practice_id=practice_id,
                actor="anonymous:scep",
                subject="scep",
                purpose=asked.purpose,
                algorithms=message.legacy,
            )
        )
    return certificate
