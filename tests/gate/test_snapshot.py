"""The snapshot: rows in any order, tombstones, rows that cannot be read, practices kept apart."""

from __future__ import annotations

import inspect
import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.gate import records
from pocketward.gate.asking import Asking
from pocketward.gate.decision import decide
from pocketward.gate.records import NetworkFacts, PracticeFacts
from pocketward.gate.snapshot import ELSEWHERE, Row, Snapshot
from tests.gate.facts import (
    APP,
    CLINICIAN,
    PHONE,
    PRACTICE,
    SESSION,
    changed,
    gone,
    row,
    world_rows,
)

# Every record that rows become, and what is in them.
ALL = [
    item
    for item in vars(records).values()
    if isinstance(item, type) and issubclass(item, msgspec.Struct) and item.__module__ == records.__name__
]
OTHER = "22222222-2222-7222-8222-222222222222"


def test_a_decision_sees_all_of_a_poll_or_none_of_it_and_what_it_holds_never_changes() -> None:
    """Neither taking rows in nor answering waits for anything, so neither runs inside the other."""
    for work in (Snapshot.apply, Snapshot.app_at, Asking.answer, decide):
        assert not inspect.iscoroutinefunction(work)
        assert not inspect.isgeneratorfunction(work)
    snapshot = Snapshot()
    snapshot.apply(world_rows())
    held = snapshot.practices[PRACTICE].devices["device-1"]
    before = msgspec.json.encode(held)
    snapshot.apply([row("device", "device-1", changed(PHONE, hold_ref="case_1"), 99)])
    assert msgspec.json.encode(held) == before
    assert snapshot.practices[PRACTICE].devices["device-1"] is not held


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_record_of_the_snapshot_is_frozen_through_and_through(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_config__.frozen
    for field in msgspec.structs.fields(kind):
        assert "list" not in str(field.type)
        assert "dict" not in str(field.type)


def test_rows_become_facts() -> None:
    snapshot = Snapshot()
    assert snapshot.apply(world_rows()) == 6
    found = snapshot.app_at("ehr.example.org")
    assert found is not None
    view, app = found
    assert app == APP
    assert view.persons["member-1"] == CLINICIAN
    assert view.device_by_fingerprint("ab" * 32) == PHONE
    assert snapshot.sessions["token-hash"] == SESSION


@given(st.permutations(range(4)))
@settings(max_examples=24, deadline=None)
def test_only_the_highest_version_counts_in_any_order_and_any_number_of_times(order: list[int]) -> None:
    rows = [
        row("device", "device-1", changed(PHONE, hold_ref=""), 1),
        row("device", "device-1", changed(PHONE, hold_ref="case_1"), 2),
        gone("device", "device-1", 3),
        row("device", "device-1", changed(PHONE, hold_ref="case_2"), 4),
    ]
    snapshot = Snapshot()
    for number in itertools.chain(order, order):
        snapshot.apply([rows[number]])
    assert snapshot.practices[PRACTICE].devices["device-1"].hold_ref == "case_2"


def test_a_tombstone_is_not_undone_by_an_older_row() -> None:
    snapshot = Snapshot()
    snapshot.apply([gone("session", "token-hash", 5), row("session", "token-hash", SESSION, 4)])
    assert snapshot.sessions == {}


def test_a_row_that_cannot_be_read_closes_what_it_replaced() -> None:
    snapshot = Snapshot()
    snapshot.apply(world_rows())
    snapshot.apply([row("device", "device-1", b"{not json", 2), row("rules", "rules", b"{}x", 2)])
    view = snapshot.practices[PRACTICE]
    assert view.device_by_fingerprint("ab" * 32) is None
    assert not view.are_rules_readable
    assert view.rules.ruleset.permits == ()
    assert len(snapshot.unreadable) == 2
    snapshot.apply([row("device", "device-1", PHONE, 3)])
    assert view.device_by_fingerprint("ab" * 32) == PHONE
    assert len(snapshot.unreadable) == 1


def test_a_body_that_names_another_row_or_practice_is_not_believed() -> None:
    snapshot = Snapshot()
    snapshot.apply([row("device", "device-2", PHONE), row("session", "token-hash", SESSION, 1, OTHER)])
    assert snapshot.practices[PRACTICE].devices == {}
    assert snapshot.sessions == {}


def test_another_practice_cannot_take_away_a_session_or_a_host() -> None:
    snapshot = Snapshot()
    snapshot.apply(world_rows())
    snapshot.apply([gone("session", "token-hash", 9, OTHER), gone("app", "app-1", 9, OTHER)])
    assert snapshot.sessions["token-hash"] == SESSION
    assert snapshot.app_at("ehr.example.org") is not None


def test_a_host_that_two_practices_claim_belongs_to_neither() -> None:
    snapshot = Snapshot()
    snapshot.apply(world_rows())
    before = snapshot.practices[PRACTICE].generation
    snapshot.apply([row("app", "app-9", changed(APP, app_id="app-9", practice_id=OTHER), 1, OTHER)])
    assert snapshot.app_at("ehr.example.org") is None
    assert snapshot.practices[PRACTICE].generation > before
    snapshot.apply([gone("app", "app-9", 2, OTHER)])
    assert snapshot.app_at("ehr.example.org") is not None


def test_an_old_fingerprint_stops_counting() -> None:
    snapshot = Snapshot()
    snapshot.apply(world_rows())
    snapshot.apply([row("device", "device-1", changed(PHONE, fingerprints=("cd" * 32,)), 2)])
    view = snapshot.practices[PRACTICE]
    assert view.device_by_fingerprint("ab" * 32) is None
    assert view.device_by_fingerprint("cd" * 32) is not None


def test_the_narrowest_network_names_the_zone() -> None:
    snapshot = Snapshot()
    networks = (
        NetworkFacts("building", ("192.0.2.0/24", "2001:db8::/32")),
        NetworkFacts("clinic-wifi", ("192.0.2.64/26",)),
    )
    practice = PracticeFacts(PRACTICE, "Harbor", networks=networks)
    snapshot.apply([row("practice", PRACTICE, practice)])
    view = snapshot.practices[PRACTICE]
    asked = ("192.0.2.70", "192.0.2.1", "::ffff:192.0.2.70", "2001:db8::1", "203.0.113.1", "nonsense", "")
    found = [view.zone_of(address) for address in asked]
    assert found == ["clinic-wifi", "building", "clinic-wifi", "building", ELSEWHERE, None, None]


def test_a_zone_that_is_no_id_makes_the_practice_row_unreadable() -> None:
    snapshot = Snapshot()
    bad = PracticeFacts(PRACTICE, "Harbor", networks=(NetworkFacts(ELSEWHERE, ("0.0.0.0/0",)),))
    snapshot.apply([row("practice", PRACTICE, bad)])
    assert snapshot.practices[PRACTICE].facts is None


def test_every_row_makes_a_new_generation() -> None:
    snapshot = Snapshot()
    snapshot.apply(world_rows())
    view = snapshot.practices[PRACTICE]
    for kind, key in (("person", "member-1"), ("session", "token-hash"), ("rules", "rules")):
        before = view.generation
        snapshot.apply([gone(kind, key, 7)])
        assert view.generation == before + 1


def test_a_kind_of_row_we_do_not_know_is_left_alone() -> None:
    snapshot = Snapshot()
    snapshot.apply([Row(PRACTICE, "weather", "today", 1, False, b"{}")])
    assert snapshot.unreadable == set()
