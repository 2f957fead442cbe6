"""Recovery codes: made and shown once, beside passkeys that may be copied."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pocketward.access import api as access_api
from pocketward.kernel.errors import PocketwardError
from pocketward.web.components.language import language_of
from pocketward.web.components.render import staff_page
from pocketward.web.sign_in.pages import RecoveryPage
from pocketward.web.surroundings import staff_shell


@require_http_methods(["GET", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """How many are left; new ones when asked. They open nothing by themselves."""
    try:
        person = access_api.require_recent(request)
    except PocketwardError:
        return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': reverse('recovery')})}")
    language = language_of(request, person.language)
    with translation.override(language):
        codes = access_api.make_recovery_codes(request) if request.method == "POST" else ()
        page = RecoveryPage(
            title=_("Recovery codes"),
            action=reverse("recovery"),
            codes=codes,
            left=access_api.recovery_codes_left(account_id=person.account_id),
            back_url=reverse("account"),
        )
        answer = staff_page(request, "sign_in/recovery.html", page, staff_shell(request, language, None))
        answer["Cache-Control"] = "no-store"
        return answer
