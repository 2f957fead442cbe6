"""What machines ask over HTTP: `/device/<practice>/scep/<purpose>` and `/device/<practice>/crl.crl`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from pocketward.kernel.ids import parse_public_id
from pocketward.pki.errors import NoAuthority
from pocketward.pki.models import ACCESS, MANAGEMENT
from pocketward.pki.revocation import crl
from pocketward.pki.scep_answers import Answer, answer, refuse
from pocketward.protocols import scep
from pocketward.spine.api import SpineError, practice_scope, run_in_pool

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
CRL_TYPE = "application/pkix-crl"
MOST_FIELDS = 8


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI callable; its server bounds how long a body may take. Bad input is never a 500."""
    body = await _body(receive)
    if body is None:
        await _send(send, refuse(413, "The message is too large, or did not arrive in time."))
        return
    query = scope.get("query_string", b"")
    await _send(send, await run_in_pool(respond, scope["method"], scope["path"], query, body))


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is too large or the client went away."""
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


async def _send(send: Send, reply: Answer) -> None:
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if reply.status == 405:
        headers.append((b"allow", b"GET, POST"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def respond(method: str, path: str, query_string: bytes, body: bytes) -> Answer:
    """Answer one request."""
    parts = path.strip("/").split("/")
    try:
        practice_id = parse_public_id("prac", parts[1])
    except (ValueError, IndexError):
        return refuse(404, "There is nothing here.")
    if method not in ("GET", "POST"):
        return refuse(405, "Only GET and POST are answered here.")
    try:
        query = parse_qs(query_string.decode("ascii"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return refuse(400, "The query cannot be read.")
    try:
        with practice_scope(practice_id):
            return _respond(practice_id, parts[2:], method, query, body)
    except NoAuthority:
        return refuse(404, "There is nothing here.")
    except SpineError as error:
        # Ours, not the phone's: it tries again by itself.
        return refuse(503, error.sentence)


def _respond(
    practice_id: UUID, tail: list[str], method: str, query: dict[str, list[str]], body: bytes
) -> Answer:
    if tail == ["crl.crl"]:
        return Answer(200, CRL_TYPE, crl(practice_id=practice_id))
    if len(tail) == 2 and tail[0] == "scep" and tail[1] in (MANAGEMENT, ACCESS):
        return answer(practice_id, tail[1], method, query, body)
    return refuse(404, "There is nothing here.")
