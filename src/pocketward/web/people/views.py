"""People: finding, adding, inviting, roles, leaving, and the import of many."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pocketward.access import api as access_api
from pocketward.kernel.errors import PocketwardError
from pocketward.kernel.ids import parse_public_id, public_id
from pocketward.overview import api as overview_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member
from pocketward.practice.errors import EmailRefused, NoSuchMember, NoSuchSite
from pocketward.rollout import api as rollout_api
from pocketward.web.attention import phones_of
from pocketward.web.components.crumbs import FieldError
from pocketward.web.components.paging import page_in, page_that_exists
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.guard.waiting import to_guard
from pocketward.web.people.pages import add_person_page, import_page, people_page, person_page
from pocketward.web.people.roles_pages import roles_page
from pocketward.web.proving import NotProven, require_proof, to_prove
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

FIELDS = ("full_name", "email", "phone", "job_title", "language")


@require_GET
@practice_page()
def people(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Everybody who works here."""
    practice_id, toast = visitor.practice.id, take_toast(request)
    if toast:
        overview_api.catch_up(practice_id=practice_id)
    q = " ".join(request.GET.get("q", "").split())[:100]
    total, found = overview_api.count_people(practice_id=practice_id, q=q)
    page = page_that_exists(page_in(request.GET), found)
    first = (page - 1) * overview_api.PER_PAGE
    listed = people_page(
        overview_api.people(practice_id=practice_id, q=q, first=first),
        base=visitor.base,
        q=q,
        page=page,
        total=total,
        found=found,
        vacant=overview_api.practice_line(practice_id=practice_id).vacant_roles,
        can_change=visitor.may_change,
        toast=toast,
    )
    return console_page(request, "people/list.html", listed, console_shell(visitor, "people"))


