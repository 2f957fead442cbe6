"""Adding a phone: the question, the code to scan, and its progress as it joins."""

from uuid import UUID

import segno
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import EnrollmentRecord, Ticket
from pocketward.fleet.errors import LabelTooLong, TicketMadeAlready, TicketUsed
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import parse_public_id, public_id, uuid7
from pocketward.kernel.letters import has_unseen_letters
from pocketward.practice import api as practice_api
from pocketward.web.components.crumbs import Choice, Crumb, FieldError
from pocketward.web.components.one_showing import keep_for_one_showing, take_for_showing
from pocketward.web.components.render import console_page, fragment
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.phones.add_pages import AddPage, Joining, JoinStep, OwnerColumn, TicketPage
from pocketward.web.phones.reading import one_phone
from pocketward.web.phones.suggesting import case_here, suggestion
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

OFFICERS = frozenset(practice_api.OFFICERS)


@require_http_methods(["GET", "POST"])
@practice_page(read=OFFICERS)
def add(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask whose phone it is, then go to the page of the code.

    The code stands on that page once: it is a secret and is kept nowhere in the browser. The same form sent
    twice makes one code.
    """
    if request.method == "GET":
        return _ask(request, visitor, suggestion(request, visitor), ())
    values = {
        name: " ".join(request.POST.get(name, "").split())
        for name in ("label", "ownership", "kind", "member", "number", "case")
    }
    if not values["label"]:
        return _ask(request, visitor, values, (FieldError(_("Give the phone a name."), "label"),))
    if has_unseen_letters(values["label"]):
        return _ask(
            request, visitor, values, (FieldError(_("The name has letters that cannot be seen."), "label"),)
        )
    number = _number(visitor, values["number"])
    try:
        ticket = _make(visitor, values, number)
    except TicketMadeAlready:
        return HttpResponseRedirect(_place(visitor, number))
    except (PocketwardError, ValueError) as error:
        sentence = error.sentence if isinstance(error, PocketwardError) else _("Choose who uses it.")
        field = "label" if isinstance(error, LabelTooLong) else "member"
        return _ask(request, visitor, values, (FieldError(sentence, field),))
    place = _place(visitor, ticket.enrollment_id)
    keep_for_one_showing(request, place, ticket.secret)
    return HttpResponseRedirect(place)


def _place(visitor: Visitor, enrollment_id: UUID) -> str:
    return f"{visitor.base}phones/add/{public_id('enr', enrollment_id)}/"


def _make(visitor: Visitor, values: dict[str, str], number: UUID) -> Ticket:
    """The ticket that the form asks for; ValueError when its person is none of ours in form."""
    member = parse_public_id("mem", values["member"]) if values["member"] else None
    return fleet_api.create_enrollment_ticket(
        practice_id=visitor.practice.id,
        member_id=member,
        ownership=values["ownership"],
        kind=values["kind"],
        label=values["label"],
        shared=member is None,
        for_case=case_here(values["case"]),
        enrollment_id=number,
        by=visitor.actor,
    )


def _number(visitor: Visitor, given: str) -> UUID:
    """The number that the form has drawn for its code here, else a new one."""
    try:
        return parse_public_id("enr", _signer(visitor).unsign(given))
    except (BadSignature, ValueError):
        return uuid7()


def _signer(visitor: Visitor) -> Signer:
    """Only numbers drawn for this practice come back: another's would be taken already."""
    return Signer(salt=f"ticket:{visitor.practice.id}")


def enrollment_address(visitor: Visitor, secret: str) -> str:
    """The address a phone opens to join."""
    practice = public_id("prac", visitor.practice.id)
    return f"{settings.POCKETWARD.device_url}/device/{practice}/enroll/{secret}"


def _ask(
    request: HttpRequest, visitor: Visitor, values: dict[str, str], errors: tuple[FieldError, ...]
) -> HttpResponse:
    page = add_page(visitor, values, errors, take_toast(request))
    shell = console_shell(visitor, "phones")
    return console_page(request, "phones/add.html", page, shell, status=400 if errors else 200)


def add_page(
    visitor: Visitor, values: dict[str, str], errors: tuple[FieldError, ...] = (), toast: str = ""
) -> AddPage:
    """The question, with what stands in its way and what is half-way in."""
    people = practice_api.members(practice_id=visitor.practice.id)
    chosen = values.get("member", "")
    missing = fleet_api.push_certificate(practice_id=visitor.practice.id) is None
    return AddPage(
        title=_("Add a phone"),
        crumbs=(Crumb(_("Phones"), f"{visitor.base}phones/"), Crumb(_("Add a phone"))),
        action="",
        people=(
            Choice("", _("Shared by several people")),
            *(
                Choice(public_id("mem", person.id), person.full_name, public_id("mem", person.id) == chosen)
                for person in people
            ),
        ),
        label=values.get("label", ""),
        ownership=values.get("ownership", "practice"),
        kind=values.get("kind", "iphone"),
        columns=_columns(),
        blocked=_("No phone can be reached yet: Apple’s push certificate is missing.") if missing else "",
        blocked_url=f"{visitor.base}setup/push-certificate/" if missing else "",
        waiting=waiting(visitor),
        number=values.get("number", "") or _signer(visitor).sign(public_id("enr", uuid7())),
        case_ref=values.get("case", ""),
        errors=errors,
        toast=toast,
    )


def _columns() -> tuple[OwnerColumn, ...]:
    return (
        OwnerColumn(
            _("The practice’s own"),
            (_("Lock and erase it when it is lost"), _("Find it when it is lost, if it is supervised")),
            (),
        ),
        OwnerColumn(
            _("The person’s own"),
            (_("Close records on it, take back work data"),),
            (
                _("Cannot be found"),
                _("Cannot be erased"),
                _("Photos, messages and own apps stay unseen"),
            ),
        ),
    )


def waiting(visitor: Visitor) -> tuple[Joining, ...]:
    """Phones half-way in: their code was made or opened, and they have not joined."""
    rows = fleet_api.enrollments(practice_id=visitor.practice.id)
    halfway = [row for row in rows if row.enrolled_at is None and row.state in ("ticket", "authenticated")]
    return tuple(_joining(row, visitor) for row in halfway if row.expires_at > visitor.clock.now)


def _joining(row: EnrollmentRecord, visitor: Visitor) -> Joining:
    place = _place(visitor, row.id)
    may_remove = row.device_id is None and visitor.may_change
    return Joining(row.label, place, _joining_words(row, visitor), f"{place}remove/" if may_remove else "")


def _joining_words(row: EnrollmentRecord, visitor: Visitor) -> str:
    if row.profile_fetched_at is None:
        return _("Code made %(age)s, not opened yet") % {"age": visitor.clock.age(row.made_at)}
    return _("Code opened %(age)s, not installed yet") % {"age": visitor.clock.age(row.profile_fetched_at)}


def enrollment_here(visitor: Visitor, enrollment_id: str) -> EnrollmentRecord:
    """The enrollment of this practice with this public id; 404 for every other."""
    try:
        wanted = parse_public_id("enr", enrollment_id)
    except ValueError as error:
        raise Http404 from error
    rows = fleet_api.enrollments(practice_id=visitor.practice.id)
    found = next((row for row in rows if row.id == wanted), None)
    if found is None:
        raise Http404
    return found


@require_GET
@practice_page(read=OFFICERS)
def ticket(request: HttpRequest, visitor: Visitor, enrollment_id: str) -> HttpResponse:
    """How far a phone has got; its code on the one showing after it was made."""
    row = enrollment_here(visitor, enrollment_id)
    secret = take_for_showing(request, request.path)
    page = ticket_page(visitor, row, enrollment_address(visitor, secret) if secret else "")
    return console_page(request, "phones/ticket.html", page, console_shell(visitor, "phones"))


@require_POST
@practice_page()
def remove(request: HttpRequest, visitor: Visitor, enrollment_id: str) -> HttpResponse:
    """Take a code back that no phone has joined with."""
    row = enrollment_here(visitor, enrollment_id)
    try:
        fleet_api.withdraw_ticket(enrollment_id=row.id, by=visitor.actor)
        leave_toast(
            request, _("Removed. Nothing can join with the code of %(phone)s.") % {"phone": row.label}
        )
    except TicketUsed as error:
        leave_toast(request, _(error.sentence))
    return HttpResponseRedirect(f"{visitor.base}phones/add/")


@require_GET
@practice_page(read=OFFICERS)
def progress(request: HttpRequest, visitor: Visitor, enrollment_id: str) -> HttpResponse:
    """The progress alone, for the page to swap in."""
    page = ticket_page(visitor, enrollment_here(visitor, enrollment_id), "")
    return fragment(request, "phones/progress.html", page)


def ticket_page(visitor: Visitor, row: EnrollmentRecord, address: str) -> TicketPage:
    """The code (when `address` is known) and how far the phone is."""
    place = _place(visitor, row.id)
    steps = join_steps(visitor, row)
    joined = row.device_id is not None
    finished = all(step.state == "up" for step in steps)
    return TicketPage(
        title=row.label,
        crumbs=(
            Crumb(_("Phones"), f"{visitor.base}phones/"),
            Crumb(_("Add a phone"), f"{visitor.base}phones/add/"),
            Crumb(row.label),
        ),
        for_whom=_for_whom(row),
        notice=_("Before installing, the person sees what the practice can see and what it never can."),
        qr_svg=segno.make(address, error="m").svg_inline(omitsize=True) if address else "",
        address=address,
        expires=_("Good until %(when)s, for one phone.") % {"when": visitor.clock.when(row.expires_at)},
        steps=steps,
        progress_url=f"{place}progress/",
        done_url=f"{visitor.base}phones/{public_id('dev', row.device_id)}/"
        if joined and row.device_id
        else "",
        finished=finished,
        say=_say(visitor, row, finished) % {"phone": row.label},
        again_url=f"{visitor.base}phones/add/?again={public_id('enr', row.id)}",
    )


def _say(visitor: Visitor, row: EnrollmentRecord, finished: bool) -> str:
    if finished:
        return _("%(phone)s is in.")
    if row.state == "withdrawn":
        return _("The code of %(phone)s was removed.")
    if row.device_id is None and row.expires_at <= visitor.clock.now:
        return _("The code of %(phone)s has run out.")
    return _("%(phone)s can join now.")


def _for_whom(row: EnrollmentRecord) -> str:
    kind = {"iphone": "iPhone", "ipad": "iPad"}.get(row.kind, row.kind)
    if row.ownership == "personal":
        return _("The person’s own %(kind)s. Only its work side is managed.") % {"kind": kind}
    if row.shared:
        return _("Practice-owned %(kind)s, shared by several people.") % {"kind": kind}
    return _("Practice-owned %(kind)s.") % {"kind": kind}


def join_steps(visitor: Visitor, row: EnrollmentRecord) -> tuple[JoinStep, ...]:
    """Each step of joining, with the time the server saw it; the first not seen is the one awaited."""
    heard, judged = None, None
    if row.device_id is not None:
        found = one_phone(fleet_api.get_device(device_id=row.device_id), visitor.clock)
        heard = found.device.last_heard_at
        judged = heard if found.verdict is not None else None
    seen = (
        (_("Code made"), row.made_at, ""),
        (_("Code opened on the phone"), row.profile_fetched_at, _("Scan it, or type the address.")),
        (_("Own certificate received"), row.authenticated_at, _("The phone asks the person to agree.")),
        (_("Joined"), row.enrolled_at, ""),
        (_("First report"), heard, _("It answers the first questions.")),
        (_("Checks judged"), judged, ""),
    )
    steps, waits = [], False
    for text, at, hint in seen:
        if at is not None and not waits:
            steps.append(JoinStep(text, "up", visitor.clock.time(at, seconds=True)))
        elif not waits:
            waits = True
            steps.append(JoinStep(text, "now", _("waiting"), hint))
        else:
            steps.append(JoinStep(text, "open"))
    return tuple(steps)
