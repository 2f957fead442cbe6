"""Home."""

from datetime import timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from pocketward.ledger import api as ledger_api
from pocketward.web.components.render import console_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.home.openings import openings
from pocketward.web.home.pages import Happening, home_page
from pocketward.web.home.reading import read_world
from pocketward.web.ledger.sentences import kinds_like, what_happened
from pocketward.web.names import names_of
from pocketward.web.surroundings import console_shell, lost_address
from pocketward.web.visitor import Visitor

# What is worth telling on Home; everything else is in the ledger.
TOLD = (
    "practice.member_left", "practice.role_", "practice.owner_link_made", "response.loss_",
    "response.found_", "response.alert_answered", "incidents.case_", "incidents.breach_decided",
    "access.records_", "access.emergency_", "fleet.device_enrolled", "fleet.device_removed",
    "fleet.erase_", "fleet.destructive_", "fleet.push_certificate_added", "access.permit_", "access.app_",
    "policy.policy_changed", "practice.practice_changed", "pki.legacy_algorithms_allowed",
)  # fmt: skip
MOST_LINES = 8
# Many of these in a row are one line.
TOGETHER = ("fleet.device_enrolled",)


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


def _since(visitor: Visitor) -> tuple[Happening, ...]:
    names = names_of(visitor.practice.id)
    start = visitor.clock.now - timedelta(days=1)
    entries = ledger_api.entries(practice_id=visitor.practice.id, kinds=kinds_like(*TOLD), limit=60)
    recent = [entry for entry in entries if entry.occurred_at > start]
    lines = []
    for kind, group in groupby(recent, key=lambda entry: entry.kind):
        alike = list(group)
        first = alike[0]
        who = names.actor(first.actor, first.actor_name)
        if len(alike) > 2 and kind in TOGETHER:
            who = f"{who} and {len(alike) - 1} more"
            alike = alike[:1]
        for entry in alike:
            name = who if entry is first else names.actor(entry.actor, entry.actor_name)
            text = f"{name} {what_happened(entry.kind, entry.body, names)}."
            lines.append(Happening(visitor.clock.time(entry.occurred_at), text))
    return tuple(lines[:MOST_LINES])
