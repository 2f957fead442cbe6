"""The checklist."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from pocketward.practice.api import OFFICERS
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.setup.levels import level_choices
from pocketward.web.setup.pages import ChecklistPage
from pocketward.web.setup.server import server_lines
from pocketward.web.setup.steps import steps
from pocketward.web.setup.tabs import setup_tabs
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

READ = frozenset(OFFICERS)


@require_GET
@practice_page(read=READ)
def checklist(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What stands and what is left."""
    found = steps(visitor)
    left = sum(1 for step in found if step.state != "done")
    say = ngettext("%(count)s step is left.", "%(count)s steps are left.", left) % {"count": left}
    page = ChecklistPage(
        title=_("Set up"),
        say=say if left else _("Everything is set up."),
        follow=_("In any order. You can stop after each; what waits says what it costs."),
        levels=level_choices(visitor.practice.adoption_level),
        steps=found,
        tabs=setup_tabs(visitor, ""),
        level_url=f"{visitor.base}setup/practice/#adoption_level",
        doctor=server_lines(visitor),
        toast=take_toast(request),
    )
    return console_page(request, "setup/checklist.html", page, console_shell(visitor, ""))
