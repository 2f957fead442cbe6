"""An error carries a code for programs, a sentence for people and advice for the operator."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class Full(PocketwardError):
    """A test's own error."""

    code = "test.full"
    sentence = "There is no room."
    advice = "Make room."


def test_an_error_says_its_class_s_words_unless_told_better() -> None:
    assert (str(Full()), Full().sentence, Full().advice) == ("There is no room.",) * 2 + ("Make room.",)
    told = Full("The shelf is full.", advice="Use another shelf.")
    assert (str(told), told.code, told.advice) == ("The shelf is full.", "test.full", "Use another shelf.")
    assert Full.sentence == "There is no room."
