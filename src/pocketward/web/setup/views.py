"""The checklist and Apple's push certificate."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from pocketward.fleet import api as fleet_api
from pocketward.kernel.errors import PocketwardError
from pocketward.practice.api import OFFICERS
from pocketward.web.components.crumbs import FieldError, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.setup.levels import level_choices
from pocketward.web.setup.pages import ChecklistPage, PushPage
from pocketward.web.setup.server import server_lines
from pocketward.web.setup.steps import steps
from pocketward.web.setup.tabs import setup_tabs
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

READ = frozenset(OFFICERS)
LARGEST_FILE = 64 * 1024


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


@require_http_methods(["GET", "POST"])
@practice_page(read=READ)
def push_certificate(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show Apple's push certificate and take a new one; one with another topic is refused."""
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            kept = fleet_api.set_push_certificate(
                practice_id=visitor.practice.id,
                certificate_pem=_pem(request, "certificate"),
                key_pem=_pem(request, "key"),
                apple_account=request.POST.get("account", "").strip()[:254],
                custodian=visitor.member.full_name,
                by=visitor.actor,
            )
        except PocketwardError as error:
            errors = (FieldError(f"{error.sentence} {error.advice}".strip(), "certificate"),)
        else:
            day = visitor.clock.long_date(kept.not_after)
            leave_toast(request, _("Kept. It ends on %(day)s; you are told 30 days before.") % {"day": day})
            return HttpResponseRedirect(f"{visitor.base}setup/push-certificate/")
    page = _push_page(visitor, errors, take_toast(request))
    shell = console_shell(visitor, "")
    return console_page(request, "setup/push.html", page, shell, status=400 if errors else 200)


def _pem(request: HttpRequest, field: str) -> str:
    upload = request.FILES.get(field)
    data = upload.read(LARGEST_FILE + 1) if upload is not None else b""
    return data[:LARGEST_FILE].decode("ascii", "replace")


def _push_page(visitor: Visitor, errors: tuple[FieldError, ...], toast: str) -> PushPage:
    standing = fleet_api.push_certificate(practice_id=visitor.practice.id)
    facts: tuple[PlainLine, ...] = ()
    say = _("No iPhone or iPad can be reached yet.")
    if standing is not None:
        over = standing.not_after <= visitor.clock.now
        day = visitor.clock.long_date(standing.not_after)
        say = (
            _("Apple’s push certificate ended on %(day)s.")
            if over
            else _("Phones can be reached until %(day)s.")
        )
        say = say % {"day": day}
        proven = visitor.clock.when(standing.proven_at) if standing.proven_at else _("not proven yet")
        facts = (
            PlainLine(_("Ends"), day),
            PlainLine(_("Apple account"), standing.apple_account or _("not noted")),
            PlainLine(_("Kept by"), standing.custodian or _("not noted")),
            PlainLine(_("Taken by Apple"), proven),
            PlainLine(_("Topic"), standing.topic),
        )
    return PushPage(
        title=_("Apple’s push certificate"),
        tabs=setup_tabs(visitor, "push-certificate/"),
        say=say,
        follow=_("Apple passes on only “call home”. No name and no record goes through it."),
        facts=facts,
        action="",
        request_url="",
        steps=(
            _("Get a signed request from your vendor. Apple takes requests only from vendors it knows."),
            _("Sign in at identity.apple.com with an Apple account of the practice."),
            _("Upload the request; download the certificate; bring it here."),
            _("Each year: Renew, never Create. A new one would make every phone join again."),
        ),
        errors=errors,
        toast=toast,
    )
