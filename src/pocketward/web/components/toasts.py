"""A sentence about what was just done, shown once on the next page. It only repeats what the page shows."""

from django.http import HttpRequest

_KEY = "toast"


def leave_toast(request: HttpRequest, text: str) -> None:
    """Keep `text` for the next page of this session."""
    request.session[_KEY] = text


def take_toast(request: HttpRequest) -> str:
    """The kept text, once; empty when there is none."""
    if _KEY not in request.session:
        return ""
    return str(request.session.pop(_KEY))
