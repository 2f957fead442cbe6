"""The policy file: read strictly, faults named."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.policy import api as policy
from pocketward.policy.document import read_policy, template
from pocketward.policy.errors import PolicyRefused
from pocketward.practice.records import PracticeRecord
from pocketward.spine.api import event_bodies


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


def test_a_new_version_changes_what_is_asked_and_is_recorded(practice: PracticeRecord) -> None:
    text = template().replace("min_length: 6", "min_length: 10")
    assert policy.set_policy(practice_id=practice.id, text=text, reason="longer", by="system:test") == 1
    asked = policy.requirements(practice_id=practice.id, device_kind="iphone", ownership="practice")
    assert asked.passcode_min_length == 10
    (event,) = event_bodies(practice_id=practice.id, kinds=("policy.policy_changed",))
    assert event["changed_rules"] == ["passcode"]
    payloads = policy.apple_payloads(practice_id=practice.id, device_kind="iphone", ownership="practice")
    assert payloads[0][1]["minLength"] == 10
