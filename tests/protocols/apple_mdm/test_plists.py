"""Property lists: what phones send is read, what attackers send is refused with one kind of error."""

from __future__ import annotations

import plistlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.protocols.apple_mdm import PlistError, PlistLimits, read_plist, write_plist

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
XML_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=30)
SCALARS = (
    XML_TEXT
    | st.binary(max_size=40)
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.integers(-60_000_000_000, 250_000_000_000).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(XML_TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(XML_TEXT, VALUES, max_size=5))
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    assert read_plist(write_plist(value)) == value


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: b"<plist>" + tail))
def test_random_bytes_give_a_dictionary_or_one_kind_of_error(data: bytes) -> None:
    try:
        assert isinstance(read_plist(data), dict)
    except PlistError:
        return


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_lists_give_a_dictionary_or_one_kind_of_error(data: st.DataObject) -> None:
    sample = bytearray(
        write_plist({"a": [1, {"b": datetime(2026, 1, 1, tzinfo=UTC)}], "c": b"bytes", "d": 1.5})
    )
    for _ in range(data.draw(st.integers(1, 4))):
        sample[data.draw(st.integers(0, len(sample) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(read_plist(bytes(sample)), dict)
    except PlistError:
        return


def test_dates_come_back_in_utc() -> None:
    east = timezone(timedelta(hours=9))
    data = write_plist({"when": datetime(2026, 11, 24, 9, 30, 5, 123456, tzinfo=east)})
    assert b"2026-11-24T00:30:05Z" in data
    assert read_plist(data) == {"when": datetime(2026, 11, 24, 0, 30, 5, tzinfo=UTC)}


def test_a_date_without_a_zone_is_not_written() -> None:
    with pytest.raises(PlistError, match="time zone"):
        write_plist({"when": datetime(2026, 1, 1)})  # noqa: DTZ001


def test_none_is_not_written() -> None:
    with pytest.raises(PlistError):
        write_plist({"a": None})


def test_declared_entities_are_refused() -> None:
    laughs = b'<!DOCTYPE plist [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(PlistError):
        read_plist(HEAD + laughs + b"<plist><dict><key>k</key><string>&b;</string></dict></plist>")


def test_outside_entities_are_refused() -> None:
    outside = b'<!DOCTYPE plist [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(PlistError):
        read_plist(HEAD + outside + b"<plist><dict><key>k</key><string>&a;</string></dict></plist>")


def test_the_document_type_apple_sends_is_accepted() -> None:
    kind = b'<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">'
    assert read_plist(HEAD + kind + b"<plist version='1.0'><dict/></plist>") == {}


def test_a_byte_order_mark_and_blanks_in_front_are_accepted() -> None:
    assert read_plist(b"\xef\xbb\xbf" + HEAD + b"<plist><dict/></plist>") == {}
    assert read_plist(b"\n  <plist><dict/></plist>") == {}


def test_binary_lists_are_refused() -> None:
    with pytest.raises(PlistError, match="not an XML"):
        read_plist(plistlib.dumps({"a": 1}, fmt=plistlib.FMT_BINARY))


@pytest.mark.parametrize("inside", [b"<array/>", b"<string>x</string>", b"<integer>1</integer>", b""])
def test_a_root_that_is_no_dictionary_is_refused(inside: bytes) -> None:
    with pytest.raises(PlistError):
        read_plist(HEAD + b"<plist>" + inside + b"</plist>")


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PlistError, match="too large"):
        read_plist(b"<plist>" + b" " * 100, PlistLimits(max_bytes=100))


@pytest.mark.parametrize(
    ("open_tag", "close_tag"), [(b"<array>", b"</array>"), (b"<dict><key>k</key>", b"</dict>")]
)
def test_deep_nesting_is_refused(open_tag: bytes, close_tag: bytes) -> None:
    for depth in (40, 5000):
        inner = open_tag * depth + close_tag * depth
        with pytest.raises(PlistError):
            read_plist(HEAD + b"<plist><dict><key>k</key>" + inner + b"</dict></plist>")


def test_too_many_values_are_refused() -> None:
    many = b"<dict><key>k</key><array>" + b"<true/>" * 2000 + b"</array></dict>"
    with pytest.raises(PlistError, match="too many"):
        read_plist(HEAD + b"<plist>" + many + b"</plist>", PlistLimits(max_items=1000))
    with pytest.raises(PlistError, match="too many"):
        read_plist(HEAD + b"<plist>" + many + b"</plist>", PlistLimits(max_items=100))


@pytest.mark.parametrize(
    "inside",
    [
        b"<integer>" + b"9" * 10_000 + b"</integer>",
        b"<integer>0x1" + b"0" * 4_096 + b"</integer>",
        b"<integer>-0x1" + b"0" * 4_096 + b"</integer>",
        b"<date>2026-99-99T00:00:00Z</date>",
        b"<real>x</real>",
    ],
)
def test_impossible_numbers_and_dates_are_refused(inside: bytes) -> None:
    with pytest.raises(PlistError):
        read_plist(HEAD + b"<plist><dict><key>k</key>" + inside + b"</dict></plist>")
