"""Turns answers into entries: refusals and first grants one by one, repeated equal ones as a count a minute.

An answer that only repeats the one before (same session, device, app and rules, all in the same version, same
outcome and rule) carries that one's decision id, so every id ever given out can be found and explained. A
grant from another network of the practice, or from none of them, is an entry of its own: from where records
were opened last is asked when a phone is lost.
These, and refusals, are single entries up to a number a minute for the same reasons and client; then they
count too, so that nobody can fill the disk by being refused or by wandering.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from pocketward.gate.decision import encode_facts
from pocketward.gate.records import Decision, Facts, StoredDecision
from pocketward.gate.segments import DecisionEntry, RepeatEntry, SecurityEntry
from pocketward.gate.sink import DecisionSink
from pocketward.kernel.ids import public_id, uuid7

MOST_KEPT = 50_000
MOST_SINGLES = 20
SINGLE_ALARMS = 20
IDLE_MS = 600_000
REPEATS_WRITTEN_EVERY_MS = 1_000


class Kept:
    """The last answer given for one key, and how often it was repeated in this minute."""

    __slots__ = (
        "count", "decision", "digest", "last_ms", "minute", "network", "parts", "practice_id", "prepared",
        "singles", "times",
    )  # fmt: skip

    def __init__(self, decision: Decision, facts: Facts, parts: tuple[Any, ...], at_ms: int) -> None:
        self.decision = decision
        self.parts = parts
        self.practice_id = _practice(facts)
        self.network = facts.request.network
        self.minute = at_ms // 60_000
        self.count = 0
        self.singles = 1
        self.times = array("q")
        self.digest = hashlib.sha256()
        self.last_ms = at_ms
        self.prepared: Any = None

    @property
    def minute_ends_ms(self) -> int:
        """When the minute that is counted has passed."""
        return (self.minute + 1) * 60_000

    def entry(self) -> RepeatEntry:
        """The minute so far."""
        self.count += len(self.times)
        self.last_ms = self.times[-1]
        if sys.byteorder == "little":
            self.times.byteswap()
        self.digest.update(self.times.tobytes())
        self.times = array("q")
        digest = self.digest.hexdigest()
        return RepeatEntry(
            self.decision.decision_id, self.minute, self.count, digest, self.last_ms, self.practice_id
        )

    def begin(self, minute: int) -> None:
        """Start counting another minute."""
        self.minute, self.count, self.singles = minute, 0, 0
        self.digest = hashlib.sha256()


class Recorder:
    """Gives every answer its decision id and the sink its entries. For one thread: the event loop's."""

    def __init__(self, sink: DecisionSink, *, make_id: Callable[[], UUID] = uuid7) -> None:
        self._sink = sink
        self._make_id = make_id
        self._kept: OrderedDict[Any, Kept] = OrderedDict()
        self._alarms: dict[tuple[str, str], int] = {}
        self._alarm_minute = 0
        self._written_ms = 0
        self._swept_ms = 0
        self._dirty: list[Kept] = []

    def can_record(self) -> bool:
        """Whether what is decided now will be kept."""
        return self._sink.can_record()

    def note(self, decision: Decision, facts: Facts, at_ms: int) -> Kept:
        """Record an answer decided from these facts; the kept answer, whose decision carries the id."""
        key = _key(decision, facts)
        parts = (facts.app, facts.person, facts.session, facts.device, facts.emergency, facts.permit)
        kept, singles = self._kept.get(key), 0
        if kept is not None and _is_same(kept, decision, parts):
            self._turn_minute(kept, at_ms)
            is_allowed = decision.outcome == "allow"
            is_counted = is_allowed and kept.network == facts.request.network
            if is_counted or kept.singles >= MOST_SINGLES:
                self.again(kept, at_ms)
                return kept
            singles = kept.singles
            if not is_allowed:
                kept.singles += 1
                kept.decision, kept.prepared = self._write(decision, facts, at_ms), None
                return kept
        if kept is not None:
            self._put_down(kept)
        kept = Kept(self._write(decision, facts, at_ms), facts, parts, at_ms)
        kept.singles += singles
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_KEPT:
            self._put_down(self._kept.popitem(last=False)[1])
        return kept

    def _write(self, decision: Decision, facts: Facts, at_ms: int) -> Decision:
        named = msgspec.structs.replace(decision, decision_id=public_id("dec", self._make_id()))
        stored = StoredDecision(named, encode_facts(facts))
        self._sink.add(DecisionEntry(stored, at_ms, _practice(facts)))
        return named

    def _put_down(self, kept: Kept) -> None:
        if kept.times:
            self._sink.add(kept.entry())

    def again(self, kept: Kept, at_ms: int) -> None:
        """Count one more of an answer that is known to be the same, in the minute that is counted."""
        times = kept.times
        if not times:
            self._dirty.append(kept)
        times.append(at_ms)

    def _turn_minute(self, kept: Kept, at_ms: int) -> None:
        if at_ms // 60_000 != kept.minute:
            self._put_down(kept)
            kept.begin(at_ms // 60_000)

    def alarm(self, code: str, *, host: str, network_digest: str, at_ms: int, practice_id: str = "") -> None:
        """Record a security event; the same one from the same network at most 20 times a minute."""
        minute = at_ms // 60_000
        if minute != self._alarm_minute or len(self._alarms) > MOST_KEPT:
            self._alarm_minute = minute
            self._alarms.clear()
        place = (code, network_digest)
        seen = self._alarms.get(place, 0)
        self._alarms[place] = seen + 1
        if seen < SINGLE_ALARMS:
            event_id = str(self._make_id())
            self._sink.add(SecurityEntry(event_id, code, at_ms, practice_id, host[:253], network_digest))

    def tick(self, at_ms: int) -> None:
        """Write the counts that changed, at most once a second, and forget answers idle for 10 minutes."""
        if 0 <= at_ms - self._written_ms < REPEATS_WRITTEN_EVERY_MS:
            return
        self._written_ms = at_ms
        self.finish()
        if 0 <= at_ms - self._swept_ms < 60_000:
            return
        self._swept_ms = at_ms
        idle = [key for key, kept in self._kept.items() if abs(at_ms - kept.last_ms) > IDLE_MS]
        for key in idle:
            del self._kept[key]

    def finish(self) -> None:
        """Write every count that is not written yet; before the process ends too."""
        dirty, self._dirty = self._dirty, []
        for kept in dirty:
            self._put_down(kept)


def _practice(facts: Facts) -> str:
    return facts.app.practice_id if facts.app is not None else ""


def _key(decision: Decision, facts: Facts) -> Any:
    session, app, client = facts.session, facts.app, facts.client
    token = session.token_hash if session is not None else ""
    # What anybody may invent, host names and certificates, must not make a new key each time.
    place = app.app_id if app is not None else ""
    shown = client.fingerprint if client.kind == "enrolled" else client.code
    if decision.outcome == "allow":
        return token, shown, place, facts.resource
    return token, shown, place, facts.resource, tuple(reason.code for reason in decision.reasons)


def _is_same(kept: Kept, decision: Decision, parts: tuple[Any, ...]) -> bool:
    last = kept.decision
    return (
        last.outcome == decision.outcome
        and last.rule == decision.rule
        and last.policy_digest == decision.policy_digest
        and last.would_have == decision.would_have
        and all(old is new for old, new in zip(kept.parts, parts))
    )
