"""Takes the gates' decision files into the database: rows to look at, events to be sealed.

A file is deleted only after all it holds is committed; everything in it carries an id of its own, so a file
that is read again after a crash adds nothing. Repeats are counts that grow: the largest one is kept, and
sealed when its minute is over.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from pocketward.access.events import DecisionMade, DecisionRepeated, GateAlarmRaised
from pocketward.access.models import App, DecisionMinute, DecisionRow, GateAlarm
from pocketward.gate.decision import decode_facts, encode_stored
from pocketward.gate.records import BY_OFFICER, Facts
from pocketward.gate.segments import (
    DONE,
    DecisionEntry,
    Entry,
    RepeatEntry,
    SecurityEntry,
    finished_segments,
    open_segments,
    read_segment,
)
from pocketward.kernel import clock, crypto
from pocketward.kernel.ids import parse_public_id, public_id
from pocketward.practice import api as practice_api
from pocketward.spine.api import open_task, practice_scope, record, unit_of_work

log = logging.getLogger(__name__)

# Each entry is one event, and a unit of work handles at most 64.
BATCH = 50
# A gate writes its last count of a minute within a second or so.
GRACE = timedelta(seconds=5)
TORN = ".torn"

_draining = threading.Lock()
# Practices that may have minutes to seal; None until the first look at all of them.
_unsealed: set[UUID] | None = None


def decision_folder() -> Path:
    """Where gates of this home write."""
    home: Path = settings.POCKETWARD.home
    return home / "db" / "decisions"


def drain_decisions() -> int:
    """Move all finished decision files into the database; how many entries they held. For one worker loop."""
    if not _draining.acquire(blocking=False):
        return 0
    try:
        taken = sum(_take_file(path) for path in finished_segments(decision_folder()))
        _seal_minutes()
    finally:
        _draining.release()
    return taken


def _take_file(path: Path) -> int:
    try:
        contents = read_segment(path)
    except FileNotFoundError:
        return 0
    for practice_id, entries in _by_practice(contents.entries).items():
        with practice_scope(practice_id):
            for start in range(0, len(entries), BATCH):
                take_entries(practice_id=practice_id, entries=entries[start : start + BATCH])
        _remember(practice_id)
    if contents.is_torn and path.suffix == DONE:
        _keep_torn(path)
    else:
        path.unlink(missing_ok=True)
    return len(contents.entries)


def _keep_torn(path: Path) -> None:
    """A finished file that ends badly was cut by a failing disk, or altered: keep it, tell the operator."""
    log.error("decision file %s is damaged; what could be read was taken", path.name)
    os.replace(path, path.with_suffix(TORN))
    for practice in practice_api.practices()[:1]:
        with practice_scope(practice.id):
            open_task(practice.id, "decisions-damaged", f"A decision file is damaged: {path.name}.")


def _by_practice(entries: Iterable[Entry]) -> dict[UUID, list[Entry]]:
    found: dict[UUID, list[Entry]] = {}
    for entry in entries:
        practice_id = UUID(entry.practice_id) if entry.practice_id else only_practice()
        if practice_id is None:
            log.warning("a gate refused a request of no practice: %s", _codes(entry))
        else:
            found.setdefault(practice_id, []).append(entry)
    return found


def only_practice() -> UUID | None:
    """Where there is one practice, what belongs to none is its concern; otherwise it is the log's."""
    known = practice_api.practices()
    return known[0].id if len(known) == 1 else None


def _codes(entry: Entry) -> str:
    if isinstance(entry, DecisionEntry):
        return " ".join(reason.code for reason in entry.stored.decision.reasons)
    return entry.code if isinstance(entry, SecurityEntry) else entry.decision_id


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


@unit_of_work
def take_entries(*, practice_id: UUID, entries: list[Entry]) -> None:
    """Keep up to 50 entries of one practice, and record what is new among them."""
    _take_decisions(practice_id, [one for one in entries if isinstance(one, DecisionEntry)])
    _take_alarms(practice_id, [one for one in entries if isinstance(one, SecurityEntry)])
    for entry in entries:
        if isinstance(entry, RepeatEntry):
            _take_repeat(practice_id, entry)


def _take_decisions(practice_id: UUID, entries: list[DecisionEntry]) -> None:
    by_key = {parse_public_id("dec", entry.stored.decision.decision_id): entry for entry in entries}
    known = set(DecisionRow.objects.filter(pk__in=list(by_key)).values_list("pk", flat=True))
    names = _Names()
    rows = []
    for key, entry in by_key.items():
        if key not in known:
            facts = decode_facts(entry.stored.facts)
            rows.append(decision_row(practice_id, key, entry, facts))
            record(_event(rows[-1], entry, facts, names))
    DecisionRow.objects.bulk_create(rows)


def decision_row(practice_id: UUID, key: UUID, entry: DecisionEntry, facts: Facts) -> DecisionRow:
    """The row of a decision file's entry, not saved."""
    decision = entry.stored.decision
    return DecisionRow(
        id=key,
        practice_id=practice_id,
        made_at=_moment(entry.at_ms),
        outcome=decision.outcome,
        would_have=decision.would_have,
        mode=decision.mode,
        rule=decision.rule,
        codes=[reason.code for reason in decision.reasons],
        client=facts.client.kind,
        resource=facts.resource,
        network=facts.request.network or "",
        member_id=_uuid(facts.person.member_id if facts.person else None),
        device_id=_uuid(facts.device.device_id if facts.device else None),
        app_id=_uuid(facts.app.app_id if facts.app else None),
        policy_digest=decision.policy_digest,
        stored=encode_stored(entry.stored),
    )


