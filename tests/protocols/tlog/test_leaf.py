"""The leaf record and its commitment."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.protocols.tlog import Leaf, LeafError, commit, matches, parse_leaf

KEY, EVENT = bytes(range(32)), b'{"kind":"test.rang"}'
LEAF = Leaf(
    log=UUID(int=1),
    index=7,
    event=UUID(int=2),
    seq=9,
    kind="test.rang",
    time=datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
    commitment=commit(KEY, EVENT),
)


def test_a_leaf_is_canonical_json_with_these_fields_and_no_others() -> None:
    raw = LEAF.encode()
    assert json.loads(raw) == {
        "v": 1,
        "log": "00000000-0000-0000-0000-000000000001",
        "index": 7,
        "event": "00000000-0000-0000-0000-000000000002",
        "seq": 9,
        "kind": "test.rang",
        "time": "2026-11-24T08:30:00.000000Z",
        "commitment": hmac.digest(KEY, EVENT, "sha256").hex(),
    }
    assert raw == json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":")).encode()
    assert parse_leaf(raw) == LEAF


def test_a_commitment_fits_only_its_key_and_its_event() -> None:
    assert matches(LEAF.commitment, KEY, EVENT)
    assert not matches(LEAF.commitment, KEY, EVENT + b" ")
    assert not matches(LEAF.commitment, bytes(32), EVENT)
    assert not matches(LEAF.commitment, b"", EVENT)
    with pytest.raises(LeafError):
        commit(b"short", EVENT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'), (b'"index":7', b'"index":7.0'), (b'"index":7', b'"index":true'),
        (b'"v":1', b'"w":1'), (b'"index":7', b'"index": 7'), (b"test.rang", b"test.r\\u0061ng"), (b"Z", b""),
        (b"{", b"["),
        (b'"seq":9', b'"seq":"9"'), (b'"log":"0', b'"log":"z'), (b"2026", b"9999999"),
    ],
)  # fmt: skip
def test_a_leaf_written_in_any_other_way_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(LeafError):
        parse_leaf(LEAF.encode().replace(old, new))


@given(st.one_of(st.binary(max_size=200), st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
).map(lambda value: json.dumps(value).encode())))  # fmt: skip
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(LeafError):
        parse_leaf(data)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(LeafError):
        parse_leaf(b"[" * 100_000)
