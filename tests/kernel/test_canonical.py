"""One value, one form in bytes, whatever order or notation it came in."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.kernel.canonical import canonical_json, plain, read_moment

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.uuids() | st.binary(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
MOMENTS = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=9))])
)


@given(VALUES)
def test_bytes_are_utf_8_json_without_spaces_that_reads_back_as_the_plain_form(value: Any) -> None:
    made = canonical_json(value)
    assert json.loads(made) == plain(value)
    assert canonical_json(json.loads(made)) == made


@given(st.dictionaries(st.text(max_size=6), st.integers(), max_size=6))
def test_the_order_in_which_keys_came_does_not_count(value: dict[str, int]) -> None:
    backwards = dict(reversed(list(value.items())))
    composed = len({unicodedata.normalize("NFC", key) for key in value}) == len(value)
    assert canonical_json(backwards) == canonical_json(value) or not composed


@given(st.text(max_size=20))
def test_one_text_written_two_ways_has_one_form(text: str) -> None:
    apart, together = unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)
    assert canonical_json(apart) == canonical_json(together)


@given(MOMENTS)
def test_a_moment_is_written_in_utc_and_read_back_to_the_microsecond(moment: datetime) -> None:
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:
        return
    if in_utc.year < 1000:
        return
    assert read_moment(plain(moment)) == in_utc


def test_the_form_is_this_one() -> None:
    value = {
        "b": [1, True, None, "é"],
        "a": {"when": datetime(2026, 11, 24, 7, 5, tzinfo=timezone(timedelta(hours=-5)))},
        "day": date(2026, 11, 24),
        "id": UUID(int=1),
        "bytes": b"\x00\xff",
        "set": {"y", "x"},
    }
    assert (
        canonical_json(value)
        == (
            '{"a":{"when":"2026-11-24T12:05:00.000000Z"},"b":[1,true,null,"é"],"bytes":"00ff",'
            '"day":"2026-11-24","id":"00000000-0000-0000-0000-000000000001","set":["x","y"]}'
        ).encode()
    )


@pytest.mark.parametrize("value", [1.5, float("nan"), object(), 1j, datetime(2026, 1, 1)])  # noqa: DTZ001
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical_json({"deep": [value]})