class _Names:
    """Names of people and apps, each looked up once a batch."""

    def __init__(self) -> None:
        self._people: dict[UUID, str] = {}
        self._apps: dict[UUID, str] = {}

    def person(self, member_id: UUID | None) -> str:
        if member_id is None:
            return ""
        if member_id not in self._people:
            self._people[member_id] = practice_api.get_member(member_id=member_id).full_name
        return self._people[member_id]

    def app(self, app_id: UUID | None) -> str:
        if app_id is None:
            return ""
        if app_id not in self._apps:
            row = App.objects.filter(pk=app_id).first()
            self._apps[app_id] = row.name if row is not None else ""
        return self._apps[app_id]


def _case_of(facts: Facts) -> str:
    """The case whose hold stood on the device; an officer's own hold is of none."""
    hold = facts.device.hold_ref if facts.device is not None else ""
    return "" if hold == BY_OFFICER else hold[:40]


def _event(row: DecisionRow, entry: DecisionEntry, facts: Facts, names: _Names) -> DecisionMade:
    actor = "system:gate"
    if row.member_id is not None:
        actor = f"member:{row.member_id}"
    elif row.device_id is not None:
        actor = f"device:{row.device_id}"
    return DecisionMade(
        practice_id=row.practice_id,
        actor=actor,
        actor_name=names.person(row.member_id),
        subject=f"device:{row.device_id}" if row.device_id else f"app:{row.app_id}" if row.app_id else "",
        case_ref=_case_of(facts),
        occurred_at=row.made_at,
        decision=entry.stored.decision.decision_id,
        outcome=row.outcome,
        would_have=row.would_have,
        mode=row.mode,
        rule=row.rule,
        reasons=tuple(row.codes),
        client=row.client,
        resource=row.resource,
        app_id=row.app_id,
        app_name=names.app(row.app_id),
        member_id=row.member_id,
        device_id=row.device_id,
        policy_digest=row.policy_digest,
        facts_digest=crypto.sha256_hex(entry.stored.facts),
    )


def _take_alarms(practice_id: UUID, entries: list[SecurityEntry]) -> None:
    by_key = {UUID(entry.event_id): entry for entry in entries}
    known = set(GateAlarm.objects.filter(pk__in=list(by_key)).values_list("pk", flat=True))
    rows = []
    for key, entry in by_key.items():
        if key in known:
            continue
        at = _moment(entry.at_ms)
        rows.append(
            GateAlarm(
                id=key, practice_id=practice_id, code=entry.code, happened_at=at, host=entry.host,
                network_digest=entry.network_digest,
            )
        )  # fmt: skip
        record(
            GateAlarmRaised(
                practice_id=practice_id, actor=f"anonymous:{entry.network_digest or 'unknown'}",
                subject="gate", event_id=key, occurred_at=at, code=entry.code, host=entry.host,
                network_digest=entry.network_digest,
            )
        )  # fmt: skip
    GateAlarm.objects.bulk_create(rows)


def _take_repeat(practice_id: UUID, entry: RepeatEntry) -> None:
    place = {
        "practice_id": practice_id,
        "decision_id": parse_public_id("dec", entry.decision_id),
        "minute": _moment(entry.minute * 60_000),
    }
    found = {"count": entry.count, "digest": entry.digest, "last_at": _moment(entry.last_ms)}
    row = DecisionMinute.objects.filter(**place).first()
    if row is None:
        DecisionMinute.objects.create(**place, **found)
    elif not row.sealed and entry.count > row.count:
        DecisionMinute.objects.filter(pk=row.pk).update(**found)


def _remember(practice_id: UUID) -> None:
    if _unsealed is not None:
        _unsealed.add(practice_id)


def _seal_minutes() -> None:
    global _unsealed
    if _unsealed is None:
        _unsealed = {practice.id for practice in practice_api.practices()}
    for practice_id in list(_unsealed):
        with practice_scope(practice_id):
            for batch in _batches(practice_id):
                seal_minutes(practice_id=practice_id, rows=batch)
            if not DecisionMinute.objects.filter(practice_id=practice_id, sealed=False).exists():
                _unsealed.discard(practice_id)


def _batches(practice_id: UUID) -> Iterator[list[UUID]]:
    ended = clock.now() - timedelta(minutes=1) - GRACE
    rows = DecisionMinute.objects.filter(practice_id=practice_id, sealed=False, minute__lte=ended)
    keys = list(rows.order_by("minute").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


@unit_of_work
def seal_minutes(*, practice_id: UUID, rows: list[UUID]) -> None:
    """Record these minutes, up to 50, unless they are recorded already."""
    for row in DecisionMinute.objects.filter(pk__in=rows, practice_id=practice_id, sealed=False):
        DecisionMinute.objects.filter(pk=row.pk).update(sealed=True)
        record(
            DecisionRepeated(
                practice_id=practice_id, actor="system:gate",
                subject=f"decision:{row.decision_id}", decision=public_id("dec", row.decision_id),
                minute=row.minute, count=row.count, digest=row.digest,
            )
        )  # fmt: skip


def find_in_files(decision_id: str, practice_id: UUID) -> DecisionEntry | None:
    """A decision of this practice that is still in a file, so that its page need not wait."""
    folder = decision_folder()
    for path in (*open_segments(folder), *finished_segments(folder)):
        try:
            entries = read_segment(path).entries
        except FileNotFoundError:
            continue
        for entry in entries:
            if isinstance(entry, DecisionEntry) and entry.stored.decision.decision_id == decision_id:
                return entry if entry.practice_id in ("", str(practice_id)) else None
    return None
