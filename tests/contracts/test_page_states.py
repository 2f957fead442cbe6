"""Every page of the URL table is read by axe in two states that differ, one of them narrow and dark."""

from __future__ import annotations

import pytest

from pocketward.web.urls import urlpatterns
from tests.browser.page_states import ALIKE, FULL, NO_PAGE, STATES

NAMES = [str(pattern.name) for pattern in urlpatterns]


def test_every_address_is_a_page_with_states_or_none() -> None:
    assert sorted(NAMES) == sorted([*STATES, *NO_PAGE])


@pytest.mark.parametrize("page", STATES)
def test_a_page_is_seen_wide_and_light_and_in_another_state_narrow_and_dark(page: str) -> None:
    states = STATES[page]
    assert FULL in states
    assert len(states) > 1
    if page not in ALIKE:
        # Two states that say the same, or of which nothing is known, are one.
        assert len(set(states.values())) > 1
