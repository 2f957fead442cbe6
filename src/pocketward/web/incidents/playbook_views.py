"""The written steps: on a page that prints well, and as a document."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pocketward.response import api as response_api
from pocketward.response.api import Playbook
from pocketward.response.errors import PlaybookBroken
from pocketward.web.components.crumbs import Crumb
from pocketward.web.components.render import console_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.incidents.pages import PlaybookPage, WrittenStep
from pocketward.web.surroundings import call_instead, console_shell
from pocketward.web.visitor import Visitor


def _plan(name: str) -> Playbook:
    try:
        return response_api.playbook(name)
    except PlaybookBroken as error:
        raise Http404 from error


@require_GET
@practice_page()
def playbook(request: HttpRequest, visitor: Visitor, name: str) -> HttpResponse:
    """Every step: who, by when, and what to do when this server cannot be reached."""
    plan, number = _plan(name), call_instead(visitor.practice)
    page = PlaybookPage(
        title=plan.title,
        crumbs=(Crumb(_("Incidents"), f"{visitor.base}incidents/"), Crumb(_("Written steps"))),
        say=_("%(title)s: the written steps.") % {"title": plan.title},
        follow=_("Version %(version)s. Print it; it must help when nothing else works.")
        % {"version": plan.version},
        steps=tuple(
            WrittenStep(
                step.title,
                response_api.WHO[step.who],
                response_api.within(step.minutes),
                step.offline,
                step.only,
            )
            for step in plan.steps
        ),
        number=number.label if number else "",
        pdf_url=f"{visitor.base}incidents/steps/{name}.pdf",
    )
    return console_page(request, "incidents/playbook.html", page, console_shell(visitor, "incidents"))


@require_GET
@practice_page()
def playbook_pdf(request: HttpRequest, visitor: Visitor, name: str) -> HttpResponse:
    """The same as a document; taking it is a sealed fact."""
    plan = _plan(name)
    data = response_api.playbook_pdf(plan, practice=visitor.practice)
    response_api.note_playbook_taken(practice=visitor.practice, plan=plan, content=data, by=visitor.actor)
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="steps-{name}-v{plan.version}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
