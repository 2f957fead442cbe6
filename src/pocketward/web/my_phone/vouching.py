"""Vouching for a colleague: a code to say to them, good once and for ten minutes."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from pocketward.kernel.errors import PocketwardError
from pocketward.response import api as response_api
from pocketward.web.components.render import staff_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.my_phone.pages import VouchPage
from pocketward.web.my_phone.views import shell_of
from pocketward.web.visitor import Visitor

# What `response` says when it makes no code.
REFUSALS = (
    gettext_noop("Sign in with your passkey first."),
    gettext_noop("Only somebody who works here can vouch for a colleague."),
    gettext_noop("Only an officer can do this."),
    gettext_noop("No more codes for now. Ask another colleague, or an officer."),
)


@require_http_methods(["GET", "POST"])
@practice_page(staff=True)
def vouch(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what a code is for; make one when asked. It is shown once and kept nowhere."""
    code, error = "", ""
    if request.method == "POST":
        try:
            made = response_api.make_colleague_code(
                practice_id=visitor.practice.id, by_member_id=visitor.member.id,
                strength=visitor.signed_in.strength,
            )  # fmt: skip
            code = f"{made.code[:4]} {made.code[4:]}"
        except PocketwardError as fault:
            error = _(fault.sentence)
    page = VouchPage(
        title=_("Vouch for a colleague"),
        action=f"{visitor.base}me/vouch/",
        code=code,
        error=error,
        back_url=f"{visitor.base}me/",
    )
    answer = staff_page(
        request, "my_phone/vouch.html", page, shell_of(request, visitor), status=400 if error else 200
    )
    answer["Cache-Control"] = "no-store"
    return answer
