"""A browser's own long name in the few words a person knows it by."""

from typing import Final

from django.utils.translation import gettext as _

_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_PLACES: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def browser_words(user_agent: str) -> str:
    """Safari on iPhone; Firefox on Windows; An unknown browser."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    place = next((name for mark, name in _PLACES if mark in user_agent), "")
    if browser and place:
        return _("%(browser)s on %(place)s") % {"browser": browser, "place": place}
    return browser or place or _("An unknown browser")
