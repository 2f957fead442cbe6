"""Counts keys in phones' messages that nobody describes: they are kept and counted, never refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from pocketward.fleet.models import UnknownKey
from pocketward.kernel import clock
from pocketward.spine.api import unit_of_work

# A practice keeps so many names; of one message so many are looked at.
MOST_ROWS, MOST_OF_ONE_MESSAGE = 200, 20
# Apple's keys look so. Whatever else a phone calls a key may be a value in disguise: it is counted, unnamed.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.*-]{0,79}", re.ASCII)
ODD, OTHERS = "(odd name)", "(others)"


@dataclass(frozen=True)
class UnknownKeyRecord:
    """A key's name, the kind of message it came in, and how often."""

    message: str
    key: str
    count: int
    first_at: datetime
    last_at: datetime


def count_unknown_keys(*, practice_id: UUID, message: str, keys: tuple[str, ...]) -> None:
    """Count these names; a message without any costs no statement."""
    if keys:
        _count(practice_id, _plain(message)[:40], frozenset(map(_plain, keys[:MOST_OF_ONE_MESSAGE])))


def _plain(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else ODD


@unit_of_work
def _count(practice_id: UUID, message: str, names: frozenset[str]) -> None:
    rows = UnknownKey.objects.filter(practice_id=practice_id)
    if _add_one(practice_id, message, names) == len(names):
        return
    known = frozenset(rows.filter(message=message, key__in=names).values_list("key", flat=True))
    new = sorted(names - known)
    # One row is left for all the names that come after.
    room = max(0, MOST_ROWS - 1 - rows.count())
    _insert(practice_id, message, new[:room])
    if new[room:] and not _add_one(practice_id, OTHERS, frozenset({OTHERS})):
        _insert(practice_id, OTHERS, [OTHERS])


def _add_one(practice_id: UUID, message: str, names: frozenset[str]) -> int:
    rows = UnknownKey.objects.filter(practice_id=practice_id, message=message, key__in=names)
    return int(rows.update(count=F("count") + 1, last_at=clock.now()))


def _insert(practice_id: UUID, message: str, names: list[str]) -> None:
    """Two phones may be the first at the same moment: the second's row is the first's."""
    UnknownKey.objects.bulk_create(
        [UnknownKey(practice_id=practice_id, message=message, key=name) for name in names],
        ignore_conflicts=True,
    )


def unknown_keys(*, practice_id: UUID) -> tuple[UnknownKeyRecord, ...]:
    """The names that came, the most frequent first."""
    rows = UnknownKey.objects.filter(practice_id=practice_id).order_by("-count", "message", "key")
    return tuple(UnknownKeyRecord(row.message, row.key, row.count, row.first_at, row.last_at) for row in rows)
