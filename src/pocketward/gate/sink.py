"""Where decisions go: a buffer, written and synced by a thread of its own at most 50 ms later.

The answer does not wait for the disk. When the disk fails, entries are kept and tried again in a new segment;
when that lasts, or too many wait, the gate refuses everything: nobody opens records unrecorded.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from pathlib import Path
from typing import Protocol

from pocketward.gate.segments import Entry, SegmentWriter, pack_entries

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05
ROTATE_SECONDS = 0.5
ROTATE_BYTES = 4 * 1024 * 1024
MOST_WAITING = 50_000
LONGEST_FAILURE = 5.0
RETRY_SECONDS = 0.5


class DecisionSink(Protocol):
    """What the gate needs of a place to record decisions."""

    def add(self, entry: Entry) -> None:
        """Take an entry; never blocks, never raises."""
        ...

    def can_record(self) -> bool:
        """Whether what is added now will be kept."""
        ...


class SegmentSink:
    """Writes entries to segments in a folder, from one thread; `add` may be called from any."""

    def __init__(
        self,
        folder: Path,
        gate_id: str,
        *,
        flush_seconds: float = FLUSH_SECONDS,
        rotate_seconds: float = ROTATE_SECONDS,
        rotate_bytes: int = ROTATE_BYTES,
    ) -> None:
        self._folder, self._gate_id = folder, gate_id
        self._flush_seconds, self._rotate_seconds = flush_seconds, rotate_seconds
        self._rotate_bytes = rotate_bytes
        # A deque: its appends and pops are atomic, so that `add` needs no lock.
        self._waiting: deque[Entry] = deque()
        self._segment: SegmentWriter | None = None
        self._opened_at = 0.0
        self._number = 0
        self._failing_since: float | None = None
        self._retry_at = 0.0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decision-sink", daemon=True)

    def start(self) -> None:
        """Begin writing."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, hand the last segment over, end the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self.flush()
        self._rotate()

    def add(self, entry: Entry) -> None:
        """Take an entry for the next flush."""
        self._waiting.append(entry)

    def can_record(self) -> bool:
        """False when the disk has been failing for 5 s or 50,000 entries wait."""
        failing = self._failing_since
        if failing is None:
            return True
        return time.monotonic() - failing < LONGEST_FAILURE and len(self._waiting) < MOST_WAITING

    def flush(self) -> None:
        """Write and sync what waits now; a failure is remembered, and its entries wait again."""
        with self._lock:
            if not self._waiting or time.monotonic() < self._retry_at:
                return
            entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
            try:
                self._open_segment().append(pack_entries(entries))
                self._failing_since = None
            except OSError as error:
                self._note_failure(error, entries)

    def _note_failure(self, error: OSError, entries: list[Entry]) -> None:
        if self._failing_since is None:
            self._failing_since = time.monotonic()
            log.error("decisions cannot be written to %s: %s", self._folder, error.strerror)
        # What was added meanwhile comes after; what was half written is written again under the same ids.
        self._waiting.extendleft(reversed(entries))
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._abandon()

    def _open_segment(self) -> SegmentWriter:
        if self._segment is None:
            self._number += 1
            self._segment = SegmentWriter(self._folder, self._gate_id, self._number)
            self._opened_at = time.monotonic()
        return self._segment

    def _abandon(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            try:
                segment.finish()
            except OSError as error:
                log.error("a segment could not be handed over: %s", error.strerror)

    def _rotate(self) -> None:
        with self._lock:
            self._abandon()

    def _is_due(self) -> bool:
        segment = self._segment
        if segment is None:
            return False
        is_old = time.monotonic() - self._opened_at >= self._rotate_seconds
        return is_old or segment.size >= self._rotate_bytes

    def _run(self) -> None:
        while not self._stop.wait(self._flush_seconds):
            self.flush()
            if self._is_due():
                self._rotate()
