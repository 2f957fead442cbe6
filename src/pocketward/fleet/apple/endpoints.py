"""The phones' own endpoints, raw ASGI: /device/<practice>/enroll/<ticket>, …/checkin and …/connect.

Replies follow what phones expect: 200 with an empty body ends a session, 401 is never sent (it tells a phone
to leave), faults of ours are 503 so that the phone comes back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import UUID

from django.conf import settings

from pocketward.fleet import tickets
from pocketward.fleet.apple import answers
from pocketward.fleet.apple.answers import Answer
from pocketward.fleet.apple.checkin import handle_checkin
from pocketward.fleet.apple.connect import handle_connect
from pocketward.fleet.apple.enrollment_profile import make_enrollment_profile
from pocketward.fleet.apple.identity import Headers, IdentityRefused, presented_certificate
from pocketward.fleet.errors import FleetError, PushCertificateRefused, TicketSpent
from pocketward.fleet.events import DeviceMessageRefused
from pocketward.kernel.ids import parse_public_id
from pocketward.kernel.networks import network_digest, sender_address
from pocketward.practice import api as practice_api
from pocketward.practice.errors import PracticeError
from pocketward.protocols.apple_mdm import PROFILE_CONTENT_TYPE, MessageError, PlistError
from pocketward.spine.api import practice_scope, record, run_in_pool, unit_of_work

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS = 30.0
# One security event a minute for each practice, reason and network: strangers must not fill the ledger.
REFUSALS_EVERY_SECONDS = 60.0
MOST_REMEMBERED = 4096
_KINDS = ("checkin", "connect")
_noted: dict[tuple[UUID, str, str], float] = {}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one request of a device."""
    try:
        answer = await _answer(scope, receive)
    except TimeoutError:
        answer = Answer(408)
    except Exception:
        # A phone must never be told that it did wrong when we did; it asks again.
        log.exception("device request failed")
        answer = answers.TRY_LATER
    headers = [(b"content-length", str(len(answer.body)).encode()), (b"cache-control", b"no-store")]
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode()))
    if answer.status == 503:
        headers.append((b"retry-after", b"30"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _answer(scope: Scope, receive: Receive) -> Answer:
    parts = scope["path"].strip("/").split("/")
    practice_id = _practice_id(parts[1]) if len(parts) > 2 and parts[0] == "device" else None
    if practice_id is None:
        return answers.NOT_FOUND
    if parts[2] == "enroll" and len(parts) == 4:
        if scope["method"] not in ("GET", "HEAD"):
            return Answer(405)
        return await run_in_pool(serve_profile, practice_id, parts[3], _network(scope))
    if parts[2] not in _KINDS or len(parts) != 3:
        return answers.NOT_FOUND
    if scope["method"] not in ("PUT", "POST"):
        return Answer(405)
    body = await _body(scope, receive)
    if body is None:
        return answers.TOO_LARGE
    return await run_in_pool(serve_message, practice_id, parts[2], scope["headers"], body, _network(scope))


def _practice_id(text: str) -> UUID | None:
    try:
        return parse_public_id("prac", text)
    except ValueError:
        return None


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body, None when it is larger than a device message may be."""
    limit = settings.POCKETWARD.largest_device_body
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or len(value) > 12 or int(value) > limit):
            return None
    chunks: list[bytes] = []
    size = 0
    async with asyncio.timeout(BODY_SECONDS):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                return None
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)


def _network(scope: Scope) -> str:
    """A digest of the sender's network, keyed to this installation: enough to count, too little to follow."""
    ours, headers = settings.POCKETWARD, dict(scope["headers"])
    address = sender_address(
        peer=str((scope.get("client") or ("",))[0]),
        shown=headers.get(b"pocketward-proxy-secret", b""),
        forwarded_for=headers.get(b"x-forwarded-for", b""),
        secret=ours.proxy_secret.encode(),
    )
    return network_digest(address, ours.secret_key)[:16]


def serve_profile(practice_id: UUID, secret: str, network: str) -> Answer:
    """The signed enrollment profile for a ticket that no phone has used yet."""
    with practice_scope(practice_id):
        try:
            enrollment = tickets.find_ticket(practice_id=practice_id, secret=secret[:200])
            profile = make_enrollment_profile(enrollment)
        except TicketSpent:
            _note_refusal(practice_id, "bad_ticket", network)
            return Answer(
                404, b"This enrollment link was used or has run out. Ask for a new one.", "text/plain"
            )
        except PushCertificateRefused as error:
            return Answer(503, error.sentence.encode(), "text/plain; charset=utf-8")
        tickets.note_profile_fetched(enrollment_id=enrollment.id)
    return Answer(200, profile, PROFILE_CONTENT_TYPE)


def serve_message(practice_id: UUID, kind: str, headers: Headers, body: bytes, network: str) -> Answer:
    """The answer to a check-in ("checkin") or a report ("connect"); `network` is a digest of the sender's."""
    with practice_scope(practice_id):
        try:
            presented = presented_certificate(headers, body)
            if kind == "connect":
                return handle_connect(practice_id, presented, body, network)
            return handle_checkin(practice_id, presented, body)
        except IdentityRefused as error:
            _note_refusal(practice_id, error.reason, network)
            return answers.REFUSED
        except (PlistError, MessageError) as error:
            # The signature was good: a phone of ours sent something we cannot read.
            log.warning("unreadable device message: %s", error.sentence)
            _note_refusal(practice_id, error.code, network)
            return answers.MALFORMED
        except FleetError as error:
            log.warning("device message refused: %s", error.code)
            _note_refusal(practice_id, error.code, network)
            return answers.REFUSED


def _note_refusal(practice_id: UUID, reason: str, network: str) -> None:
    """A security event, once a minute for the same reason and network; nothing for unknown practices."""
    now, key = time.monotonic(), (practice_id, reason, network)
    if now - _noted.get(key, -REFUSALS_EVERY_SECONDS) < REFUSALS_EVERY_SECONDS:
        return
    if len(_noted) >= MOST_REMEMBERED:
        _noted.clear()
    _noted[key] = now
    try:
        practice_api.get_practice(practice_id=practice_id)
    except PracticeError:
        return
    _record_refusal(practice_id, reason, network)


@unit_of_work
def _record_refusal(practice_id: UUID, reason: str, network: str) -> None:
    record(
        DeviceMessageRefused(
            practice_id=practice_id, actor=f"anonymous:{network}", reason=reason[:80], network=network
        )
    )
