"""The first owner, behind the setup link: GET shows the form, POST spends the link."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pocketward.access import api as access_api
from pocketward.kernel.errors import PocketwardError
from pocketward.practice import api as practice_api
from pocketward.practice.api import LinkTarget
from pocketward.practice.errors import DetailsRefused, EmailRefused, LinkSpent, PracticeError
from pocketward.web.components.crumbs import Choice, FieldError
from pocketward.web.components.language import language_of
from pocketward.web.components.render import staff_page
from pocketward.web.notices import say_refused
from pocketward.web.setup.levels import level_choices
from pocketward.web.setup.pages import StartPage
from pocketward.web.sign_in.times import plain_clock
from pocketward.web.sign_in.views import link_is_spent
from pocketward.web.surroundings import staff_shell

US_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip
FIELDS = ("practice", "zone", "name", "email", "level")


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, secret: str) -> HttpResponse:
    """Make the practice and its owner; the passkey follows."""
    with translation.override(language_of(request)):
        try:
            target = practice_api.look_at_link(secret=secret, purpose=practice_api.OWNER_LINK)
        except PocketwardError:
            return link_is_spent(request)
        if request.method == "GET":
            return _page(request, target, {"zone": "America/New_York", "level": "0"}, ())
        values = {field: " ".join(request.POST.get(field, "").split()) for field in FIELDS}
        errors = _faults(values, target)
        if errors:
            return _page(request, target, values, errors)
        return _begin(request, secret, target, values)


def _begin(request: HttpRequest, secret: str, target: LinkTarget, values: dict[str, str]) -> HttpResponse:
    try:
        access_api.start_practice(
            request,
            secret=secret,
            practice_name=values["practice"],
            zone=values["zone"],
            full_name=values["name"],
            email=values["email"],
            adoption_level=int(values["level"]) if values["level"] in ("0", "1", "2", "3") else 0,
            language=language_of(request),
        )
    except LinkSpent:
        return link_is_spent(request)
    except PracticeError as error:
        # The link is as good as before: what cannot be kept is mended here.
        return _page(request, target, values, (_fault(error),))
    except PocketwardError as error:
        return say_refused(request, error)
    return HttpResponseRedirect(reverse("passkey"))


def _fault(error: PracticeError) -> FieldError:
    if isinstance(error, DetailsRefused):
        return FieldError(_(error.sentence), {"name": "practice"}.get(error.field, error.field))
    return FieldError(_(error.sentence), "email" if isinstance(error, EmailRefused) else "name")


def _faults(values: dict[str, str], target: LinkTarget) -> tuple[FieldError, ...]:
    found = []
    if target.practice_id is None and not values["practice"]:
        found.append(FieldError(_("Give the practice a name."), "practice"))
    if target.practice_id is None and values["zone"] not in practice_api.zones():
        found.append(FieldError(_("Choose where the practice is."), "zone"))
    if target.practice_id is None and values["level"] not in ("0", "1", "2", "3"):
        found.append(FieldError(_("Choose how far you want to go at first."), "level"))
    if not values["name"]:
        found.append(FieldError(_("Write your full name."), "name"))
    if "@" not in values["email"]:
        found.append(FieldError(_("Write your work e-mail."), "email"))
    return tuple(found)


def _page(
    request: HttpRequest, target: LinkTarget, values: dict[str, str], errors: tuple[FieldError, ...]
) -> HttpResponse:
    language = language_of(request)
    practice = practice_api.get_practice(practice_id=target.practice_id) if target.practice_id else None
    left = plain_clock(language).left(target.expires_at)
    page = StartPage(
        title=_("Start"),
        action=request.path,
        values=values,
        zones=tuple(
            Choice(zone, zone.rpartition("/")[2].replace("_", " "), zone == values.get("zone"))
            for zone in US_ZONES
        ),
        levels=level_choices(int(values["level"]) if values.get("level") in ("0", "1", "2", "3") else 0),
        expires=_("This link works once, for another %(span)s.") % {"span": left},
        new_practice=practice is None,
        practice_name=practice.name if practice else "",
        errors=errors,
    )
    shell = staff_shell(request, language, practice)
    return staff_page(request, "setup/start.html", page, shell, status=400 if errors else 200)
