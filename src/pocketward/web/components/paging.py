"""Pages of a long list: which part is shown, and the page that exists."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from pocketward.overview.api import PER_PAGE
from pocketward.web.components.asked import read_number


def page_in(query: Mapping[str, str]) -> int:
    """The page an address asks for, from 1; what is not understood is the first."""
    number = read_number(query.get("page", "1"))
    return number if number is not None and 0 < number < 100_000 else 1


def page_that_exists(page: int, found: int) -> int:
    """`page`, or the last one when it lies beyond."""
    return min(page, max(1, -(-found // PER_PAGE)))


def shown(first: int, part: int, found: int) -> str:
    """1 to 50 of 120; empty when there is nothing."""
    if not found:
        return ""
    return _("%(from)s to %(to)s of %(all)s") % {"from": first + 1, "to": first + part, "all": found}
