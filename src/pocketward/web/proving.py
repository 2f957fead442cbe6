"""What weakens protection needs a passkey that was used just now; pages say so before anything is typed."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from pocketward.access import api as access_api
from pocketward.kernel.errors import PocketwardError
from pocketward.web.components.crumbs import FieldError
from pocketward.web.components.toasts import leave_toast

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


class NotProven(PocketwardError):
    """What destroys, or approves what destroys, was sent long after this browser's person signed in."""

    code = "web.not_proven"
    sentence = "Nothing was done yet: sign in again, then do it once more."


def require_proof(request: HttpRequest) -> None:
    """NotProven unless this person signed in during the last 10 minutes: a screen may be unattended.

    With what they signed in is for the domain to judge, which refuses with a reason.
    """
    person = access_api.signed_in(request)
    if person is not None and person.strength == DEMO:
        return
    try:
        access_api.require_recent(request)
    except PocketwardError as error:
        raise NotProven(_("Nothing was done yet: sign in again, then do it once more.")) from error


def prove_url(request: HttpRequest) -> str:
    """Where to use the passkey before coming back here; empty when that is not needed."""
    return "" if is_proven(request) else _way(request.path)


def to_prove(request: HttpRequest, error: NotProven, *, back: str) -> HttpResponse:
    """Let them sign in again; the page `back` then says that nothing was done."""
    leave_toast(request, error.sentence)
    return HttpResponseRedirect(_way(back))


def _way(back: str) -> str:
    return f"{reverse('sign-in')}?{urlencode({'next': back})}"


def not_proven() -> FieldError:
    """What a form says that was sent without it."""
    return FieldError(_("Nothing was changed: use your passkey first, then send this once more."))
