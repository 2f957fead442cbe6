"""Home."""

from datetime import timedelta
from itertools import groupby
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from pocketward.ledger import api as ledger_api
from pocketward.ledger.api import Entry
from pocketward.web.components.render import console_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.home.openings import openings
from pocketward.web.home.pages import Happening, home_page, tasks_page
from pocketward.web.home.reading import read_world
from pocketward.web.ledger.sentences import doer, kinds_like, what_happened
from pocketward.web.names import Names, names_of
from pocketward.web.surroundings import console_shell, lost_address
from pocketward.web.visitor import Visitor

# What is worth telling on Home; everything else is in the ledger.
TOLD = (
    "practice.member_left", "practice.role_", "practice.owner_link_made", "practice.new_sign_in_invited",
    "response.loss_", "response.found_", "response.alert_answered", "incidents.case_",
    "incidents.breach_decided",
    "access.records_", "access.emergency_", "fleet.device_enrolled", "fleet.device_removed",
    "fleet.erase_", "fleet.destructive_", "fleet.push_certificate_added", "access.permit_", "access.app_",
    "policy.policy_changed", "practice.practice_changed", "pki.legacy_algorithms_allowed",
)  # fmt: skip
MOST_LINES = 8
# Many of these in a row are one line.
TOGETHER: Final = {
    "fleet.device_enrolled": gettext_lazy("%(first)s and %(count)s more joined."),
    "access.records_opened": gettext_lazy("Records open on %(first)s and %(count)s more."),
    "access.records_closed": gettext_lazy("Records closed on %(first)s and %(count)s more."),
}


@require_GET
@practice_page()
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The sentence, the roll call, and at most three tasks."""
    world = read_world(visitor)
    page = home_page(
        world,
        visitor.clock,
        base=visitor.base,
        lost_address=lost_address(visitor.practice),
        since_title="The last day",
        since=_since(visitor),
        openings=openings(visitor),
    )
    template = "home/solo.html" if world.solo else "home/home.html"
    return console_page(request, template, page, console_shell(visitor, "home"))


@require_GET
@practice_page()
def all_tasks(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every task, those on Home first."""
    page = tasks_page(read_world(visitor), visitor.clock, base=visitor.base)
    return console_page(request, "home/tasks.html", page, console_shell(visitor, "home"))


def _since(visitor: Visitor) -> tuple[Happening, ...]:
    names = names_of(visitor.practice.id)
    start = visitor.clock.now - timedelta(days=1)
    entries = ledger_api.entries(practice_id=visitor.practice.id, kinds=kinds_like(*TOLD), limit=60)
    recent = [entry for entry in entries if entry.occurred_at > start]
    lines: list[Happening] = []
    for kind, group in groupby(recent, key=lambda entry: entry.kind):
        alike = list(group)
        if len(alike) > 2 and kind in TOGETHER:
            lines.append(_together(str(TOGETHER[kind]), alike, names, visitor))
        else:
            lines.extend(_alone(entry, names, visitor) for entry in alike)
    return tuple(lines[:MOST_LINES])


def _together(words: str, alike: list[Entry], names: Names, visitor: Visitor) -> Happening:
    first = alike[0]
    device = names.device(str((first.body or {}).get("device_id", "")))
    text = words % {"first": device, "count": len(alike) - 1}
    return Happening(visitor.clock.moment(first.occurred_at), text)


def _alone(entry: Entry, names: Names, visitor: Visitor) -> Happening:
    who = doer(entry, names)
    return Happening(
        visitor.clock.moment(entry.occurred_at), f"{who} {what_happened(entry.kind, entry.body, names)}."
    )
