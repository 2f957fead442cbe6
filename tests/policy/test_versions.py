"""Versions of apps, compared as the phone's maker compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.policy.versions import is_version, meets_minimum

PARTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=4)


def dotted(parts: list[int]) -> str:
    return ".".join(map(str, parts))


@pytest.mark.parametrize(
    ("version", "minimum", "fits"),
    [
        ("2.10", "2.9", True), ("2.9", "2.10", False), ("2.4", "2.4.0", True), ("2.4.0.0", "2.4", True),
        ("02.04", "2.4", True), ("2.4.1", "2.4", True), ("2.3.9", "2.4", False), (" 2.4 ", "2.4", True),
        ("v2.4", "2.4", True), ("2.4 (331)", "2.4", True), ("2.4+331", "2.4", True), ("1", "", True),
        ("2.4b1", "2.4", None), ("2.4-rc.1", "2.4", None), ("2.5b1", "2.4", True), ("2.3b1", "2.4", False),
        ("2.4.x", "2.4", None), ("", "1", None), ("beta", "1", None), ("٢.٤", "1", None), (".2", "1", None),
        ("1." * 40, "1", None), ("9" * 5000, "1", None), ("-3", "1", None), ("", "", True),
    ],
)  # fmt: skip
def test_a_version_is_new_enough_too_old_or_cannot_be_told(
    version: str, minimum: str, fits: bool | None
) -> None:
    assert meets_minimum(version, minimum=minimum) is fits


@given(PARTS, PARTS)
def test_dotted_numbers_are_compared_part_by_part_with_zeros_for_what_is_not_there(
    has: list[int], wanted: list[int]
) -> None:
    width = max(len(has), len(wanted))
    padded = [parts + [0] * (width - len(parts)) for parts in (has, wanted)]
    assert meets_minimum(dotted(has), minimum=dotted(wanted)) is (padded[0] >= padded[1])


@given(st.text(max_size=60), PARTS)
def test_any_text_is_judged_or_cannot_be_told_and_never_passes_by_accident(
    text: str, wanted: list[int]
) -> None:
    fits = meets_minimum(text, minimum=dotted(wanted))
    if fits:
        digits = text.strip().lstrip("vV")[:1]
        assert digits in "0123456789"
        assert digits


@given(PARTS, st.text(alphabet="abrcx-_", min_size=1, max_size=5))
def test_letters_behind_an_equal_number_leave_it_open(parts: list[int], letters: str) -> None:
    assert meets_minimum(dotted(parts) + letters, minimum=dotted(parts)) is None


@given(st.text(max_size=30))
def test_only_a_plain_dotted_number_can_be_asked_for(text: str) -> None:
    if is_version(text):
        assert all(part.isascii() and part.isdigit() for part in text.split("."))
