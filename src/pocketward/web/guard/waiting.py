"""What the pages of set-up say of a change that the guard lets wait."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pocketward.rollout.api import Outcome, Width
from pocketward.web.components.toasts import leave_toast
from pocketward.web.visitor import Visitor


def to_guard(request: HttpRequest, visitor: Visitor, outcome: Outcome) -> HttpResponse:
    """To the guard's page, where the change stands until it may come."""
    said = _("It would close %(closes)s phones at once, so it waits here.") % {"closes": outcome.closes}
    if outcome.closes == 0:
        said = _("It changes who is an officer, so it waits here.")
    elif outcome.closes == 1:
        said = _("Added up with other changes it closes many phones, so it waits here.")
    leave_toast(request, said)
    return HttpResponseRedirect(f"{visitor.base}setup/guard/")


def needs_second(width: Width) -> str:
    """What is said before such a change is asked for; empty when it goes at once."""
    if not width.wide:
        return ""
    said = _(
        "This closes more than 5 % of the phones at once: it waits for a second officer, then 10 minutes."
    )
    return f"{said} {added_up(width.lately)}".strip()


def added_up(lately: int) -> str:
    """That phones which small changes closed since yesterday are counted with it; empty for none."""
    text = ngettext(
        "%(count)s phone that other changes closed in the last 24 hours is counted with it.",
        "%(count)s phones that other changes closed in the last 24 hours are counted with it.",
        lately,
    )
    return text % {"count": lately} if lately else ""
