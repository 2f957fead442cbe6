"""Where a request of a person came from: what a proxy that proves itself says, else the peer.

The proof is this installation's secret. `config.public_listeners` has refused whoever shows another one, or
shows one twice, before any page is asked.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from pocketward.kernel import crypto
from pocketward.kernel.networks import sender_address

# What proxies add. Without proof it shows only that the peer is not where the request began.
_OF_A_PROXY = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_VIA",
)


def address_of_sender(request: HttpRequest) -> str:
    """The sender's address as text, as the proven proxy or the socket gives it; it may be no IP address."""
    return sender_address(
        peer=str(request.META.get("REMOTE_ADDR", "")),
        shown=_shown(request),
        forwarded_for=_bytes(request, "HTTP_X_FORWARDED_FOR"),
        secret=_secret(),
    )


def ip_of_sender(request: HttpRequest) -> str:
    """The sender's IP address; the peer's when the proxy names none, and 0.0.0.0 when nobody does."""
    for text in (address_of_sender(request), str(request.META.get("REMOTE_ADDR", ""))):
        try:
            return str(ipaddress.ip_address(text.partition("%")[0]))
        except ValueError:
            continue
    return "0.0.0.0"  # noqa: S104 - "unknown"


def is_private_enough(request: HttpRequest) -> bool:
    """Whether a secret may travel in this request: over TLS, or never off this machine.

    A proven proxy's word decides for what it forwards. A proxy without proof is a stranger on this machine:
    what it forwards counts as plain HTTP from elsewhere.
    """
    address = ipaddress.ip_address(ip_of_sender(request))
    if crypto.same(_shown(request), _secret()) and _secret():
        return request.META.get("HTTP_X_FORWARDED_PROTO") == "https" or address.is_loopback
    if request.is_secure():
        return True
    return address.is_loopback and not any(name in request.META for name in _OF_A_PROXY)


def _secret() -> bytes:
    secret: str = settings.POCKETWARD.proxy_secret
    return secret.encode()


def _shown(request: HttpRequest) -> bytes:
    return _bytes(request, "HTTP_POCKETWARD_PROXY_SECRET")


def _bytes(request: HttpRequest, name: str) -> bytes:
    return str(request.META.get(name, "")).encode("latin-1", "replace")
