"""Every code of every check has a complete text in both languages."""

from __future__ import annotations

import pytest

from pocketward.posture.fixit import LANGUAGES, fixits
from pocketward.posture.verdict import catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_every_check_has_a_complete_text(language: str) -> None:
    for spec in catalogue().values():
        texts = fixits(check=spec.id, language=language)
        assert set(texts) == set(spec.codes), spec.id
        for text in texts.values():
            assert all((text.title, text.consequence, text.why, text.steps, text.how_we_know, text.needs))
            assert 1 <= len(text.steps) <= 6
            assert text.minutes > 0


def test_steps_are_short_sentences() -> None:
    for spec in catalogue().values():
        for text in fixits(check=spec.id, language="en").values():
            assert all(len(step.split()) <= 12 for step in text.steps)
