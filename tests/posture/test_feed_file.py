"""The feed of releases: read strictly, whatever its bytes."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.posture.feed import FeedRefused, read_feed, shipped_feed
from tests.factories.hostile import EDITS, FEW, JSON, mutated

SMALL: dict[str, Any] = {
    "format": 1, "published": "2026-11-27", "origin": "example", "models": ["iPhone15,4"],
    "releases": [
        {"version": "26.1", "builds": ["23B1"], "released": "2026-10-01", "models": [0], "security": True}
    ],
}  # fmt: skip
DATA = json.dumps(SMALL).encode()


def read(data: bytes) -> None:
    """A feed with releases, or FeedRefused."""
    with contextlib.suppress(FeedRefused):
        assert read_feed(data).releases


def test_the_shipped_and_the_small_one_are_read() -> None:
    assert read_feed(DATA).releases[0].models == frozenset(("iPhone15,4",))
    assert len(read_feed(shipped_feed()).releases) > 10


@FEW
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FeedRefused):
        read_feed(data)


@FEW
@given(EDITS)
def test_a_mutated_feed_is_read_or_refused(edits: list[tuple[int, int, int]]) -> None:
    read(mutated(DATA, edits))


@FEW
@given(JSON, st.sampled_from(sorted(SMALL)), st.sampled_from(sorted(SMALL["releases"][0])))
def test_any_value_in_any_place_is_read_or_refused(value: Any, top: str, inner: str) -> None:
    read(json.dumps(SMALL | {top: value}).encode())
    read(json.dumps(SMALL | {"releases": [SMALL["releases"][0] | {inner: value}]}).encode())


@pytest.mark.parametrize("data", [b"[" * 100_000, b" " * 4_000_001, b"", b"null", b"{}"])
def test_bombs_and_nothing_are_refused(data: bytes) -> None:
    with pytest.raises(FeedRefused):
        read_feed(data)
