"""SCEP and revocation lists over HTTP: `/device/<practice>/scep/<purpose>`, `/device/<practice>/crl.crl`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings

from pocketward.kernel.ids import parse_public_id
from pocketward.pki.authorities import authority_of, crl
from pocketward.pki.errors import ChallengeRejected, NoAuthority, PkiError, RenewalRejected
from pocketward.pki.events import ChallengeRefused, LegacyAlgorithmUsed
from pocketward.pki.identities import issue_for_challenge, issue_renewal
from pocketward.pki.issuing import load_rsa
from pocketward.pki.models import ACCESS, MANAGEMENT, Authority
from pocketward.protocols import scep
from pocketward.spine.api import practice_scope, record, run_in_pool, unit_of_work

Answer = tuple[int, str, bytes]
CRL_TYPE = "application/pkix-crl"


async def app(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """The ASGI callable. Bad input gets a clear status and text, never a 500."""
    body = await _body(receive)
    if body is None:
        await _send(send, (413, "text/plain", b"too large"))
        return
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=8)
    answer = await run_in_pool(respond, scope["method"], scope["path"], query, body)
    await _send(send, answer)


async def _body(receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes | None:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        size += len(message.get("body", b""))
        if size > scep.MAX_MESSAGE_BYTES:
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Callable[[MutableMapping[str, Any]], Awaitable[None]], answer: Answer) -> None:
    status, kind, body = answer
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def respond(method: str, path: str, query: dict[str, list[str]], body: bytes) -> Answer:
    """Answer one request: (status, content type, body)."""
    parts = path.strip("/").split("/")
    try:
        practice_id = parse_public_id("prac", parts[1])
    except (ValueError, IndexError):
        return 404, "text/plain", b"no such practice"
    with practice_scope(practice_id):
        try:
            if parts[2:] == ["crl.crl"]:
                return 200, CRL_TYPE, crl(practice_id=practice_id)
            if len(parts) == 4 and parts[2] == "scep" and parts[3] in (MANAGEMENT, ACCESS):
                return _scep(practice_id, parts[1], parts[3], method, query, body)
        except NoAuthority:
            return 404, "text/plain", b"no such practice"
    return 404, "text/plain", b"not found"


def _scep(
    practice_id: UUID, public: str, purpose: str, method: str, query: dict[str, list[str]], body: bytes
) -> Answer:
    operation = (query.get("operation") or [""])[0]
    if operation == "GetCACaps":
        return 200, scep.CAPS_TYPE, scep.CAPABILITIES
    authority = authority_of(practice_id)
    if operation == "GetCACert":
        listed = [authority.registration_der, authority.issuing_der, authority.root_der]
        content, kind = scep.ca_certificates([bytes(der) for der in listed])
        return 200, kind, content
    if operation != "PKIOperation":
        return 400, "text/plain", b"unknown operation"
    message = body if method == "POST" else _from_query(query)
    if message is None:
        return 400, "text/plain", b"the message is not base64"
    url = f"{settings.POCKETWARD.device_url}/device/{public}/crl.crl"
    return _pki_operation(practice_id, authority, purpose, message, url)


def _from_query(query: dict[str, list[str]]) -> bytes | None:
    try:
        return base64.b64decode((query.get("message") or [""])[0].replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError):
        return None


def _pki_operation(
    practice_id: UUID, authority: Authority, purpose: str, message: bytes, crl_url: str
) -> Answer:
    helper = scep.RegistrationAuthority(
        certificate=bytes(authority.registration_der), key=load_rsa(authority.registration_key)
    )
    kind = scep.MESSAGE_TYPE_HEADER
    try:
        request = scep.read_request(message, helper, allow_legacy=authority.legacy_allowed)
    except scep.ScepError as error:
        if error.header is None:
            return 400, "text/plain", b"not a SCEP message"
        return 200, kind, scep.failure(error.header, error.fail_info, helper, text=error.sentence)
    if request.legacy:
        _note_legacy(practice_id, tuple(request.legacy))
    try:
        der = _issue(practice_id, purpose, request, crl_url)
    except PkiError as error:
        _note_refusal(practice_id, purpose, error.code)
        return 200, kind, scep.failure(request.header, scep.FailInfo.BAD_REQUEST, helper, text=error.sentence)
    except (ValueError, TypeError):
        # The request's public key is of a kind that cannot be certified.
        return 200, kind, scep.failure(request.header, scep.FailInfo.BAD_REQUEST, helper, text="unusable key")
    chain = (bytes(authority.issuing_der),)
    return 200, kind, scep.success(request, der, helper, chain=chain)


def _issue(practice_id: UUID, purpose: str, request: scep.EnrollmentRequest, crl_url: str) -> bytes:
    if request.csr is None:
        raise ChallengeRejected()
    shared: dict[str, Any] = {
        "practice_id": practice_id, "purpose": purpose, "spki": request.csr.spki, "crl_url": crl_url
    }  # fmt: skip
    if request.csr.challenge:
        return issue_for_challenge(challenge=request.csr.challenge, **shared)
    renewals = (scep.MessageType.RENEWAL_REQ, scep.MessageType.UPDATE_REQ)
    if request.header.message_type in renewals:
        return issue_renewal(current=request.signer.der, **shared)
    raise RenewalRejected("This certificate request carries no challenge.")


@unit_of_work
def _note_refusal(practice_id: UUID, purpose: str, reason: str) -> None:
    record(
        ChallengeRefused(
            practice_id=practice_id, actor="anonymous:scep", subject="scep", purpose=purpose, reason=reason
        )
    )


@unit_of_work
def _note_legacy(practice_id: UUID, algorithms: tuple[str, ...]) -> None:
    record(
        LegacyAlgorithmUsed(
            practice_id=practice_id, actor="anonymous:scep", subject="scep", algorithms=algorithms
        )
    )
