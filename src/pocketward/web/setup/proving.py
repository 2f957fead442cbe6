"""What weakens protection needs a passkey that was used just now; pages say so before anything is typed."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pocketward.access import api as access_api
from pocketward.kernel.errors import PocketwardError
from pocketward.web.components.crumbs import FieldError

DEMO = "demo"  # exists in demo worlds only, where nobody has to have a passkey


def is_proven(request: HttpRequest) -> bool:
    """Whether this browser's person used something a look-alike page cannot get, in the last 10 minutes."""
    person = access_api.signed_in(request)
    if person is not None and person.strength == DEMO:
        return True
    try:
        return access_api.is_phishing_resistant(access_api.require_recent(request).strength)
    except PocketwardError:
        return False


def prove_url(request: HttpRequest) -> str:
    """Where to use the passkey before coming back here; empty when that is not needed."""
    if is_proven(request):
        return ""
    return f"{reverse('sign-in')}?{urlencode({'next': request.path})}"


def not_proven() -> FieldError:
    """What a form says that was sent without it."""
    return FieldError(_("Nothing was changed: use your passkey first, then send this once more."))