@require_GET
@practice_page()
def roles(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who holds each named role, and who held it before."""
    history = practice_api.role_history(practice_id=visitor.practice.id)
    grants = practice_api.service_grants(practice_id=visitor.practice.id)
    page = roles_page(history, grants, visitor.clock, base=visitor.base)
    return console_page(request, "people/roles.html", page, console_shell(visitor, "people"))


@require_GET
@practice_page()
def person(request: HttpRequest, visitor: Visitor, member_id: str) -> HttpResponse:
    """One person."""
    return _person_page(request, visitor, _member(member_id))


def _person_page(
    request: HttpRequest,
    visitor: Visitor,
    member: Member,
    *,
    invitation: str = "",
    errors: tuple[FieldError, ...] = (),
) -> HttpResponse:
    history = practice_api.role_history(practice_id=visitor.practice.id)
    page = person_page(
        member,
        visitor.clock,
        base=visitor.base,
        history=tuple(span for span in history if span.member_id == member.id),
        phones=phones_of(visitor, member.id),
        invitation=invitation,
        can_change=visitor.may_change,
        sites=practice_api.sites(practice_id=visitor.practice.id),
        errors=errors,
        toast=take_toast(request),
    )
    status = 400 if errors else 200
    return console_page(request, "people/person.html", page, console_shell(visitor, "people"), status=status)


@require_http_methods(["GET", "POST"])
@practice_page()
def add_person(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Add one person with their roles."""
    if request.method == "GET":
        page = add_person_page(base=visitor.base, values={"language": visitor.practice.language})
        return console_page(request, "people/add.html", page, console_shell(visitor, "people"))
    values = {field: " ".join(request.POST.get(field, "").split()) for field in FIELDS}
    roles = request.POST.getlist("role")
    details = values | {"language": "es" if values["language"] == "es" else "en"}
    try:
        added = rollout_api.add_person(
            practice_id=visitor.practice.id, details=details, roles=roles, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
    except PocketwardError as error:
        faults = (FieldError(error.sentence, "email" if isinstance(error, EmailRefused) else "full_name"),)
        page = add_person_page(base=visitor.base, values=values, chosen=roles, errors=faults)
        return console_page(request, "people/add.html", page, console_shell(visitor, "people"), status=400)
    member = practice_api.get_member(member_id=added.people[0])
    said = _("%(name)s works here now.") % {"name": member.full_name}
    leave_toast(request, f"{said} {_of_officers(added)}".strip())
    return HttpResponseRedirect(_place(visitor, member))


def _of_officers(added: rollout_api.Added) -> str:
    """What became of the roles of officers that were asked for with new people."""
    if added.refusal:
        return _("Not an officer yet: %(why)s") % {"why": _(added.refusal)}
    return _("Being an officer waits for a second officer, under Set up, Guard.") if added.waiting else ""


@require_POST
@practice_page()
def invite(request: HttpRequest, visitor: Visitor, member_id: str) -> HttpResponse:
    """Make an invitation: mailed to the person, or without a mail server its address is shown once."""
    member = _member(member_id)
    if not member.email:
        fault = FieldError(
            _("%(name)s needs a work e-mail first: it is how they sign in.") % {"name": member.full_name}
        )
        return _person_page(request, visitor, member, errors=(fault,))
    anew = request.POST.get("new_sign_in") == "1"
    try:
        if anew:
            require_proof(request)
        secret = access_api.invite(member_id=member.id, by=visitor.actor, new_sign_in=anew)
    except NotProven as error:
        return to_prove(request, error, back=_place(visitor, member))
    except PocketwardError as error:
        return _person_page(request, visitor, member, errors=(FieldError(error.sentence),))
    if not secret:
        leave_toast(
            request, _("The invitation is on its way to %(name)s’s work e-mail.") % {"name": member.full_name}
        )
        return HttpResponseRedirect(_place(visitor, member))
    address = settings.POCKETWARD.people_url + reverse("join", args=[secret])
    return _person_page(request, visitor, member, invitation=address)


@require_POST
@practice_page()
def change_roles(request: HttpRequest, visitor: Visitor, member_id: str) -> HttpResponse:
    """Give and end roles until exactly the ticked ones are held."""
    member = _member(member_id)
    wanted = set(request.POST.getlist("role")) & set(practice_api.ROLES)
    try:
        outcome = rollout_api.change_roles(
            practice_id=visitor.practice.id, member_id=member.id, roles=wanted,
            by_member_id=visitor.member.id, strength=visitor.signed_in.strength,
        )  # fmt: skip
    except PocketwardError as error:
        fault = FieldError(error.sentence)
        return _person_page(request, visitor, practice_api.get_member(member_id=member.id), errors=(fault,))
    if outcome.waiting is not None:
        return to_guard(request, visitor, outcome)
    leave_toast(request, _("%(name)s’s roles are saved.") % {"name": member.full_name})
    return HttpResponseRedirect(_place(visitor, member))


@require_POST
@practice_page()
def change_site(request: HttpRequest, visitor: Visitor, member_id: str) -> HttpResponse:
    """Say at which site the person works, or at none in particular."""
    member, wanted = _member(member_id), request.POST.get("site", "")
    try:
        site_id = parse_public_id("site", wanted) if wanted else None
        practice_api.set_site(member_id=member.id, site_id=site_id, by=visitor.actor)
    except (ValueError, NoSuchSite) as error:
        raise Http404 from error
    leave_toast(request, _("Where %(name)s works is kept.") % {"name": member.full_name})
    return HttpResponseRedirect(_place(visitor, member))


@require_POST
@practice_page()
def leave(request: HttpRequest, visitor: Visitor, member_id: str) -> HttpResponse:
    """The person has left: every role ends."""
    member = _member(member_id)
    try:
        outcome = rollout_api.mark_left(
            practice_id=visitor.practice.id, member_id=member.id, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
    except PocketwardError as error:
        return _person_page(request, visitor, member, errors=(FieldError(error.sentence),))
    if outcome.waiting is not None:
        return to_guard(request, visitor, outcome)
    leave_toast(request, _("%(name)s has left. Every role ended.") % {"name": member.full_name})
    return HttpResponseRedirect(f"{visitor.base}people/")


@require_http_methods(["GET", "POST"])
@practice_page()
def import_people(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Add the people of a CSV file, all rows or none."""
    shell = console_shell(visitor, "people")
    if request.method == "GET":
        return console_page(request, "people/import.html", import_page(base=visitor.base), shell)
    upload = request.FILES.get("file")
    if upload is None:
        chosen = FieldError(_("Choose a file first: nothing was imported."), "file")
        page = import_page(base=visitor.base, errors=(chosen,))
        return console_page(request, "people/import.html", page, shell, status=400)
    try:
        data = upload.read(1_000_001)
        outcome, officers = rollout_api.import_people(
            practice_id=visitor.practice.id, data=data, by_member_id=visitor.member.id,
            strength=visitor.signed_in.strength,
        )  # fmt: skip
    except PocketwardError as error:
        page = import_page(base=visitor.base, errors=(FieldError(error.sentence, "file"),))
        return console_page(request, "people/import.html", page, shell, status=400)
    said = f"{_imported(len(outcome.added), len(outcome.already_here))} {_of_officers(officers)}"
    leave_toast(request, said.strip())
    return HttpResponseRedirect(f"{visitor.base}people/")


def _imported(added: int, here: int) -> str:
    """How many an import added, and how many it found here."""
    said = ngettext("%(count)s person added.", "%(count)s people added.", added) % {"count": added}
    already = ngettext("%(count)s was here already.", "%(count)s were here already.", here)
    return f"{said} {already % {'count': here}}" if here else said


def _member(text: str) -> Member:
    try:
        member = practice_api.get_member(member_id=parse_public_id("mem", text))
    except (ValueError, NoSuchMember) as error:
        raise Http404 from error
    if member.is_technician:
        # No member of the workforce: see the IT provider's page.
        raise Http404
    return member


def _place(visitor: Visitor, member: Member) -> str:

    return f"{visitor.base}people/{public_id('mem', member.id)}/"
