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


def without_routine(moments: Sequence[Moment], *, before: datetime) -> tuple[list[Moment], int]:
    """The moments that the document prints, and how many it leaves out: every day's, from before the report.

    A command that was still climbing then is printed with all its rungs: it says what the phone did after.
    """
    went_on = {item.command for item in moments if item.command and item.at >= before}
    printed = [
        item
        for item in moments
        if not item.routine or item.at >= before or (item.command and item.command in went_on)
    ]
    return printed, len(moments) - len(printed)


def _text(climbed: Sequence[Moment], after: After) -> str:
    """What stands last and why, and when each rung before it was reached."""
    *before, last = climbed
    start, why = climbed[0].at, f": {last.why}" if last.why else ""
    if not before:
        return f"{last.sentence}{why}"
    path = ", ".join(f"{item.rung} {after(start, item.at)}" for item in before)
    return f"{last.sentence} {after(start, last.at)}{why} ({path})"
