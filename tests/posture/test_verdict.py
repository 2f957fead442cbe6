"""Checks and the verdict, without a database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketward.policy.records import RequiredApp
from pocketward.posture.errors import FeedRefused
from pocketward.posture.feed import read_feed
from tests.posture.verdicts import GOOD, NOW, result, verdict


def test_a_healthy_phone_is_compliant_until_its_oldest_fact_is_too_old() -> None:
    found = verdict(GOOD, age=timedelta(hours=1))
    assert found.posture == "compliant"
    assert found.fresh_until == NOW + timedelta(hours=35)


def test_encrypted_without_a_passcode_is_not_protected() -> None:
    found = verdict(GOOD | {"passcode_present": False})
    assert found.posture == "not-compliant"
    assert result(found, "data_protection") == ("fail", "encrypted_without_passcode")


def test_an_old_version_whose_update_is_due_fails_and_one_in_grace_passes() -> None:
    old = GOOD | {"os_version": "26.5", "build_version": "23F77"}
    assert result(verdict(old), "os_patched") == ("fail", "misses_update")
    assert result(verdict(old, patch_within_days=300), "os_patched")[0] == "pass"


def test_a_build_that_its_version_never_had_is_suspicious() -> None:
    found = verdict(GOOD | {"build_version": "99Z999"})
    assert result(found, "os_patched") == ("fail", "unknown_build")
    assert any(item.integrity for item in found.checks)


def test_a_version_above_the_newest_known_is_unknown_and_never_suspicious() -> None:
    found = verdict(GOOD | {"os_version": "27.1", "build_version": "24A1"})
    assert result(found, "os_patched") == ("unknown", "newer_than_feed")
    assert found.posture == "unknown"


@pytest.mark.parametrize("version", ["18.99", "18.7.11", "17.2.9"])
def test_a_version_that_the_feed_lacks_is_unknown_whatever_its_build(version: str) -> None:
    found = verdict(GOOD | {"os_version": version, "build_version": "99Z", "product_name": "iPhone11,2"})
    assert result(found, "os_patched") == ("unknown", "not_in_feed")
    assert found.posture != "compliant"


def test_of_a_version_whose_builds_the_feed_lacks_no_build_is_suspicious() -> None:
    found = verdict(GOOD | {"os_version": "26.1", "build_version": "23B85"}, patch_within_days=500)
    assert result(found, "os_patched") == ("pass", "")


def test_a_feed_older_than_sixty_days_says_nothing_and_one_of_fifteen_still_does() -> None:
    assert result(verdict(GOOD, feed_day=NOW - timedelta(days=61)), "os_patched")[0] == "unknown"
    assert result(verdict(GOOD, feed_day=NOW - timedelta(days=61)), "os_supported")[0] == "unknown"
    below = verdict(GOOD, feed_day=NOW - timedelta(days=61), minimum_os="26.10")
    assert result(below, "os_supported") == ("fail", "below_minimum")
    assert result(verdict(GOOD, feed_day=NOW - timedelta(days=15)), "os_patched")[0] == "pass"


def test_what_is_too_old_to_count_keeps_its_age_and_source() -> None:
    old = verdict(GOOD, age=timedelta(days=9))
    for check in ("data_protection", "os_supported", "os_patched", "passcode_set", "passcode_meets_profile"):
        (item,) = (item for item in old.checks if item.id == check)
        assert (item.result, item.observed_at, item.source, item.limit) == (
            "unknown", int((NOW - timedelta(days=9)).timestamp()), "test", 36 * 3600,
        )  # fmt: skip
    never = verdict({"os_version": "26.6.1"})
    assert [item.observed_at for item in never.checks if item.id == "passcode_set"] == [None]


def test_a_missing_required_app_fails() -> None:
    app = RequiredApp("org.example.notes", "Notes")
    found = verdict(GOOD, required_apps=(app,))
    assert result(found, "required_apps") == ("fail", "app_missing")


def test_supervision_is_asked_only_where_the_policy_demands_it() -> None:
    assert result(verdict(GOOD | {"supervised": False}), "supervised")[0] == "not_applicable"
    found = verdict(GOOD | {"supervised": False}, supervised=True)
    assert result(found, "supervised") == ("fail", "not_supervised")


def test_a_silent_phone_is_unknown() -> None:
    found = verdict(GOOD, age=timedelta(hours=40))
    assert found.posture == "unknown"
    assert result(found, "heard_from") == ("unknown", "silent")


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.none(), max_size=len(GOOD)), st.integers(0, 400))
def test_what_is_not_known_or_old_never_passes(gone: dict[str, None], hours: int) -> None:
    state = {name: value for name, value in GOOD.items() if name not in gone}
    needed = {"passcode_present", "passcode_compliant_with_profiles", "hardware_encryption_caps",
              "os_version", "build_version", "product_name"}  # fmt: skip
    found = verdict(state, age=timedelta(hours=hours))
    if needed & gone.keys() or hours > 36:
        assert found.posture != "compliant"


@given(st.binary(max_size=300))
def test_bytes_that_are_no_feed_are_refused(data: bytes) -> None:
    with pytest.raises(FeedRefused):
        read_feed(data)
