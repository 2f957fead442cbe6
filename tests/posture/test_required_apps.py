"""The apps that a practice requires: there, new enough, and said by name."""

from __future__ import annotations

import pytest

from pocketward.policy.records import RequiredApp
from pocketward.posture.fixit import LANGUAGES, fixit
from tests.posture.verdicts import GOOD, result, verdict

NOTES, CHAT = (
    RequiredApp("org.example.notes", "Notes", minimum_version="2.4"),
    RequiredApp("org.example.chat", "Chat"),
)


def installed(**versions: str) -> dict[str, object]:
    apps = [{"identifier": f"org.example.{name}", "version": version} for name, version in versions.items()]
    return GOOD | {"installed_apps": apps}


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ({"notes": "2.10", "chat": ""}, ("pass", "")),
        ({"notes": "2.3.9", "chat": "1"}, ("fail", "app_too_old")),
        ({"notes": "2.4b2", "chat": "1"}, ("unknown", "version_not_known")),
        ({"notes": "", "chat": "1"}, ("unknown", "version_not_known")),
        ({"notes": "1.0"}, ("fail", "app_missing")),
    ],
)
def test_a_required_app_must_be_there_and_new_enough(versions: dict[str, str], said: tuple[str, str]) -> None:
    found = verdict(installed(**versions), required_apps=(NOTES, CHAT))
    assert result(found, "required_apps") == said
    assert (found.posture == "compliant") is (said[0] == "pass")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_names_the_app_and_the_version_it_needs(language: str) -> None:
    found = verdict(installed(notes="2.3", chat="1"), required_apps=(NOTES, CHAT))
    (check,) = [item for item in found.checks if item.id == "required_apps"]
    assert check.value == "Notes 2.4"
    text = fixit(check="required_apps", code=check.code, language=language, value=check.value)
    assert text is not None
    assert "Notes 2.4" in text.title
    assert "Notes 2.4" in text.steps[-1]
    plain = fixit(check="required_apps", code=check.code, language=language)
    assert plain is not None
    assert plain.unnamed in plain.title
    assert "{" not in plain.title + "".join(plain.steps)


def test_a_name_with_braces_is_said_as_it_is() -> None:
    text = fixit(check="required_apps", code="app_too_old", language="en", value="{title} {0} 2.0")
    assert text is not None
    assert "{title} {0} 2.0" in text.title
