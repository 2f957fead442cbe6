"""Addresses that only take a form, when somebody asks for them: a restored tab, Enter in the address bar."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from pocketward.web.components.language import language_of
from pocketward.web.notices import say

NOT_ALLOWED = 405


class FormAddresses:
    """Answers with a way back instead of the browser's own error page; the status stays 405."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """One request."""
        answer = self._get_response(request)
        if answer.status_code != NOT_ALLOWED or request.method != "GET" or answer.content:
            return answer
        with translation.override(language_of(request)):
            page = say(
                request,
                title=_("This address only takes a form."),
                text=_("Nothing was done. Go back to the page that the form is on."),
                status=NOT_ALLOWED,
                url=request.path.rstrip("/").rpartition("/")[0] + "/",
                link=_("Back"),
            )
        page["Allow"] = answer.get("Allow", "POST")
        return page
