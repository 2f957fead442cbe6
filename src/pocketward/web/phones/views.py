"""The list of phones, its CSV, and asking many to check in."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from pocketward.fleet import api as fleet_api
from pocketward.kernel.ids import parse_public_id
from pocketward.overview import api as overview_api
from pocketward.overview.api import OverviewError, PhoneLine
from pocketward.spine.api import unit_of_work
from pocketward.web.components.crumbs import Crumb
from pocketward.web.components.paging import page_that_exists
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import READERS, TECHNICIAN, practice_page
from pocketward.web.phones.asking import BY_OFFICERS, HEALTH
from pocketward.web.phones.bulk_pages import BulkPage, PickedPhone
from pocketward.web.phones.csv_file import csv_of
from pocketward.web.phones.list_pages import phones_page, read_asked
from pocketward.web.phones.reading import row_of
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

# Phones asked in one transaction: whatever else is written gets its turn in between.
BATCH = 50


@require_GET
@practice_page(read=READERS | TECHNICIAN)
def phone_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every phone, worst first."""
    practice_id, clock, toast = visitor.practice.id, visitor.clock, take_toast(request)
    if toast:
        overview_api.catch_up(practice_id=practice_id)
    asked = read_asked(request.GET)
    numbers = overview_api.phone_counts(practice_id=practice_id, now=clock.now, question=asked.question)
    asked = replace(asked, page=page_that_exists(asked.page, numbers.found))
    first = (asked.page - 1) * overview_api.PER_PAGE
    part = overview_api.phones(practice_id=practice_id, question=asked.question, now=clock.now, first=first)
    page = phones_page(
        (row_of(line, clock) for line in part), numbers, asked, clock, base=visitor.base, toast=toast,
        may_change=visitor.may_change,
    )  # fmt: skip
    return console_page(request, "phones/list.html", page, console_shell(visitor, "phones"))


@require_GET
@practice_page(read=READERS | TECHNICIAN)
def phones_csv(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The list in the address as a CSV file, all its pages."""
    asked, clock = read_asked(request.GET), visitor.clock
    lines = overview_api.phones(
        practice_id=visitor.practice.id, question=asked.question, now=clock.now, limit=None
    )
    text = csv_of((row_of(line, clock) for line in lines), clock)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="phones-{visitor.practice.slug}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@practice_page()
def bulk(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask picked phones to check in: the first POST freezes the list and shows it, the second acts on it.

    What is acted on is the list kept on the server, never what the browser shows or sends by then.
    """
    token = request.POST.get("frozen", "")
    if token:
        return _act(request, visitor, token)
    picked = _picked(request, visitor)
    if not picked:
        leave_toast(request, _("Pick at least one phone first."))
        return HttpResponseRedirect(f"{visitor.base}phones/")
    try:
        frozen, kept = overview_api.freeze(
            practice_id=visitor.practice.id, member_id=visitor.member.id, device_ids=picked
        )
    except OverviewError as error:
        leave_toast(request, error.sentence)
        return HttpResponseRedirect(f"{visitor.base}phones/")
    lines = overview_api.phones_by_id(practice_id=visitor.practice.id, device_ids=kept)
    page = _bulk_page(visitor, lines, frozen)
    return console_page(request, "phones/bulk.html", page, console_shell(visitor, "phones"))


def _picked(request: HttpRequest, visitor: Visitor) -> tuple[UUID, ...]:
    """The ticked phones; with `all`, every phone that fits the question in the address."""
    if request.POST.get("all"):
        return overview_api.phone_ids(
            practice_id=visitor.practice.id, question=read_asked(request.GET).question,
            now=visitor.clock.now, limit=overview_api.MOST + 1,
        )  # fmt: skip
    return tuple(_understood(request.POST.getlist("pick")))


def _understood(public_ids: list[str]) -> Iterator[UUID]:
    for text in public_ids:
        try:
            yield parse_public_id("dev", text)
        except ValueError:
            continue


def _bulk_page(visitor: Visitor, lines: Sequence[PhoneLine], frozen: str) -> BulkPage:
    able = sum(1 for line in lines if line.enrollment_state == "enrolled")
    return BulkPage(
        title=_("Ask to check in"),
        crumbs=(Crumb(_("Phones"), f"{visitor.base}phones/"), Crumb(_("Ask to check in"))),
        say=ngettext("Ask %(count)s phone to check in.", "Ask %(count)s phones to check in.", able)
        % {"count": able},
        phones=tuple(
            PickedPhone(
                line.label,
                "" if line.enrollment_state == "enrolled" else _("Cannot be asked: it is not enrolled."),
            )
            for line in lines
        ),
        frozen=frozen,
        action=f"{visitor.base}phones/bulk/",
        back_url=f"{visitor.base}phones/",
    )


def _act(request: HttpRequest, visitor: Visitor, token: str) -> HttpResponse:
    back = HttpResponseRedirect(f"{visitor.base}phones/")
    try:
        kept = overview_api.spend_frozen(
            practice_id=visitor.practice.id, member_id=visitor.member.id, token=token
        )
    except OverviewError as error:
        leave_toast(request, error.sentence)
        return back
    asked = ask_to_check_in(visitor, kept)
    leave_toast(request, ngettext("%(n)s phone is asked.", "%(n)s phones are asked.", asked) % {"n": asked})
    return back


def ask_to_check_in(visitor: Visitor, device_ids: Sequence[UUID]) -> int:
    """Ask exactly these phones how they are, those of them that are enrolled now; how many were asked."""
    parts = (device_ids[start : start + BATCH] for start in range(0, len(device_ids), BATCH))
    return sum(_ask_part(visitor, part) for part in parts)


@unit_of_work
def _ask_part(visitor: Visitor, device_ids: Sequence[UUID]) -> int:
    found = fleet_api.devices(practice_id=visitor.practice.id, device_ids=device_ids)
    able = [device.id for device in found if device.enrollment_state == "enrolled"]
    for device_id in able:
        fleet_api.ask_now(device_id=device_id, request_types=HEALTH, by=visitor.actor, most=BY_OFFICERS)
    return len(able)
