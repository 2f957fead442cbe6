"""Where a request of a person came from, as an address and as a digest of its network."""

from django.conf import settings
from django.http import HttpRequest

from pocketward.kernel.networks import network_digest, sender_address


def address_of(request: HttpRequest) -> str:
    """The sender's address: what a proxy with this installation's secret says, else the peer's."""
    return sender_address(
        peer=str(request.META.get("REMOTE_ADDR", "")),
        shown=str(request.META.get("HTTP_POCKETWARD_PROXY_SECRET", "")).encode("latin-1", "replace"),
        forwarded_for=str(request.META.get("HTTP_X_FORWARDED_FOR", "")).encode("latin-1", "replace"),
        secret=settings.POCKETWARD.proxy_secret.encode(),
    )


def network_of_sender(request: HttpRequest) -> str:
    """The sender's network as a keyed digest: requests from one place are alike, the place stays unsaid."""
    return network_digest(address_of(request), settings.POCKETWARD.secret_key)
