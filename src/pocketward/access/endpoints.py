"""`/.pocketward/session` on an app's own host: a one-time code becomes a host-only cookie."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from django.conf import settings

from pocketward.access.errors import CodeSpent
from pocketward.access.sessions import redeem_code
from pocketward.gate.identity import read_certificate
from pocketward.kernel import crypto
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import parse_public_id
from pocketward.spine.api import practice_scope, run_in_pool

COOKIE = "pocketward_gate"
Headers = list[tuple[bytes, bytes]]


async def app(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """The ASGI callable."""
    headers: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    if scope["path"] != "/.pocketward/session" or scope["method"] != "GET":
        status: int = 404
        extra: Headers = []
    else:
        query = _query(scope.get("query_string", b""))
        status, extra = await run_in_pool(start, headers, query, scope.get("scheme", "http"))
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"cache-control", b"no-store"), (b"content-length", b"0"), *extra],
        }
    )
    await send({"type": "http.response.body", "body": b""})


def _query(data: bytes) -> dict[str, list[str]]:
    """The fields of the address; none when there are more than anybody of ours sends."""
    try:
        return parse_qs(data.decode("latin-1"), max_num_fields=4)
    except ValueError:
        return {}


def _only(headers: dict[bytes, list[bytes]], name: bytes) -> str:
    """The header's value when it came exactly once, else nothing."""
    values = headers.get(name, [])
    return values[0].decode("latin-1") if len(values) == 1 else ""


def start(headers: dict[bytes, list[bytes]], query: dict[str, list[str]], scheme: str) -> tuple[int, Headers]:
    """Redeem the code for the host that the trusted proxy names; a redirect to the app with its cookie."""
    trusted = crypto.same(_only(headers, b"pocketward-proxy-secret"), settings.POCKETWARD.proxy_secret)
    host = _only(headers, b"x-forwarded-host" if trusted else b"host").partition(":")[0].lower()
    practice_text, _, code = (query.get("code") or [""])[0].partition(".")
    secure = (_only(headers, b"x-forwarded-proto") if trusted else scheme) == "https"
    certificate = _only(headers, b"pocketward-client-certificate") if trusted else ""
    try:
        practice_id = parse_public_id("prac", practice_text)
        with practice_scope(practice_id):
            session = redeem_code(code=code, host=host, fingerprint=fingerprint_of(certificate))
    except (ValueError, CodeSpent):
        return 410, []
    except PocketwardError:
        return 400, []
    cookie = f"{COOKIE}={session.token}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
    return 303, [(b"location", b"/"), (b"set-cookie", cookie.encode())]


def fingerprint_of(header: str) -> str:
    """SHA-256 of the certificate in the header, in any form a proxy uses, or nothing."""
    certificate = read_certificate(header.encode("latin-1"))
    if certificate is None:
        return ""
    return crypto.sha256_hex(certificate.public_bytes(serialization.Encoding.DER))
