"""A list of apps against the one before: what came, what went, what is another version now."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pocketward.fleet.inventory import APPS, app_changes

IDENTIFIERS = st.sampled_from(["org.example.notes", "org.example.chart", "org.example.calls", "a", "b"])
LISTS = st.dictionaries(IDENTIFIERS, st.sampled_from(["1.0", "1.1", "2.0", ""]))


def facts(apps: dict[str, str]) -> dict[str, Any]:
    """A state that holds these apps, by identifier and version."""
    value = [{"identifier": name, "name": name.title(), "version": apps[name]} for name in sorted(apps)]
    return {APPS: {"value": value}, "os_version": {"value": "26.1"}}


@given(LISTS, LISTS)
def test_the_changes_lead_from_the_list_before_to_the_list_after(
    before: dict[str, str], after: dict[str, str]
) -> None:
    found = app_changes(facts(before), facts(after))
    played = dict(before)
    for app in found.removed:
        assert played.pop(app["identifier"]) == app["version"]
    for app in found.installed:
        assert app["identifier"] not in played
        played[app["identifier"]] = app["version"]
    for app in found.updated:
        assert played[app["identifier"]] == app["before"] != app["version"]
        played[app["identifier"]] = app["version"]
    assert played == after
    assert bool(found) == (before != after)


def test_a_first_list_is_all_new_and_no_list_says_nothing() -> None:
    first = app_changes({}, facts({"a": "1.0"}))
    assert first.installed == ({"identifier": "a", "name": "A", "version": "1.0"},)
    assert not app_changes(facts({"a": "1.0"}), {})
