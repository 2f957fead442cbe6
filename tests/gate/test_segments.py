"""Decision files: nothing written is lost, a torn end is noticed, a dead gate's file is taken over."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.gate.decision import decide, decode_facts
from pocketward.gate.recorder import MOST_SINGLES, SINGLE_ALARMS, Recorder
from pocketward.gate.records import Decision, StoredDecision
from pocketward.gate.segments import (
    MAGIC,
    DecisionEntry,
    Entry,
    RepeatEntry,
    SecurityEntry,
    SegmentWriter,
    finished_segments,
    open_segments,
    pack_entries,
    parse_segment,
    read_segment,
)
from pocketward.gate.sink import SegmentSink
from tests.gate.facts import NOW, PHONE, RULES, changed, facts

ENTRIES: list[Entry] = [
    DecisionEntry(StoredDecision(Decision("dec_1", "refuse"), b"\x01facts"), 1000, "practice"),
    RepeatEntry("dec_1", 5, 7, "ab", 1001, "practice"),
    SecurityEntry("event", "header_untrusted", 1002),
]


class Kept:
    """A sink that keeps entries in a list."""

    def __init__(self) -> None:
        self.entries: list[Any] = []

    def add(self, entry: Entry) -> None:
        """Keep it."""
        self.entries.append(entry)

    def can_record(self) -> bool:
        """Always."""
        return True


def test_what_is_packed_is_read() -> None:
    contents = parse_segment(MAGIC + pack_entries(ENTRIES))
    assert contents.entries == tuple(ENTRIES)
    assert not contents.is_torn


@given(st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_a_file_cut_anywhere_gives_a_prefix_of_its_entries(cut: int) -> None:
    whole = MAGIC + pack_entries(ENTRIES)
    contents = parse_segment(whole[: min(cut, len(whole))])
    assert list(contents.entries) == ENTRIES[: len(contents.entries)]
    if 0 < cut < len(whole):
        is_clean_end = any(cut == len(MAGIC + pack_entries(ENTRIES[:n])) for n in range(3))
        assert contents.is_torn is not is_clean_end


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_an_altered_byte_ends_the_reading_there(place: int, change: int) -> None:
    data = bytearray(MAGIC + pack_entries(ENTRIES))
    data[place % len(data)] ^= change
    contents = parse_segment(bytes(data))
    assert contents.is_torn
    assert list(contents.entries) == ENTRIES[: len(contents.entries)]


@given(st.binary(max_size=100))
@settings(max_examples=100, deadline=None)
def test_any_bytes_can_be_read(data: bytes) -> None:
    unmarked = parse_segment(data)
    assert unmarked.entries == () or data.startswith(MAGIC)
    assert unmarked.is_torn or not unmarked.entries
    # Nothing but whole entries with their checksum is taken out of noise.
    entries = parse_segment(MAGIC + data).entries
    assert len(pack_entries(entries)) <= len(data)


def test_an_open_segment_belongs_to_its_gate_until_it_dies(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, "gate", 1)
    writer.append(pack_entries(ENTRIES[:1]))
    assert finished_segments(tmp_path) == ()
    assert [read_segment(path).entries for path in open_segments(tmp_path)] == [(ENTRIES[0],)]
    os.close(os.dup(writer._file.fileno()))
    writer._file.close()  # what dying does to its lock
    assert finished_segments(tmp_path) == (writer.path,)


def test_a_finished_segment_is_handed_over(tmp_path: Path) -> None:
    sink = SegmentSink(tmp_path, "gate")
    sink.start()
    for entry in ENTRIES:
        sink.add(entry)
    sink.stop()
    (path,) = finished_segments(tmp_path)
    assert read_segment(path).entries == tuple(ENTRIES)
    assert path.stat().st_mode & 0o777 == 0o600


def test_segments_rotate_by_size(tmp_path: Path) -> None:
    sink = SegmentSink(tmp_path, "gate", rotate_bytes=1)
    for entry in ENTRIES:
        sink.add(entry)
        sink.flush()
        assert sink._is_due()
        sink._rotate()
    assert len(finished_segments(tmp_path)) == 3


def test_when_the_disk_fails_entries_wait_and_then_the_gate_must_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "decisions"
    blocked.write_text("a file where the folder should be")
    sink = SegmentSink(blocked, "gate")
    sink.add(ENTRIES[0])
    sink.flush()
    assert sink.can_record()
    monkeypatch.setattr("pocketward.gate.sink.LONGEST_FAILURE", 0.0)
    assert not sink.can_record()
    blocked.unlink()
    sink._retry_at = 0.0
    sink.add(ENTRIES[1])
    sink.flush()
    assert sink.can_record()
    sink.stop()
    (path,) = finished_segments(blocked)
    assert read_segment(path).entries == tuple(ENTRIES[:2])


def test_first_grants_are_single_and_repeats_are_counted_with_a_digest() -> None:
    kept, whole = Kept(), facts()
    recorder = Recorder(kept)
    decision = decide(whole, RULES, "")
    times = [NOW * 1000 + step for step in (0, 5, 9)]
    ids = {recorder.note(decision, whole, at).decision.decision_id for at in times}
    recorder.tick(NOW * 1000 + 10)
    first, repeat = kept.entries
    assert ids == {first.stored.decision.decision_id}
    assert first.stored.decision.decision_id.startswith("dec_")
    assert (repeat.decision_id, repeat.count, repeat.minute) == (ids.pop(), 2, NOW // 60)
    assert repeat.digest == hashlib.sha256(struct.pack(">2q", *times[1:])).hexdigest()


def test_a_grant_from_another_network_is_an_entry_of_its_own_up_to_a_number_a_minute() -> None:
    kept, home = Kept(), facts()
    away = msgspec.structs.replace(home, request=msgspec.structs.replace(home.request, network="clinic-wifi"))
    recorder = Recorder(kept)
    decision = decide(home, RULES, "")
    for turn in range(2 * MOST_SINGLES):
        recorder.note(decision, (home, away)[turn % 2], NOW * 1000 + turn)
    recorder.finish()
    singles = [entry for entry in kept.entries if isinstance(entry, DecisionEntry)]
    assert len(singles) == MOST_SINGLES
    found = [decode_facts(entry.stored.facts).request.network for entry in singles]
    assert found[:2] == [home.request.network, "clinic-wifi"]
    counted = [entry for entry in kept.entries if isinstance(entry, RepeatEntry)]
    assert counted[-1].decision_id == singles[-1].stored.decision.decision_id
    assert counted[-1].count == MOST_SINGLES


def test_counts_grow_within_a_minute_and_begin_again_in_the_next() -> None:
    kept, whole = Kept(), facts()
    recorder, start = Recorder(kept), NOW // 60 * 60_000
    decision = decide(whole, RULES, "")
    for at in (0, 1, 2_000, 2_001, 60_001, 60_002):
        recorder.note(decision, whole, start + at)
        recorder.tick(start + at)
    recorder.finish()
    repeats = [(entry.minute - start // 60_000, entry.count) for entry in kept.entries[1:]]
    assert repeats[-1] == (1, 2)
    assert (0, 3) in repeats


def test_a_changed_device_row_makes_a_new_first_grant() -> None:
    kept, whole = Kept(), facts()
    recorder = Recorder(kept)
    first = recorder.note(decide(whole, RULES, ""), whole, NOW * 1000).decision.decision_id
    renewed = facts(device=changed(PHONE, fresh_until=PHONE.fresh_until + 60))
    second = recorder.note(decide(renewed, RULES, ""), renewed, NOW * 1000 + 1).decision.decision_id
    assert first != second
    assert len(kept.entries) == 2


def test_refusals_are_single_up_to_a_number_a_minute_and_then_counted() -> None:
    kept, whole = Kept(), facts(device=changed(PHONE, lost=True))
    recorder = Recorder(kept)
    decision = decide(whole, RULES, "")
    ids = [recorder.note(decision, whole, NOW * 1000 + n).decision.decision_id for n in range(30)]
    recorder.finish()
    singles = [entry for entry in kept.entries if isinstance(entry, DecisionEntry)]
    assert len(singles) == len(set(ids)) == MOST_SINGLES
    assert kept.entries[-1].count == 30 - MOST_SINGLES
    assert kept.entries[-1].decision_id == ids[-1]


def test_every_id_given_out_is_written_whatever_happens_in_between() -> None:
    kept = Kept()
    recorder = Recorder(kept)
    given_out = set()
    worlds = [facts(), facts(device=changed(PHONE, lost=True)), facts(session=None, person=None)]
    for number in range(200):
        whole = worlds[(number * 7) % 3]
        at = NOW * 1000 + number * 900
        given_out.add(recorder.note(decide(whole, RULES, ""), whole, at).decision.decision_id)
        recorder.tick(at)
    recorder.finish()
    written = {e.stored.decision.decision_id for e in kept.entries if isinstance(e, DecisionEntry)}
    assert given_out == written


def test_alarms_are_bounded_a_minute_and_network() -> None:
    kept = Kept()
    recorder = Recorder(kept)
    for number in range(50):
        recorder.alarm("header_untrusted", host="x" * 500, network_digest="a", at_ms=NOW * 1000 + number)
    assert len(kept.entries) == SINGLE_ALARMS
    assert len(kept.entries[0].host) == 253
    recorder.alarm("header_untrusted", host="", network_digest="b", at_ms=NOW * 1000)
    assert len(kept.entries) == SINGLE_ALARMS + 1
