"""Turns a page model and its shell into an answer."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from pocketward.web.components.shell import ConsoleShell, StaffShell
from pocketward.web.components.symbols import with_symbols

STAFF_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def html_of(
    template: str, page: object, *, shell: object = None, request: HttpRequest | None = None, **more: object
) -> str:
    """The page as text, with only the icons it uses: a frozen page model and what surrounds it."""
    context: Mapping[str, Any] = {"page": page, "shell": shell, **more}
    return with_symbols(render_to_string(template, context, request=request))


def console_page(
    request: HttpRequest, template: str, page: object, shell: ConsoleShell, *, status: int = 200
) -> HttpResponse:
    """A console page. Never stored: it names people and phones."""
    with translation.override("en"):
        answer = HttpResponse(html_of(template, page, shell=shell, request=request), status=status)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "same-origin"
    return answer


def fragment(request: HttpRequest, template: str, page: object) -> HttpResponse:
    """A part of a console page for htmx to swap in."""
    answer = HttpResponse(html_of(template, page, request=request))
    answer["Cache-Control"] = "no-store"
    return answer


def staff_page(
    request: HttpRequest | None,
    template: str,
    page: object,
    shell: StaffShell,
    *,
    status: int = 200,
    passkey: bool = False,
) -> HttpResponse:
    """A staff page: no script, nothing kept, no referrer.

    Without `request` no token is made and so no cookie is set: the lost page is rendered that way.
    `passkey` lets our own one script in, for the two pages that ask the device for a passkey.
    """
    with translation.override(shell.language):
        answer = HttpResponse(html_of(template, page, shell=shell, request=request), status=status)
    answer["Cache-Control"] = "no-store"
    answer["Content-Language"] = shell.language
    answer["Content-Security-Policy"] = STAFF_POLICY + ("; script-src 'self'" if passkey else "")
    # A form sent under no-referrer has the origin "null", which the form guard refuses; the lost page has
    # no guard and no session, and keeps the stricter one.
    answer["Referrer-Policy"] = "no-referrer" if request is None else "same-origin"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
