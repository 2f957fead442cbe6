"""Checks and fixes of a phone in the reader's language."""

from pocketward.web.my_phone.pages import CheckLine, FixCard
from pocketward.web.phones.reading import Phone
from pocketward.web.visitor import Visitor


def check_lines(visitor: Visitor, phone: Phone) -> tuple[CheckLine, ...]:
    """Every check that applies, failing ones first, each with the way to its fix."""
    if phone.verdict is None:
        return ()
    return ()


def first_fix(visitor: Visitor, phone: Phone) -> FixCard | None:
    """The fix to do first; None when nothing fails."""
    return None
