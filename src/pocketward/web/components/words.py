"""The five words for a phone's state, and the shapes they stand beside.

A page says one of these five and gives everything else as a reason (`ux.md` 0.2). The same shapes are
borrowed by access decisions with words of their own.
"""

from typing import Final, Literal

from django.utils.translation import gettext_lazy as _

Status = Literal["ok", "fix", "closed", "silent", "unknown"]

WORDS: Final = {
    "ok": _("Protected"),
    "fix": _("Needs a fix"),
    "closed": _("Records closed"),
    "silent": _("Not heard from"),
    "unknown": _("Unknown"),
}

DECISION_WORDS: Final = {
    "ok": _("Opened"),
    "closed": _("Refused"),
    "fix": _("Asked to sign in"),
}

WORST_FIRST: Final[tuple[Status, ...]] = ("closed", "fix", "silent", "unknown", "ok")


def word(status: str, vocabulary: str = "phone") -> str:
    """The word for `status`: of a phone, or of a decision when `vocabulary` is "decision"."""
    words = DECISION_WORDS if vocabulary == "decision" else WORDS
    return str(words[status])


def badness(status: Status) -> int:
    """0 for the worst state; sorts lists worst first."""
    return WORST_FIRST.index(status)
