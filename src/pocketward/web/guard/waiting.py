"""What the pages of set-up say of a change that the guard lets wait."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from pocketward.fleet import api as fleet_api
from pocketward.rollout.api import Outcome
from pocketward.web.components.toasts import leave_toast
from pocketward.web.visitor import Visitor


def to_guard(request: HttpRequest, visitor: Visitor, outcome: Outcome) -> HttpResponse:
    """To the guard's page, where the change stands until it may come."""
    said = _("It would close %(closes)s phones at once, so it waits here.") % {"closes": outcome.closes}
    leave_toast(request, said)
    return HttpResponseRedirect(f"{visitor.base}setup/guard/")


def needs_second(closes: int, of: int) -> str:
    """What is said before such a change is asked for; empty when it goes at once."""
    if not fleet_api.is_wide(closes=closes, of=of):
        return ""
    return _(
        "This closes more than 5 % of the phones at once: it waits for a second officer, then 10 minutes."
    )
