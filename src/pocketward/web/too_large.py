"""A form that holds more than any page of ours sends: answered in words before anything is done with it."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from pocketward.web.components.language import language_of
from pocketward.web.notices import say

TOO_LARGE: Final = 413


class TooLarge(MiddlewareMixin):
    """Answers 413 with a page of ours; in the log it is one line, as every refusal is."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """None for every form that can be read."""
        try:
            request.POST  # noqa: B018  read here, once, for all that come after
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
            with translation.override(language_of(request)):
                return say(
                    request,
                    title=_("That was too much at once."),
                    text=_("Nothing was done. Go back and send less."),
                    status=TOO_LARGE,
                    url=request.get_full_path(),
                    link=_("Back"),
                )
        return None
