"""A timeline tells a command in one line with its rungs, and says a repeated thing once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from pocketward.ledger.api import Entry
from pocketward.web.incidents.building import worth_telling
from pocketward.web.ledger.sentences import doer, what_happened
from pocketward.web.ledger.telling import told
from pocketward.web.names import Names
from pocketward.web.phones.models import model_words
from tests.web.worlds import CLOCK

PHONE = "019a0000-0000-7000-8000-000000000001"
NAMES = Names({}, {PHONE: "Ben’s iPhone"})
RUNG = "fleet.command_proof_advanced"


def entry(index: int, kind: str, **body: object) -> Entry:
    return Entry(
        index=index, event_id=UUID(PHONE), kind=kind, actor=f"device:{PHONE}",
        actor_name="", subject=f"device:{PHONE}", case_ref="", body={"device_id": PHONE, **body},
        occurred_at=CLOCK.now - timedelta(seconds=60 - index), redacted=False,
    )  # fmt: skip


def rung(index: int, proof: str, request_type: str = "EnableLostMode") -> Entry:
    return entry(index, RUNG, command_id="c1", request_type=request_type, proof=proof)


def test_a_command_is_one_line_with_its_rungs_where_its_newest_stands() -> None:
    facts = [
        rung(8, "acknowledged"),
        entry(7, "fleet.device_enrolled"),
        rung(6, "delivered"),
        rung(5, "pushed"),
    ]
    lines = told(facts, NAMES, CLOCK, icons={}, key_kinds=("fleet.device_enrolled",), seconds=True)
    assert [line.text for line in lines] == ["Lost mode, Ben’s iPhone: acknowledged", "Ben’s iPhone joined"]
    assert lines[0].source.startswith("Pushed ")
    assert lines[0].source.index("delivered") < lines[0].source.index("acknowledged")
    assert lines[0].source.endswith("Entries 6, 7, 9")
    assert [line.key for line in lines] == [False, True]


def test_an_erase_is_told_with_the_phone_it_erases() -> None:
    (line,) = told([rung(5, "acknowledged", "EraseDevice")], NAMES, CLOCK, icons={}, key_kinds=())
    assert line.text == "Erase Ben’s iPhone: acknowledged"


def test_a_later_report_takes_no_line_from_a_case_that_it_has_shown() -> None:
    reported = entry(30, "response.loss_reported")
    told_before = [reported, *(entry(index, "fleet.device_state_reported") for index in (20, 10))]
    assert [item.index for item in worth_telling(tuple(told_before), reported.occurred_at)] == [30, 20]
    later = [entry(index, "fleet.device_state_reported") for index in (50, 45, 40)]
    both = worth_telling((*later, *told_before), reported.occurred_at)
    assert [item.index for item in both] == [40, 30, 20]


def test_what_repeats_is_said_once_and_every_entry_is_named() -> None:
    facts = [entry(index, "fleet.device_state_reported") for index in (9, 8, 3)]
    (line,) = told(facts, NAMES, CLOCK, icons={}, key_kinds=())
    assert (line.text, line.source) == ("Ben’s iPhone reported its state", "Entries 4, 9, 10")


def test_a_judgement_bears_the_sign_of_how_it_was_judged() -> None:
    facts = [
        entry(9, "posture.posture_changed", posture="compliant"),
        entry(8, "posture.posture_changed", posture="not-compliant"),
        entry(7, "posture.posture_changed", posture="unknown"),
        entry(6, "posture.integrity_check_failed", code="unknown_build", value="23Z9999"),
    ]
    lines = told(facts, NAMES, CLOCK, icons={"posture": "check"}, key_kinds=())
    assert [line.icon for line in lines] == ["check", "x", "help", "stop"]


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("incidents.exposure_answered", {"question": "used_after", "answer": "no"},
         "answered the worksheet: “Were records opened after it was last seen?” no"),
        ("incidents.exposure_answered", {"question": "passcode_known", "answer": "unknown"},
         "answered the worksheet: “Could somebody else know the passcode?” unknown"),
        ("response.step_advanced", {"step": "prove_erase", "state": "running"},
         "marked the step “Wait until that is proven” as under way"),
        ("response.step_advanced", {"step": "locate", "state": "skipped"},
         "marked the step “Look for it” as not needed"),
        ("response.step_advanced", {"step": "doors", "state": "needs_person"},
         "marked the step “Shut the doors that are not ours” as waiting for a person"),
    ],
)  # fmt: skip
def test_no_key_of_the_code_is_told(kind: str, body: dict[str, str], words: str) -> None:
    assert what_happened(kind, body, NAMES) == words


def test_a_step_is_marked_by_pocketward_or_a_person_and_not_by_the_phone() -> None:
    answered = entry(9, "response.step_advanced", step="lock", state="done")
    assert doer(answered, NAMES) == "Pocketward"
    by_hand = replace(answered, actor="member:m1")
    assert doer(by_hand, Names({"m1": "Dana Example"}, {})) == "Dana Example"


def test_a_model_is_called_by_its_name_or_by_its_number() -> None:
    assert model_words("iPhone15,4", "iPhone") == "iPhone 15"
    assert model_words("iPhone99,1", "iPhone") == "iPhone (iPhone99,1)"
    assert model_words("", "iPad") == "iPad"
