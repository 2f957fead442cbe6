"""The phones that were taken off the list: where an officer finds them to put one back."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from pocketward.fleet import api as fleet_api
from pocketward.kernel.ids import public_id
from pocketward.web.components.crumbs import Crumb, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.phones.list_pages import RemovedPage
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor


@require_GET
@practice_page()
def removed_phones(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The phones that were taken off the list; each page of theirs can put it back."""
    found = fleet_api.removed_devices(practice_id=visitor.practice.id)
    lines = (
        PlainLine(
            device.label,
            visitor.clock.when(device.removed_at) if device.removed_at is not None else "",
            f"{visitor.base}phones/{public_id('dev', device.id)}/",
        )
        for device in found
    )
    page = RemovedPage(
        title=_("Phones off the list"),
        crumbs=(Crumb(_("Phones"), f"{visitor.base}phones/"), Crumb(_("Off the list"))),
        say=ngettext("%(n)s phone is off the list.", "%(n)s phones are off the list.", len(found))
        % {"n": len(found)}
        if found
        else _("No phone is off the list."),
        follow=_("None of them opens records. Each can be put back from its page.") if found else "",
        lines=tuple(lines),
    )
    return console_page(request, "phones/removed.html", page, console_shell(visitor, "phones"))
