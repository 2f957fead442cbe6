"""The feed of releases: read strictly, whatever its bytes, and read as what they say."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.posture.feed import FeedRefused, read_feed, shipped_feed
from pocketward.posture.records import Feed, Release
from tests.factories.hostile import EDITS, FEW, FEWER, JSON, mutated

SMALL: dict[str, Any] = {
    "format": 1, "published": "2026-11-27", "origin": "example", "models": ["iPhone15,4"],
    "releases": [
        {"version": "26.1", "builds": ["23B1"], "released": "2026-10-01", "models": [0], "security": True}
    ],
}  # fmt: skip
ROW = SMALL["releases"][0]

VERSIONS = st.lists(st.integers(0, 999), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
DAYS = st.dates(min_value=date(2007, 1, 9)).map(date.isoformat)
MODELS = st.lists(st.text(max_size=10), min_size=1, max_size=4)


@st.composite
def feeds(draw: st.DrawFn) -> dict[str, Any]:
    """Any feed that is one."""
    models = draw(MODELS)
    numbers = st.lists(st.integers(0, len(models) - 1), max_size=4)
    row = st.fixed_dictionaries(
        {"version": VERSIONS, "builds": st.lists(st.text(max_size=8), max_size=3), "released": DAYS,
         "models": numbers, "security": st.booleans()}
    )  # fmt: skip
    releases = draw(st.lists(row, min_size=1, max_size=4))
    return SMALL | {
        "published": draw(DAYS),
        "origin": draw(st.text()),
        "models": models,
        "releases": releases,
    }


def taken(data: bytes) -> Feed | None:
    """What is read; None when it is refused as no feed."""
    try:
        return read_feed(data)
    except FeedRefused:
        return None


def meant(data: bytes) -> Feed | None:
    """What these bytes say, read by another parser and checked by other means; None for no feed."""
    try:
        file = json.loads(data.decode())
        if not is_like(file, SMALL) or file["format"] != 1 or not file["releases"]:
            return None
        return Feed(day(file["published"]), tuple(releases(file)))
    except (ValueError, IndexError):
        return None


def is_like(value: Any, sample: Any) -> bool:
    """Whether this is built of the same kinds with the same keys; a list's items are like its first one."""
    if isinstance(sample, dict):
        same = isinstance(value, dict) and value.keys() == sample.keys()
        return same and all(is_like(value[key], sample[key]) for key in sample)
    if isinstance(sample, list):
        return isinstance(value, list) and all(is_like(item, sample[0]) for item in value)
    str(value).encode()  # half a letter is a ValueError
    return type(value) is type(sample)


def day(text: str) -> datetime:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


def releases(file: dict[str, Any]) -> list[Release]:
    """Newest first, equal ones as they stand."""
    found = []
    for row in file["releases"]:
        is_version = re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}", row["version"])
        if not is_version or min(row["models"], default=0) < 0:
            raise ValueError(row)
        names = frozenset(file["models"][number] for number in row["models"])
        builds = frozenset(row["builds"])
        found.append(Release(row["version"], builds, day(row["released"]), names, row["security"]))
    return sorted(found, key=lambda one: [int(part) for part in one.version.split(".")], reverse=True)


def test_the_shipped_and_the_small_one_are_read() -> None:
    assert read_feed(json.dumps(SMALL).encode()).releases[0].models == frozenset(("iPhone15,4",))
    shipped = read_feed(shipped_feed())
    assert len(shipped.releases) > 10
    assert shipped == meant(shipped_feed())


@FEW
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FeedRefused):
        read_feed(data)


@FEWER
@given(feeds(), st.sampled_from([None, 1]), st.booleans())
def test_every_feed_is_read_as_what_it_says(file: dict[str, Any], indent: int | None, in_ascii: bool) -> None:
    data = json.dumps(file, indent=indent, ensure_ascii=in_ascii).encode()
    read = read_feed(data)
    assert read == meant(data)
    assert len(read.releases) == len(file["releases"])


@FEWER
@given(feeds(), EDITS)
def test_a_mutated_feed_is_read_as_what_it_says_now_or_refused(
    file: dict[str, Any], edits: list[tuple[int, int, int]]
) -> None:
    data = mutated(json.dumps(file).encode(), edits)
    assert taken(data) == meant(data)


@FEWER
@given(
    JSON | DAYS | VERSIONS,
    st.sampled_from(sorted(SMALL)),
    st.sampled_from(sorted(ROW)),
)
def test_any_value_in_any_place_is_read_as_what_it_says_or_refused(value: Any, top: str, inner: str) -> None:
    for file in (SMALL | {top: value}, SMALL | {"releases": [ROW | {inner: value}]}):
        data = json.dumps(file).encode()
        assert taken(data) == meant(data)


@pytest.mark.parametrize("number", [-1, 1, 0.0, True, "0", None])
def test_a_model_is_named_by_its_place_in_the_list(number: Any) -> None:
    assert taken(json.dumps(SMALL | {"releases": [ROW | {"models": [number]}]}).encode()) is None


@pytest.mark.parametrize("version", ["٢٦", "26.1\n", "26.", "v26", ""])
def test_a_version_is_digits_and_points(version: str) -> None:
    assert taken(json.dumps(SMALL | {"releases": [ROW | {"version": version}]}).encode()) is None


@pytest.mark.parametrize(
    "text", ["2026-11-27T00:00:00Z", "2026-11-277", "2026-1-27", "26-11-27", " 2026-11-2"]
)
def test_a_day_is_written_one_way_only(text: str) -> None:
    for file in (SMALL | {"published": text}, SMALL | {"releases": [ROW | {"released": text}]}):
        assert taken(json.dumps(file).encode()) is None


@pytest.mark.parametrize("data", [b"[" * 100_000, b" " * 4_000_001, b"", b"null", b"{}"])
def test_bombs_and_nothing_are_refused(data: bytes) -> None:
    with pytest.raises(FeedRefused):
        read_feed(data)
