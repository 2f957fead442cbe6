"""What an address or a form asks for: a number is short, and text holds only what a person can write."""

from collections.abc import Iterable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.deprecation import MiddlewareMixin

MOST_DIGITS: Final = 9
_CONTROLS: Final = frozenset(chr(code) for code in (*range(0x20), 0x7F)) - frozenset("\t\n\r")


def read_number(text: str) -> int | None:
    """The whole number that is written in at most 9 ASCII digits; None for anything else."""
    if not (text.isascii() and text.isdecimal()) or len(text) > MOST_DIGITS:
        return None
    return int(text)


class OnlyWrittenText(MiddlewareMixin):
    """Answers 400 to a control character in an address, a cookie or a form: no database keeps it as text.

    The value is in neither the answer nor the log.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """None when every text is one that a person can write."""
        if all(_CONTROLS.isdisjoint(text) for text in _texts_of(request)):
            return None
        return HttpResponseBadRequest("A control character was sent. Nothing was changed.", "text/plain")


def _texts_of(request: HttpRequest) -> Iterable[str]:
    yield request.path
    yield from request.COOKIES.values()
    for fields in (request.GET, request.POST):
        for name, values in fields.lists():
            yield name
            yield from values
    for name, file in request.FILES.items():
        yield name
        yield getattr(file, "name", "") or ""
