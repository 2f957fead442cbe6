"""Which of the two languages a staff page speaks: the address says it, else the person, else the browser."""

from typing import Literal

from django.http import HttpRequest
from django.utils.translation import get_language_from_request

Language = Literal["en", "es"]


def language_of(request: HttpRequest, preferred: str = "") -> Language:
    """`?lang=` first, then what the person prefers, then the browser's Accept-Language. No cookie is read."""
    asked = request.GET.get("lang") or preferred
    if asked in ("en", "es"):
        return "es" if asked == "es" else "en"
    return "es" if get_language_from_request(request).startswith("es") else "en"


def other_language_url(request: HttpRequest, language: Language) -> str:
    """The same address in the other language."""
    query = request.GET.copy()
    query["lang"] = "en" if language == "es" else "es"
    return f"?{query.urlencode()}"
