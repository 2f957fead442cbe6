"""The network that a request of a person came from, as a digest."""

from django.conf import settings
from django.http import HttpRequest

from pocketward.access import api as access_api
from pocketward.kernel.networks import network_digest


def network_of_sender(request: HttpRequest) -> str:
    """The sender's network as a keyed digest: requests from one place are alike, the place stays unsaid."""
    return network_digest(access_api.address_of_sender(request), settings.POCKETWARD.secret_key)
