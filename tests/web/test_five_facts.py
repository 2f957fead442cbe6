"""Five facts of a phone always stand on its page with age and source, and what was not told says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice.api import Member, PracticeRecord
from pocketward.web.components.facts import FactLine
from tests.web.clinic import Clinic

FIVE = ("Encryption", "Supported iOS", "Tampering", "Passcode", "Screen lock time", "Apps")
TOLD: dict[str, Any] = {"passcode_grace_seconds": 120, "installed_apps": [{"identifier": "org.example.a"}]}


def facts(at: Client, practice: PracticeRecord, device: Any) -> dict[str, FactLine]:
    """The facts on the phone's page by name."""
    page = at.get(f"/p/{practice.slug}/phones/{public_id('dev', device)}/").context["page"]
    return {line.name: line for line in page.facts}


@pytest.fixture
def clinic(practice: PracticeRecord) -> Clinic:
    return Clinic(practice)


def test_a_phone_that_never_reported_has_told_none_of_them(
    practice: PracticeRecord, owner: Member, owners_browser: Client, clinic: Clinic
) -> None:
    found = facts(owners_browser, practice, clinic.phone("Ben’s iPhone", member=owner))
    assert [(found[name].value, found[name].mark, found[name].age) for name in FIVE] == [
        ("Not told", "unknown", "never")
    ] * 6


def test_a_healthy_phone_tells_all_with_age_and_source_whatever_the_rules_ask(
    practice: PracticeRecord, owner: Member, owners_browser: Client, clinic: Clinic
) -> None:
    device = clinic.phone("Ben’s iPhone", member=owner)
    clinic.report(device, **TOLD)
    found = facts(owners_browser, practice, device)
    assert {name: found[name].value for name in FIVE} == {
        "Encryption": "On", "Supported iOS": "iOS 26.6.1", "Tampering": "No sign seen", "Passcode": "Set",
        "Screen lock time": "Asks for the passcode after 2 min", "Apps": "1 installed. No rule asks for any.",
    }  # fmt: skip
    assert all(found[name].mark == "ok" and found[name].source for name in FIVE)
    assert all("ago" in found[name].age or found[name].age == "just now" for name in FIVE)
    assert "23G83" in found["Tampering"].source


@pytest.mark.parametrize(
    ("build", "version", "value", "mark"),
    [
        ("23Z9999", "26.6.1", "A sign of it", "fix"),
        ("23B85", "26.1", "Cannot be told", "unknown"),
        ("24A1", "27.1", "Cannot be told", "unknown"),
    ],
)
def test_tampering_is_told_by_the_build_and_never_guessed(
    practice: PracticeRecord, owner: Member, owners_browser: Client, clinic: Clinic, build: str, version: str,
    value: str, mark: str,
) -> None:  # fmt: skip
    device = clinic.phone("Ben’s iPhone", member=owner)
    clinic.report(device, build_version=build, os_version=version)
    line = facts(owners_browser, practice, device)["Tampering"]
    assert (line.value, line.mark) == (value, mark)


def test_what_is_too_old_stays_visible_and_counts_as_unknown(
    practice: PracticeRecord, owner: Member, owners_browser: Client, clinic: Clinic
) -> None:
    device = clinic.phone("Ben’s iPhone", member=owner)
    with clock.frozen(clock.now() - timedelta(days=9)):
        clinic.report(device, **TOLD)
    found = facts(owners_browser, practice, device)
    more = ("Safety updates", "Passcode strength", "Certificate")
    for name in FIVE + more:
        assert found[name].mark == "unknown", name
        assert found[name].age == "9 days ago", name
        assert found[name].stale, name
        assert "Too old to count" in found[name].source
    assert {name: found[name].value for name in FIVE[:2] + FIVE[3:4] + more[:2]} == {
        "Encryption": "Last known: On", "Supported iOS": "Last known: iOS 26.6.1",
        "Passcode": "Last known: Set",
        "Safety updates": "Last known: iOS 26.6.1", "Passcode strength": "Last known: Meets the rule",
    }  # fmt: skip


def test_a_personal_phone_says_what_it_does_not_tell_and_counts_its_work_apps_only(
    practice: PracticeRecord, owner: Member, owners_browser: Client, clinic: Clinic
) -> None:
    device = clinic.phone("Ben’s own", member=owner, ownership="personal")
    clinic.report(device, installed_apps=TOLD["installed_apps"])
    found = facts(owners_browser, practice, device)
    assert found["Screen lock time"].value == "Not told"
    assert "personal phone" in found["Screen lock time"].source
    assert found["Apps"].value == "1 work app. No rule asks for any."


def test_a_lock_time_past_the_rule_is_not_good(
    practice: PracticeRecord, owner: Member, owners_browser: Client, clinic: Clinic
) -> None:
    device = clinic.phone("Ben’s iPhone", member=owner)
    clinic.report(device, passcode_grace_seconds=4 * 3600)
    assert facts(owners_browser, practice, device)["Screen lock time"].mark == "fix"
