"""What the lost page asks, read tolerantly: a report is never refused over a detail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

When = Literal["now", "today", "earlier", "unknown"]
Wish = Literal["report", "again", "edit"]

WHENS: Final = ("now", "today", "earlier")
LONGEST_NAME: Final = 120
LONGEST_NUMBER: Final = 30
LONGEST_CODE: Final = 12
LONGEST_TOKEN: Final = 64
_DIGITS: Final = frozenset("0123456789")
_TOKEN: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
_DIAL: Final = frozenset("0123456789+()-. x#*")


@dataclass(frozen=True)
class LostAnswers:
    """The three answers as typed: who or which tablet, when last seen, a number to call back.

    `wish` is what the person wants: report a loss, say they have it again, or change what they typed.
    `code` is a colleague's, in digits; `token` the form's own, by which the same form is the same report.
    """

    who: str = ""
    when: When = "unknown"
    callback: str = ""
    wish: Wish = "report"
    code: str = ""
    token: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nobody to look for: the one case in which the form is shown again."""
        return not self.who


def read_answers(posted: Mapping[str, str]) -> LostAnswers:
    """Answers from a posted form: one line, cut to length; characters no phone number has are dropped."""
    when = posted.get("when", "")
    wish = posted.get("wish", "")
    return LostAnswers(
        who=_one_line(posted.get("who", ""), LONGEST_NAME),
        when=when if when in WHENS else "unknown",  # type: ignore[arg-type]
        callback=dialable(posted.get("callback", "")),
        wish=wish if wish in ("again", "edit") else "report",  # type: ignore[arg-type]
        code="".join(letter for letter in posted.get("code", "") if letter in _DIGITS)[:LONGEST_CODE],
        token="".join(letter for letter in posted.get("form", "") if letter in _TOKEN)[:LONGEST_TOKEN],
    )


def _one_line(text: str, longest: int) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:longest].strip()


def dialable(text: str) -> str:
    """A number as typed, without what no phone number has."""
    kept = "".join(letter for letter in text if letter in _DIAL)
    return _one_line(kept, LONGEST_NUMBER)
