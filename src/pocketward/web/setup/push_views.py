"""Apple's push certificate: the request made here, and the certificate that comes back."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pocketward.fleet import api as fleet_api
from pocketward.fleet.api import PushCertificateRecord
from pocketward.kernel.errors import PocketwardError
from pocketward.practice.api import OFFICERS
from pocketward.web.components.crumbs import FieldError, PlainLine
from pocketward.web.components.render import console_page
from pocketward.web.components.toasts import leave_toast, take_toast
from pocketward.web.gatekeeping import practice_page
from pocketward.web.names import names_of
from pocketward.web.setup.pages import PushPage, RequestCard
from pocketward.web.setup.tabs import setup_tabs
from pocketward.web.surroundings import console_shell
from pocketward.web.visitor import Visitor

# Who holds the practice's account with Apple.
KEEPERS: Final = frozenset({"owner", "it_lead"})
LARGEST_FILE = 64 * 1024


@require_http_methods(["GET", "POST"])
@practice_page(read=OFFICERS, change=KEEPERS)
def push_certificate(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show Apple's push certificate and take a new one; one with another topic is refused."""
    if request.method == "GET":
        return _page(request, visitor)
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
        return _page(request, visitor, FieldError(error.with_advice, "certificate"))
    day = visitor.clock.long_date(kept.not_after)
    leave_toast(request, _("Kept. It ends on %(day)s; you are told 30 days before.") % {"day": day})
    return _back(visitor)


@require_POST
@practice_page(read=KEEPERS, change=KEEPERS)
def make_request(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Make a key, which stays, and its request, which is downloaded."""
    made = fleet_api.make_push_request(practice_id=visitor.practice.id, by=visitor.actor)
    leave_toast(request, _("Request %(number)s is made. Download it below.") % {"number": made.number})
    return _back(visitor)


@require_GET
@practice_page(read=KEEPERS, change=KEEPERS)
def request_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The request that waits, for the vendor who signs it; there is no secret in it."""
    waiting = fleet_api.push_request(practice_id=visitor.practice.id)
    if waiting is None:
        raise Http404
    answer = HttpResponse(waiting.request_pem, content_type="application/pkcs10")
    answer["Content-Disposition"] = f'attachment; filename="push-request-{waiting.number}.csr"'
    answer["Cache-Control"] = "no-store"
    return answer


def _back(visitor: Visitor) -> HttpResponse:
    return HttpResponseRedirect(f"{visitor.base}setup/push-certificate/")


def _pem(request: HttpRequest, field: str) -> str:
    upload = request.FILES.get(field)
    data = upload.read(LARGEST_FILE + 1) if upload is not None else b""
    return data[:LARGEST_FILE].decode("ascii", "replace")


def _page(request: HttpRequest, visitor: Visitor, *errors: FieldError) -> HttpResponse:
    standing = fleet_api.push_certificate(practice_id=visitor.practice.id)
    page = PushPage(
        title=_("Apple’s push certificate"),
        tabs=setup_tabs(visitor, "push-certificate/"),
        say=_say(standing, visitor),
        follow=_("Apple passes on only “call home”. No name and no record goes through it."),
        facts=_facts(standing, visitor) if standing is not None else (),
        action="",
        can_change=bool(visitor.member.roles & KEEPERS),
        card=_card(visitor),
        steps=_steps(renews=standing is not None),
        errors=errors,
        toast=take_toast(request),
    )
    status = 400 if errors else 200
    return console_page(request, "setup/push.html", page, console_shell(visitor, ""), status=status)


def _say(standing: PushCertificateRecord | None, visitor: Visitor) -> str:
    if standing is None:
        return _("No iPhone or iPad can be reached yet.")
    over = standing.not_after <= visitor.clock.now
    text = (
        _("Apple’s push certificate ended on %(day)s.") if over else _("Phones can be reached until %(day)s.")
    )
    return text % {"day": visitor.clock.long_date(standing.not_after)}


def _facts(standing: PushCertificateRecord, visitor: Visitor) -> tuple[PlainLine, ...]:
    proven = visitor.clock.when(standing.proven_at) if standing.proven_at else _("not proven yet")
    return (
        PlainLine(_("Ends"), visitor.clock.long_date(standing.not_after)),
        PlainLine(_("Apple account"), standing.apple_account or _("not noted")),
        PlainLine(_("Kept by"), standing.custodian or _("not noted")),
        PlainLine(_("Taken by Apple"), proven),
        PlainLine(_("Topic"), standing.topic),
    )


def _card(visitor: Visitor) -> RequestCard:
    place = f"{visitor.base}setup/push-certificate/request"
    waiting = fleet_api.push_request(practice_id=visitor.practice.id)
    if waiting is None:
        return RequestCard(
            say=_("No request is waiting for a certificate."),
            make_url=f"{place}/",
            make=_("Make the request"),
        )
    return RequestCard(
        say=_("Request %(number)s waits for its certificate.") % {"number": waiting.number},
        facts=(
            PlainLine(_("Made by"), names_of(visitor.practice.id).actor(waiting.made_by)),
            PlainLine(_("Made"), visitor.clock.when(waiting.made_at)),
            PlainLine(_("Key"), f"RSA 2048, SHA-256 {waiting.key_digest[:16]}…"),
        ),
        file_url=f"{place}.csr",
        file_name=f"push-request-{waiting.number}.csr",
        make_url=f"{place}/",
        make=_("Make another"),
        warning=_("Another one throws this key away: a certificate made for this request is then refused."),
    )


def _steps(*, renews: bool) -> tuple[str, ...]:
    last = (
        _("At Apple’s page choose Renew on the entry with the same UID, never Create.")
        if renews
        else _("At Apple’s page choose Create. In a year: Renew. A new one makes every phone join again.")
    )
    return (
        _("Make the request here and download it. Its key is made on this server and never leaves it."),
        _(
            "Have it signed. Apple takes requests only from vendors with its device management "
            "certificate. Pocketward is not one and cannot sign it: ask your IT provider, or a vendor who "
            "signs for others."
        ),
        _(
            "Sign in at identity.apple.com/pushcert with an Apple account of the practice. Upload what "
            "came back."
        ),
        last,
        _("Download the certificate and bring it here. No key is needed with it."),
    )
