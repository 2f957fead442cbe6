"""Who reacts to which event: the safety chain inside the transaction, everybody else as jobs."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from pocketward.spine import queue, tasks
from pocketward.spine.errors import CascadeTooLong
from pocketward.spine.events import Event
from pocketward.spine.unit import Unit, before_commit

MOST_EVENTS = 64

OUR_FAULT = "our-fault:"
SENTENCE = "Pocketward failed while judging a phone or person; their records stay closed until it is mended."

log = logging.getLogger(__name__)

Handler = Callable[[Any], None]


@dataclass(frozen=True)
class Gathered:
    """A reaction of which a unit of work queues one job, however many events ask for it.

    `about` names what an event is about; the job's payload has all names as `about`, sorted. It is for
    readers that look the truth up by name: such a job carries no event.
    """

    kind: str
    about: Callable[[Any], tuple[str, ...]]


_chain: list[tuple[str, Mapping[type[Any], Handler]]] = []
_fallbacks: list[Callable[[Any, Exception], None]] = []
_reactions: dict[type[Any], list[str | Gathered]] = {}


def add_chain(package: str, handlers: Mapping[type[Any], Handler]) -> None:
    """Let a package handle events before commit; call in package order, lowest first."""
    _chain.append((package, handlers))


def add_fallback(function: Callable[[Any, Exception], None]) -> None:
    """What makes the device unknown and closes access when the chain itself failed on an event."""
    _fallbacks.append(function)


def add_reactions(reactions: Mapping[type[Any], tuple[str | Gathered, ...]]) -> None:
    """Let events queue jobs of these kinds, in the transaction that records them."""
    for event_type, kinds in reactions.items():
        _reactions.setdefault(event_type, []).extend(kinds)


def chain_packages() -> tuple[str, ...]:
    """The packages of the safety chain, in order; a contract test holds the list."""
    return tuple(package for package, _ in _chain)


def forget_all() -> None:
    """Empty the lists; only for tests that set up their own."""
    _chain.clear()
    _fallbacks.clear()
    _reactions.clear()


def queue_jobs(unit: Unit, event: Event) -> None:
    """Write one job row per reaction to the event."""
    for reaction in _reactions.get(type(event), ()):
        if isinstance(reaction, Gathered):
            names = unit.gathered.setdefault((reaction.kind, event.practice_id), set())
            names.update(reaction.about(event))
        else:
            queue.add_job(unit, kind=reaction, practice_id=event.practice_id, event_id=event.event_id)


def _queue_gathered(unit: Unit) -> None:
    """Write the jobs that the unit's events asked for together; names of events undone do no harm."""
    for (kind, practice_id), names in unit.gathered.items():
        if names:
            queue.add_job(unit, kind=kind, practice_id=practice_id, payload={"about": sorted(names)})


def _handle(unit: Unit, events: Sequence[Event]) -> None:
    """Run the chain on these events and on what its handlers record, in order; CascadeTooLong for a circle.

    What one event may cause is bounded, not what a verb may record: asking fifty phones at once is no fault.
    """
    unit.waiting[:] = events
    causes = deque(range(len(events)))
    caused = [0] * len(events)
    while unit.waiting:
        event, cause = unit.waiting.pop(0), causes.popleft()
        for _, handlers in _chain:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        added = len(unit.waiting) - len(causes)
        causes.extend([cause] * added)
        caused[cause] += added
        if caused[cause] > MOST_EVENTS:
            raise CascadeTooLong()


def _fall_back(fallback: Callable[[Any, Exception], None], event: Event, error: Exception) -> None:
    try:
        with transaction.atomic():
            fallback(event, error)
    except Exception:
        # The fact must stand whatever happens. What stays open is bounded by its own freshness limit.
        log.exception("closing access after a failed chain failed too")


def _tell_operator(event: Event) -> None:
    tasks.open_task(event.practice_id, f"{OUR_FAULT}{event.subject or event.kind}", SENTENCE)


def drain(unit: Unit) -> None:
    """Handle the unit's events, then write the jobs that gather them."""
    _drain_chain(unit)
    _queue_gathered(unit)


def _drain_chain(unit: Unit) -> None:
    """Handle the unit's events in order, inside one savepoint.

    When a handler fails the facts stand. The savepoint is undone and each event is handled alone, so that a
    fault with one phone closes no other; then, last, the fallbacks close access for what the failing events
    are about, and an operator task opens for each.
    """
    recorded = list(unit.waiting)
    if not recorded:
        return
    try:
        with transaction.atomic():
            _handle(unit, recorded)
    except Exception as error:
        log.exception("safety chain failed; closing access for its subjects")
        alone = _one_by_one(unit, recorded) if len(recorded) > 1 else [(recorded[0], error)]
        for event, reason in alone:
            for fallback in _fallbacks:
                _fall_back(fallback, event, reason)
            _tell_operator(event)
        # What the fallbacks recorded is for other readers; the chain does not run on it.
        unit.waiting.clear()


def _one_by_one(unit: Unit, recorded: Sequence[Event]) -> list[tuple[Event, Exception]]:
    """Handle each event in a savepoint of its own; those that fail, with why."""
    failed: list[tuple[Event, Exception]] = []
    for event in recorded:
        try:
            with transaction.atomic():
                _handle(unit, [event])
        except Exception as error:
            log.exception("safety chain failed on %s", event.kind)
            failed.append((event, error))
    return failed


before_commit(drain)
