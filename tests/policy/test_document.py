"""The policy file: read strictly, faults named."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pocketward.policy import api as policy
from pocketward.policy.document import read_policy, rules, template
from pocketward.policy.errors import PolicyRefused
from pocketward.practice.records import PracticeRecord
from pocketward.spine.api import event_bodies
from tests.factories.hostile import EDITS, FEW, JSON, mutated

KEYS = {
    "passcode": ("min_length", "required", "lock_after_minutes"), "updates": ("within_days", "minimum_os"),
    "required_apps": ("id",), "supervision": ("shared",), "freshness": ("facts_within_hours",),
}  # fmt: skip


def test_the_template_is_a_policy_with_every_rule() -> None:
    assert set(read_policy(template())) == {
        "passcode", "updates", "required_apps", "supervision", "freshness"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("version: 2", "version: 1"),
        ("version: 1\npasscod: {}", "no rule called passcod"),
        ("version: 1\npasscode: {min_length: 3}", "between 4 and 16"),
        ("version: 1\npasscode: {min_length: yes}", "cannot have"),
        ("version: 1\npasscode: {length: 6}", "no setting called length"),
        ("version: 1\nupdates: {minimum_os: new}", "like 18.7.1"),
        ("version: 1\nversion: 1", "there twice"),
        ("version: 1\nrequired_apps: &a [*a]", "aliases"),
        ("version: [", "Line"),
        ("x" * 200_000, "100 kB"),
    ],
)
def test_a_fault_is_named(text: str, fault: str) -> None:
    with pytest.raises(PolicyRefused, match=fault):
        read_policy(text)


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    with contextlib.suppress(PolicyRefused):
        assert read_policy("version: 1\n" + text)


@FEW
@given(EDITS)
def test_a_mutated_policy_is_read_or_refused(edits: list[tuple[int, int, int]]) -> None:
    with contextlib.suppress(PolicyRefused):
        read = read_policy(mutated(template().encode(), edits).decode(errors="replace"))
        # Whatever was left out stands with its default: no rule is lost.
        assert set(read) == set(rules())


@FEW
@given(JSON, st.sampled_from(sorted(KEYS)), st.data())
def test_any_value_for_any_setting_is_read_or_refused(value: Any, rule: str, data: st.DataObject) -> None:
    for given_value in (value, {data.draw(st.sampled_from(KEYS[rule])): value}, [value]):
        with contextlib.suppress(PolicyRefused):
            read = read_policy(yaml.safe_dump({"version": 1, rule: given_value}))
            assert set(read) == set(KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nx: " + "[" * 50_000,
        "version: " + "9" * 9_000,
        "version: 1\n? [a]\n: b",
        "\ud800",
        "version: " + "1:" * 20_000 + "1.5",
        "- " * 40_000,
    ],
)
def test_bombs_are_refused(text: str) -> None:
    with pytest.raises(PolicyRefused):
        read_policy(text)


def test_a_new_version_changes_what_is_asked_and_is_recorded(practice: PracticeRecord) -> None:
    text = template().replace("min_length: 6", "min_length: 10")
    assert policy.set_policy(practice_id=practice.id, text=text, reason="longer", by="system:test") == 1
    asked = policy.requirements(practice_id=practice.id, device_kind="iphone", ownership="practice")
    assert asked.passcode_min_length == 10
    (event,) = event_bodies(practice_id=practice.id, kinds=("policy.policy_changed",))
    assert event["changed_rules"] == ["passcode"]
    payloads = policy.apple_payloads(practice_id=practice.id, device_kind="iphone", ownership="practice")
    assert payloads[0][1]["minLength"] == 10


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("version: 1\n\npasscod: {}", "Line 3: "),
        ("version: 1\npasscode:\n  required: true\n  min_length: 3\n", "Line 4: "),
        ("version: 1\nupdates:\n  within_days: soon\n", "Line 3: "),
        ("# ours\nversion: 1\nrequired_apps: 4\n", "Line 3: "),
        ("policy: 1", "Line 1: "),
    ],
)
def test_the_line_of_a_fault_is_named(text: str, line: str) -> None:
    with pytest.raises(PolicyRefused) as refused:
        read_policy(text)
    assert refused.value.sentence.startswith(line)


@pytest.mark.parametrize("name", policy.TEMPLATES)
def test_each_template_can_be_put_in_force(practice: PracticeRecord, name: str) -> None:
    text = template(name)
    number = policy.set_policy(practice_id=practice.id, text=text, reason="to start with", by="system:test")
    assert policy.policy(practice_id=practice.id).number == number


def test_a_draft_says_which_rules_change_and_which_devices_feel_it(practice: PracticeRecord) -> None:
    text = template().replace("shared: true ", "shared: false")
    drafted = policy.draft(practice_id=practice.id, text=text)
    (change,) = drafted.changes()
    assert (change.rule, change.after) == ("supervision", "No device must be supervised.")
    assert drafted.is_felt_by(device_kind="ipad", ownership="practice", shared=True)
    assert not drafted.is_felt_by(device_kind="iphone", ownership="practice", shared=False)
    assert policy.draft(practice_id=practice.id, text=template()).changes() == ()
    longer = policy.draft(practice_id=practice.id, text=template().replace("min_length: 6", "min_length: 8"))
    assert longer.is_felt_by(device_kind="iphone", ownership="personal", shared=False)
