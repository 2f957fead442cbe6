"""App versions as Apple compares them: dotted numbers, part by part, a part that is not there counting as 0.

Source: CFBundleShortVersionString, Apple's Information Property List reference.
"""

from __future__ import annotations

import re
from itertools import zip_longest

# At most 18 digits a part: a number that long is still read at once, and no app needs more.
_DOTTED = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18}){0,9}")
# What may follow the numbers without changing them: "2.4 (331)", "2.4+331", "2.4 build 331".
_REMARK = re.compile(r"(?:\s.*|\(.*|\+.*)?", re.DOTALL)


def is_version(text: str) -> bool:
    """Whether this is a plain dotted number, as a rule may ask for it."""
    return _DOTTED.fullmatch(text) is not None


def meets_minimum(version: str, *, minimum: str) -> bool | None:
    """Whether an app of this version is new enough; None when that cannot be told.

    "2.10" is newer than "2.9", "2.4" is "2.4.0", a leading "v" and a build in brackets count for nothing.
    Letters right behind the numbers ("2.4b1") may mean before or after them: only a version whose numbers
    differ from the minimum's is judged then. `minimum` is a plain dotted number, or empty for any.
    """
    if not minimum:
        return True
    text = version.strip()
    found = _DOTTED.match(text[1:] if text[:1] in ("v", "V") else text)
    if found is None:
        return None
    rest = found.string[found.end() :]
    has, wanted = _parts(found[0]), _parts(minimum)
    difference = next((a - b for a, b in zip_longest(has, wanted, fillvalue=0) if a != b), 0)
    if _REMARK.fullmatch(rest):
        return difference >= 0
    # "2.4.x" or "2.4b1": the numbers we read end here, what follows could still change an equal version.
    return None if difference == 0 or rest[:1].isdigit() or rest[:1] == "." else difference > 0


def _parts(text: str) -> list[int]:
    return [int(part) for part in text.split(".")]
