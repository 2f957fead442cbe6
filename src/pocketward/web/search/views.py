"""One search over people, phones, cases and pages."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pocketward.kernel.ids import public_id
from pocketward.overview import api as overview_api
from pocketward.overview.api import PhoneQuestion
from pocketward.web.components.render import console_page, fragment
from pocketward.web.components.roles import role_words
from pocketward.web.gatekeeping import practice_page
from pocketward.web.incidents.listing import case_title
from pocketward.web.search.pages import Group, Hit, SearchPage
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

MOST = 6


@require_GET
@practice_page()
def search(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What `q` finds; only the list when htmx asks."""
    q = " ".join(request.GET.get("q", "").split())[:100]
    found = (_people(visitor, q), _phones(visitor, q), _cases(visitor, q), _pages(visitor, q)) if q else ()
    groups = tuple(group for group in found if group.hits)
    page = SearchPage(_("Search"), q, groups, f"{visitor.base}search/")
    if request.headers.get("HX-Request"):
        return fragment(request, "search/results.html", page)
    return console_page(request, "search/search.html", page, console_shell(visitor, ""))


def _fits(q: str, text: str) -> bool:
    return all(word in text.casefold() for word in q.casefold().split())


def _people(visitor: Visitor, q: str) -> Group:
    hits = [
        Hit(
            "user",
            person.full_name,
            role_words(person.roles),
            f"{visitor.base}people/{public_id('mem', person.member_id)}/",
        )
        for person in overview_api.people(practice_id=visitor.practice.id, q=q, limit=MOST)
    ]
    return Group(_("People"), tuple(hits))


def _phones(visitor: Visitor, q: str) -> Group:
    lines = overview_api.phones(
        practice_id=visitor.practice.id, question=PhoneQuestion(q=q), now=visitor.clock.now, limit=MOST
    )
    hits = [
        Hit(
            "phone", line.label, visitor.clock.age(line.heard_at),
            f"{visitor.base}phones/{public_id('dev', line.device_id)}/",
            line.standing.status_at(visitor.clock.now),
        )
        for line in lines
    ]  # fmt: skip
    return Group(_("Phones"), tuple(hits))


def _cases(visitor: Visitor, q: str) -> Group:
    found = overview_api.cases(practice_id=visitor.practice.id, q=q, limit=MOST)
    hits = [
        Hit(
            "flag",
            f"{case.number}, {case_title(case)}" if case.number else case_title(case),
            visitor.clock.when(case.opened_at),
            f"{visitor.base}incidents/{case.case_ref}/",
        )
        for case in found
    ]
    return Group(_("Incidents"), tuple(hits))


def _pages(visitor: Visitor, q: str) -> Group:
    base = visitor.base
    places = [
        (_("Phones and tablets"), f"{base}phones/"),
        (_("People"), f"{base}people/"),
        (_("Incidents"), f"{base}incidents/"),
        (_("Ledger"), f"{base}proof/ledger/"),
        (_("Lost-phone card"), f"{base}card/"),
    ]
    if visitor.may_change:
        places += [
            (_("Add a phone"), f"{base}phones/add/"),
            (_("Add a person"), f"{base}people/add/"),
            (_("Import people"), f"{base}people/import/"),
            (_("Set up"), f"{base}setup/"),
            (_("Apple’s push certificate"), f"{base}setup/push-certificate/"),
        ]
    hits = [Hit("right", label, _("page"), url) for label, url in places if _fits(q, label)]
    return Group(_("Pages"), tuple(hits[:MOST]))
