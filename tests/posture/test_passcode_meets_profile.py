"""passcode_meets_profile: does the phone itself say that its passcode is what the profile asks for?"""

from __future__ import annotations

import pytest

from tests.posture.verdicts import GOOD, result, verdict

FACT = "passcode_compliant_with_profiles"


@pytest.mark.parametrize(
    ("value", "said"), [(True, ("pass", "")), (False, ("fail", "too_weak")), ("yes", ("fail", "too_weak"))]
)
def test_it_takes_the_phones_own_word(value: object, said: tuple[str, str]) -> None:
    assert result(verdict(GOOD | {FACT: value}), "passcode_meets_profile") == said


def test_it_is_unknown_while_the_phone_has_not_said() -> None:
    state = {name: value for name, value in GOOD.items() if name != FACT}
    assert result(verdict(state), "passcode_meets_profile") == ("unknown", "not_known")


def test_it_does_not_apply_where_the_practice_asks_for_no_passcode() -> None:
    found = verdict(GOOD, passcode_required=False)
    assert result(found, "passcode_meets_profile")[0] == "not_applicable"
