"""Sealed facts told as a timeline: one line a command with its rungs, one line for what repeats."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from pocketward.ledger.api import Entry
from pocketward.web.components.clock import Clock
from pocketward.web.components.crumbs import TimelineLine
from pocketward.web.components.ladder import END_WORDS, PROOF_WORDS
from pocketward.web.ledger.sentences import doer, what_happened
from pocketward.web.names import Names
from pocketward.web.phones.command_words import command_on

RUNG: Final = "fleet.command_proof_advanced"
RUNG_WORDS: Final[Mapping[str, object]] = {**PROOF_WORDS, **END_WORDS}

# The icon of a judgement; of any other, and of one whose content was erased, it is a question mark.
JUDGED: Final = {"compliant": "check", "not-compliant": "x"}


@dataclass
class _Told:
    """Facts that are one line, the newest first, and what the line says."""

    text: str
    entries: list[Entry] = field(default_factory=list)


def told(
    entries: Iterable[Entry],
    names: Names,
    clock: Clock,
    *,
    icons: Mapping[str, str],
    key_kinds: tuple[str, ...],
    seconds: bool = False,
) -> tuple[TimelineLine, ...]:
    """The lines of `entries` (newest first), with a heading a day.

    `icons` by the first word of a kind; kinds that begin with one of `key_kinds` stand out; `seconds` gives
    times to the second.
    """
    lines, last = [], ""
    for one in _folded(entries, names):
        newest = one.entries[0]
        day = clock.relative_day(newest.occurred_at)
        lines.append(
            TimelineLine(
                time=clock.time(newest.occurred_at, seconds=seconds),
                icon=_icon(newest, icons),
                text=one.text,
                source=_source(one.entries, clock, seconds=seconds),
                key=newest.kind.startswith(key_kinds),
                day=day if day != last else "",
            )
        )
        last = day
    return tuple(lines)


def _icon(entry: Entry, icons: Mapping[str, str]) -> str:
    """By the first word of the kind; what was judged bears the sign of how, and never a tick by habit."""
    if entry.kind == "posture.integrity_check_failed":
        return "stop"
    if entry.kind == "posture.posture_changed":
        return JUDGED.get(str((entry.body or {}).get("posture")), "help")
    return icons.get(entry.kind.partition(".")[0], "doc")


def _folded(entries: Iterable[Entry], names: Names) -> list[_Told]:
    """A command's rungs stand where its newest rung is; the same sentence again joins the line above."""
    lines: list[_Told] = []
    commands: dict[str, _Told] = {}
    for entry in entries:
        command = str((entry.body or {}).get("command_id", "")) if entry.kind == RUNG else ""
        if command in commands:
            commands[command].entries.append(entry)
            continue
        text = _text(entry, names)
        if lines and not command and lines[-1].text == text:
            lines[-1].entries.append(entry)
            continue
        lines.append(_Told(text, [entry]))
        if command:
            commands[command] = lines[-1]
    return lines


def _text(entry: Entry, names: Names) -> str:
    body = entry.body
    if entry.kind == RUNG and body is not None:
        phone = names.device(str(body.get("device_id", "")))
        return f"{command_on(str(body.get('request_type', '')), phone)}: {_rung(entry)}"
    return f"{doer(entry, names)} {what_happened(entry.kind, body, names)}"


def _rung(entry: Entry) -> str:
    proof = str((entry.body or {}).get("proof", ""))
    return str(RUNG_WORDS.get(proof, proof)).lower()


def _source(entries: list[Entry], clock: Clock, *, seconds: bool) -> str:
    numbers = _entry_numbers(entries)
    if entries[0].kind != RUNG or len(entries) == 1:
        return numbers
    return f"{_climb(entries, clock, seconds=seconds)}. {numbers}"


def _climb(entries: list[Entry], clock: Clock, *, seconds: bool) -> str:
    """ "Pushed 7:49:14 pm, delivered, acknowledged 7:49:15 pm": a time once for rungs that share it."""
    parts: list[str] = []
    before: datetime | None = None
    for entry in reversed(entries):
        at = entry.occurred_at.replace(microsecond=0, second=entry.occurred_at.second if seconds else 0)
        rung = _rung(entry)
        parts.append(rung if at == before else f"{rung} {clock.moment(at, seconds=seconds)}")
        before = at
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _entry_numbers(entries: list[Entry]) -> str:
    first, last = entries[-1].index + 1, entries[0].index + 1
    if len(entries) == 1:
        return _("Entry %(number)s") % {"number": f"{last:,}"}
    if len(entries) == last - first + 1 or len(entries) > 3:
        words = _("%(count)s entries, %(first)s to %(last)s")
        return words % {"count": len(entries), "first": f"{first:,}", "last": f"{last:,}"}
    return _("Entries %(numbers)s") % {
        "numbers": ", ".join(f"{entry.index + 1:,}" for entry in reversed(entries))
    }
