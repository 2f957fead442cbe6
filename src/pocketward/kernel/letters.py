"""Letters that no name may hold: those that print nothing, or turn the others around."""

from __future__ import annotations

import unicodedata
from typing import Final

# Controls, halves of letters, and formats (Cf): a right-to-left override shows a name as another one, a
# zero-width space makes two names of one. Source: Unicode Standard Annex 44, table 12; UTS 55.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def has_unseen_letters(text: str) -> bool:
    """Whether the text holds a control, a format character (bidi override, zero width), or half a letter."""
    return any(unicodedata.category(one) in _UNSEEN for one in text)
