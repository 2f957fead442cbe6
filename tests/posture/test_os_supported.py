"""os_supported: does Apple still mend this version on this model, and does the practice accept it?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.posture.verdicts import GOOD, result, verdict


@pytest.mark.parametrize(
    ("changes", "asked", "said"),
    [
        ({}, {}, ("pass", "")),
        ({}, {"minimum_os": "26.6.1"}, ("pass", "")),
        ({}, {"minimum_os": "26.10"}, ("fail", "below_minimum")),
        ({"os_version": "17.1", "build_version": "21B74"}, {}, ("fail", "major_too_old")),
        ({"product_name": "iPhone99,9"}, {}, ("unknown", "model_not_known")),
        ({"os_version": "27.1", "build_version": "24A1"}, {}, ("unknown", "newer_than_feed")),
    ],
)
def test_it_says_whether_updates_still_come(
    changes: dict[str, Any], asked: dict[str, Any], said: tuple[str, str]
) -> None:
    assert result(verdict(GOOD | changes, **asked), "os_supported") == said


@pytest.mark.parametrize("fact", ["os_version", "product_name"])
def test_it_is_unknown_while_version_or_model_is(fact: str) -> None:
    state = {name: value for name, value in GOOD.items() if name != fact}
    assert result(verdict(state), "os_supported") == ("unknown", "not_known")
