"""The timeline as the document prints it: one line for a command with all its rungs, names for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pocketward.incidents.timeline import Moment

# Of who acted the name, of a moment the words.
Who = Callable[[str], str]
When = Callable[[datetime], str]
After = Callable[[datetime, datetime], str]


def document_lines(moments: Sequence[Moment], *, who: Who, when: When, after: After) -> list[dict[str, str]]:
    """Lines with `at`, `text` and `who`, oldest first; what climbed a ladder stands where it began.

    `when` writes the moment of a line, `after` one that came later in the same line.
    """
    rungs: dict[str, list[Moment]] = {}
    for item in moments:
        if item.command:
            rungs.setdefault(item.command, []).append(item)
    lines = []
    for item in moments:
        climbed = rungs.pop(item.command, []) if item.command else [item]
        if climbed:
            actors = dict.fromkeys(who(rung.actor) for rung in climbed)
            lines.append({"at": when(item.at), "text": _text(climbed, after), "who": ", ".join(actors)})
    return lines


def _text(climbed: Sequence[Moment], after: After) -> str:
    """What stands last, and when each rung before it was reached."""
    *before, last = climbed
    start = climbed[0].at
    if not before:
        return last.sentence
    path = ", ".join(f"{item.rung} {after(start, item.at)}" for item in before)
    return f"{last.sentence} {after(start, last.at)} ({path})"
