"""Longer passcodes: the rules change on a page, the phone gets the profile, fails, and passes again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person
from tests.journeys.test_health import posture

BEN = "Ben's iPhone"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A demo clinic with one phone."""
    running = Clinic(tmp_path_factory.mktemp("rules") / "home", "--phones", BEN)
    try:
        yield running
    finally:
        running.stop()


def test_a_longer_passcode_reaches_the_phone_which_fails_until_its_holder_changes_it(clinic: Clinic) -> None:
    dana = Person(clinic, "Dana Example")
    dana.join()
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    assert clinic.phone(BEN)["required_length"] == 6
    place = f"/p/{dana.slug}/setup/rules/edit/"
    page = dana.browser.get(place)
    found = re.search(r"<textarea[^>]*name=\"text\"[^>]*>\n?(.*?)</textarea>", page.text, re.S)
    assert found
    text = html.unescape(found[1]).replace("min_length: 6", "min_length: 8")
    page = dana.post(page, place, text=text, do="look", based_on="1")
    assert "1 rule would change; 1 of 1 phone feels it." in page.text
    page = dana.post(page, place, text=text, do="keep", based_on="1", reason="the insurer asks for eight")
    assert "Version 2 of the rules is in force." in page.text
    wait_for(lambda: clinic.phone(BEN)["required_length"] == 8, "the new profile on the phone")
    clinic.act(BEN, "connect")
    wait_for(lambda: posture(clinic, BEN) == "not-compliant", "the phone to fail", 60)
    clinic.act(BEN, "set", passcode_length=8)
    dana.post(dana.browser.get(f"/p/{dana.slug}/phones/"), phone_place(dana) + "check/")
    wait_for(lambda: posture(clinic, BEN) == "compliant", "the phone to pass again", 60)
    (changed,) = [item for item in clinic.sealed("policy.policy_changed") if item["number"] == 2]
    assert changed["changed_rules"] == ["passcode"]
    assert changed["reason"] == "the insurer asks for eight"
    dana.browser.close()


def phone_place(dana: Person) -> str:
    """The address of the one phone's page."""
    page = dana.browser.get(f"/p/{dana.slug}/phones/").text
    found = re.search(rf"/p/{dana.slug}/phones/dev_[a-z0-9]+/", page)
    assert found
    return found[0]
