"""identity_valid: does the phone hold the management identity that it was given, and has it time left?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pocketward.kernel.canonical import plain
from tests.posture.verdicts import GOOD, NOW, result, verdict


def listed(purpose: str, days: int = 100) -> dict[str, Any]:
    ends = plain(NOW + timedelta(days=days)) if purpose else ""
    return {"fingerprint": "aa", "name": "", "is_identity": True, "purpose": purpose, "not_after": ends}


@pytest.mark.parametrize(
    ("certificates", "said"),
    [
        ([listed("management")], ("pass", "")),
        ([listed("management", -1), listed("management", 300)], ("pass", "")),
        ([listed(""), listed("access")], ("fail", "no_identity")),
        ([], ("fail", "no_identity")),
        ([listed("management", 0)], ("fail", "identity_expired")),
    ],
)
def test_only_an_identity_of_ours_that_has_not_run_out_counts(
    certificates: list[dict[str, Any]], said: tuple[str, str]
) -> None:
    found = verdict(GOOD | {"certificates": certificates})
    assert result(found, "identity_valid") == said
    assert (found.posture == "compliant") is (said[0] == "pass")


def test_a_list_not_told_yet_is_unknown_and_makes_the_phone_no_less_known() -> None:
    found = verdict(GOOD)
    assert result(found, "identity_valid") == ("unknown", "not_known")
    assert found.posture == "compliant"
