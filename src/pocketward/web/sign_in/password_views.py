"""Setting a password, which a practice may forbid and which never comes without a code app."""

from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pocketward.access import api as access_api
from pocketward.kernel.errors import PocketwardError
from pocketward.web.components.language import language_of
from pocketward.web.components.render import staff_page
from pocketward.web.notices import say
from pocketward.web.sign_in.pages import PasswordPage
from pocketward.web.surroundings import staff_shell


@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Show the code app's secret; take the password once its code proves that the app has it."""
    try:
        person = access_api.require_recent(request)
    except PocketwardError:
        return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': reverse('password')})}")
    language = language_of(request, person.language)
    with translation.override(language):
        error = ""
        if request.method == "POST":
            try:
                access_api.set_password_with_totp(
                    request,
                    password=request.POST.get("password", "")[:128],
                    code=request.POST.get("code", ""),
                )
            except PocketwardError as fault:
                error = _(fault.sentence)
            else:
                return HttpResponseRedirect(reverse("account"))
        try:
            code = access_api.begin_password(request)
        except PocketwardError as fault:
            only = _("Your passkey is all you need.")
            return say(request, title=_(fault.sentence), text=only, status=403, preferred=person.language)
        page = PasswordPage(
            title=_("Password and code"),
            action=reverse("password"),
            secret=code.secret,
            qr_svg=segno.make(code.address, error="m").svg_inline(omitsize=True),
            error=error,
        )
        shell = staff_shell(request, language, None)
        return staff_page(request, "sign_in/password.html", page, shell, status=400 if error else 200)
