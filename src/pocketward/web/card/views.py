"""The printable card."""

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pocketward.web.card.pages import CardPage
from pocketward.web.components.render import console_page
from pocketward.web.gatekeeping import practice_page
from pocketward.web.surroundings import call_instead, console_shell, lost_address
from pocketward.web.visitor import Visitor


@require_GET
@practice_page()
def card(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Eight cards on a sheet."""
    number = call_instead(visitor.practice)
    whole = f"{settings.POCKETWARD.people_url}/l/{visitor.practice.lost_code}"
    page = CardPage(
        title=_("Lost-phone card"),
        practice_name=visitor.practice.name,
        address=lost_address(visitor.practice),
        qr_svg=segno.make(whole, error="m").svg_inline(omitsize=True),
        number=number.label if number else "",
        copies=tuple(range(8)),
    )
    return console_page(request, "card/card.html", page, console_shell(visitor, ""))
