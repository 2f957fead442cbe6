"""Which request headers count. Only a proxy that proves itself may say who called and for what.

Proof is the per-install secret in a header of its own, or a Unix socket. A peer's address is no proof. A
header of ours that comes twice, comes with an underscore where a hyphen belongs, or comes without proof is a
refusal and a security event.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SECRET = b"pocketward-proxy-secret"
CERTIFICATE = b"pocketward-client-certificate"
HOST, URI, METHOD = b"x-forwarded-host", b"x-forwarded-uri", b"x-forwarded-method"
ADDRESS, SCHEME = b"x-forwarded-for", b"x-forwarded-proto"
OURS = frozenset((SECRET, CERTIFICATE, HOST, URI, METHOD, ADDRESS, SCHEME))
IDENTITY = frozenset((SECRET, CERTIFICATE))
COOKIE = b"cookie"
COOKIE_NAME = b"pocketward_gate"
_COOKIE_START = COOKIE_NAME + b"="

METHODS = {name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}


Headers = Sequence[tuple[bytes, bytes]]


class Asked(NamedTuple):
    """What a trusted proxy says was asked; `fault` names why it cannot count ("" = it does)."""

    fault: str = ""
    certificate: bytes = b""
    host: str = ""
    uri: str = ""
    method: str = "OTHER"
    address: str = ""
    token: bytes = b""


def read_headers(headers: Headers, secret: bytes, *, is_trusted_socket: bool) -> Asked:
    """The headers that count, of lower-case names as ASGI gives them."""
    seen = dict(headers)
    if len(seen) != len(headers) or b"_" in b"".join(seen):
        if _repeats_ours(headers):
            return Asked("header_repeated")
        seen[COOKIE] = b"; ".join(value for name, value in headers if name == COOKIE)
    if not is_trusted_socket and not hmac.compare_digest(seen.get(SECRET, b""), secret):
        return Asked("header_untrusted")
    host = _host(seen.get(HOST, b""))
    if host is None:
        return Asked("header_repeated")
    return Asked(
        "",
        seen.get(CERTIFICATE, b""),
        host,
        seen.get(URI, b"").decode("latin-1"),
        METHODS.get(seen.get(METHOD, b""), "OTHER"),
        seen.get(ADDRESS, b"").rpartition(b",")[2].strip().decode("latin-1"),
        _token(seen.get(COOKIE, b"")),
    )


def _repeats_ours(headers: Headers) -> bool:
    names = [name.replace(b"_", b"-") for name, _value in headers]
    has_twin = any(b"_" in name and name.replace(b"_", b"-") in OURS for name, _value in headers)
    return has_twin or any(names.count(name) > 1 for name in OURS)


def names_ours(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request on a public listener carries an identity header of ours, or a twin of one."""
    return any(name.lower().replace(b"_", b"-") in IDENTITY for name, _value in headers)


def fault_in(headers: Headers, secret: bytes) -> str:
    """Why identity headers cannot count where a proxy may call; "" when there are none, or all do."""
    if not names_ours(headers):
        return ""
    if _repeats_ours(headers):
        return "header_repeated"
    return (
        "" if secret and hmac.compare_digest(dict(headers).get(SECRET, b""), secret) else "header_untrusted"
    )


def _host(value: bytes) -> str | None:
    """The host name without port and final dot, lower case; None for a list of hosts."""
    if b"," in value:
        return None
    text = value.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0].rstrip(".")


def _token(cookies: bytes) -> bytes:
    """The gate's cookie; none when it is missing, or comes with two different values."""
    found = b""
    for part in cookies.split(b";"):
        item = part.strip()
        if item.startswith(_COOKIE_START):
            value = item[len(_COOKIE_START) :]
            if found and value != found:
                return b""
            found = value
    return found
