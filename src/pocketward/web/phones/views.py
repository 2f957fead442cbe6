"""The list of phones, its CSV, and asking many to check in."""

from typing import Final

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from pocketward.fleet import api as fleet_api
from pocketward.spine.api import unit_of_work
from pocketward.web.components.crumbs import Crumb
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.phones.bulk_pages import BulkPage, PickedPhone
from pocketward.web.phones.csv_file import csv_of
from pocketward.web.phones.list_pages import phones_page, read_asked, select
from pocketward.web.phones.reading import Phone, phones, row_of
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

FROZEN_FOR: Final = 15 * 60


@require_GET
@practice_page()
def phone_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every phone, worst first."""
    rows = tuple(row_of(phone) for phone in phones(visitor.practice.id, visitor.clock))
    page = phones_page(
        rows, read_asked(request.GET), visitor.clock, base=visitor.base, toast=take_toast(request),
        may_change=visitor.may_change,
    )  # fmt: skip
    return console_page(request, "phones/list.html", page, console_shell(visitor, "phones"))


@require_GET
@practice_page()
def phones_csv(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The list in the address as a CSV file."""
    rows = [row_of(phone) for phone in phones(visitor.practice.id, visitor.clock)]
    text = csv_of(select(rows, read_asked(request.GET)), visitor.clock)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="phones-{visitor.practice.slug}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@practice_page()
def bulk(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask picked phones to check in: the first POST freezes the list and shows it, the second acts on it.

    What is acted on is the frozen list, signed by the server, never what the browser shows by then.
    """
    frozen = request.POST.get("frozen", "")
    if frozen:
        return _act(request, visitor, frozen)
    wanted = set(request.POST.getlist("pick"))
    picked = [phone for phone in phones(visitor.practice.id, visitor.clock) if phone.public_id in wanted]
    if not picked:
        leave_toast(request, "Pick at least one phone first.")
        return HttpResponseRedirect(f"{visitor.base}phones/")
    page = _bulk_page(visitor, picked)
    return console_page(request, "phones/bulk.html", page, console_shell(visitor, "phones"))


def _bulk_page(visitor: Visitor, picked: list[Phone]) -> BulkPage:
    ids = [phone.public_id for phone in picked]
    able = [phone for phone in picked if phone.device.enrollment_id is not None]
    return BulkPage(
        title="Ask to check in",
        crumbs=(Crumb("Phones", f"{visitor.base}phones/"), Crumb("Ask to check in")),
        say=ngettext("Ask %(count)s phone to check in.", "Ask %(count)s phones to check in.", len(able))
        % {"count": len(able)},
        phones=tuple(
            PickedPhone(phone.device.label, "" if phone in able else "Cannot be asked: it is not enrolled.")
            for phone in picked
        ),
        frozen=signing.dumps({"practice": str(visitor.practice.id), "phones": ids}, salt="bulk"),
        action=f"{visitor.base}phones/bulk/",
        back_url=f"{visitor.base}phones/",
    )


def _act(request: HttpRequest, visitor: Visitor, frozen: str) -> HttpResponse:
    back = HttpResponseRedirect(f"{visitor.base}phones/")
    try:
        kept = signing.loads(frozen, salt="bulk", max_age=FROZEN_FOR)
    except signing.BadSignature:
        leave_toast(request, "That list was too old. Pick the phones again.")
        return back
    if kept["practice"] != str(visitor.practice.id):
        leave_toast(request, "That list was of another practice.")
        return back
    asked = ask_to_check_in(visitor, set(kept["phones"]))
    leave_toast(request, ngettext("%(n)s phone is asked.", "%(n)s phones are asked.", asked) % {"n": asked})
    return back


@unit_of_work
def ask_to_check_in(visitor: Visitor, public_ids: set[str]) -> int:
    """Ask these phones of the practice in scope how they are; how many were asked."""
    asked = 0
    for phone in phones(visitor.practice.id, visitor.clock):
        if phone.public_id in public_ids and phone.device.enrollment_state == "enrolled":
            ask_one(visitor, phone)
            asked += 1
    return asked


@unit_of_work
def ask_one(visitor: Visitor, phone: Phone) -> None:
    """Queue the two questions whose answers the checks read."""
    for request_type in ("DeviceInformation", "SecurityInfo"):
        fleet_api.order_command(
            device_id=phone.device.id,
            request_type=request_type,
            by=visitor.actor,
            urgent=True,
            purpose="inventory",
        )
