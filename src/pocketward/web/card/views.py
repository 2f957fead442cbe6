"""The printable card."""

from typing import Final

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

# What the practice's phone system reads out, to be recorded or typed in: both at once, as callers come.
SPOKEN: Final = (
    (
        "en",
        "Did you lose a work phone or tablet, or was it stolen? Do not wait. On any phone, open %(address)s. "
        "You need no app and no password, and nothing is erased. Or stay on the line.",
    ),
    (
        "es",
        "¿Perdió un teléfono o una tableta del trabajo, o se lo robaron? No espere. En cualquier teléfono, "
        "abra %(address)s. No necesita aplicación ni contraseña, y no se borra nada. O espere en la línea.",
    ),
)


@require_GET
@practice_page()
def card(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Eight cards on a sheet."""
    number = call_instead(visitor.practice)
    address = lost_address(visitor.practice)
    whole = f"{settings.POCKETWARD.people_url}/l/{visitor.practice.lost_code}"
    page = CardPage(
        title=_("Lost-phone card"),
        practice_name=visitor.practice.name,
        address=address,
        qr_svg=segno.make(whole, error="m").svg_inline(omitsize=True),
        number=number.label if number else "",
        copies=tuple(range(8)),
        spoken=tuple((language, text % {"address": address}) for language, text in SPOKEN),
    )
    return console_page(request, "card/card.html", page, console_shell(visitor, ""))
