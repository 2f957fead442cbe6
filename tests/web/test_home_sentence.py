"""Home says one true sentence in each of ten worlds."""

from __future__ import annotations

import dataclasses

import pytest

from pocketward.web.home.pages import home_page
from pocketward.web.home.sentence import sentence
from tests.web.worlds import CLOCK, FIX, LOSS, WORLDS, clinic, mark

SAID = {
    "no_phones": ("No phone is protected yet.", "3 steps of set-up are left."),
    "all_protected": ("All 12 phones are protected.", "Each one reported within the last hour."),
    "one_needs_a_fix": (
        "11 of 12 phones are protected. Ana’s iPhone 15 closes tomorrow at 5 pm unless it is fixed.",
        "",
    ),
    "all_unknown": (
        "We cannot tell how your phones are.",
        "None of the 12 has reported yet. Records stay closed until they do.",
    ),
    "clock_wrong": (
        "This server’s clock is wrong, so we cannot say how your phones are.",
        "It is off by 2 hr. Ages and dates below are not to be trusted until it is set.",
    ),
    "lost_phone": (
        "9 of 12 phones are protected. Ben’s iPhone 16 is lost; records are closed on it.",
        "Reported today at 1:14 pm. Nothing is erased by itself.",
    ),
    "push_ended": (
        "We cannot reach any iPhone or iPad.",
        "Apple’s push certificate ended on Tue, Nov 17, 2026. 11 of 12 were protected when last heard.",
    ),
    "many_closed": (
        "Records are closed on 5 of 12 phones.",
        "For one and the same reason: No passcode is set.",
    ),
    "kill_switch": (
        "11 of 12 phones are protected.",
        "Exam 4 iPad has been silent for 9 days. The kill switch is on: nothing can be erased.",
    ),
    "solo": (
        "Both of your devices are protected.",
        "Each one reported within the last hour. Nothing needs you now.",
    ),
}


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_each_world_has_its_true_sentence(name: str) -> None:
    said = sentence(WORLDS[name], CLOCK)
    assert (said.head, said.follow) == SAID[name]


def test_phones_that_are_joining_are_no_fault() -> None:
    new = [mark(n, "unknown", "Joined, not reported yet", heard_at=None, joining=True) for n in range(3)]
    assert sentence(clinic(*new, size=3), CLOCK).head == "Your phones are joining."
    said = sentence(clinic(*new, size=12), CLOCK)
    assert said.head == "9 of 12 phones are protected. 3 are joining."
    page = home_page(
        clinic(*new, FIX, size=12),
        CLOCK,
        base="/p/h/",
        lost_address="",
        since_title="",
        since=(),
        openings=(),
    )
    assert [task.title for task in page.tasks] == ["Ana’s iPhone 15 needs a fix"]


def test_records_closed_is_not_said_while_a_door_is_not_ours() -> None:
    loss = dataclasses.replace(LOSS, doors_ours=False)
    said = sentence(clinic(mark(0, "closed"), losses=(loss,)), CLOCK)
    assert "the doors we control are closed" in said.head
    assert "records are closed" not in said.head


def test_a_report_that_waits_for_an_officer_is_called_open() -> None:
    loss = dataclasses.replace(LOSS, closed=False)
    said = sentence(clinic(mark(0), losses=(loss,)), CLOCK)
    assert "is reported lost and still open" in said.head


def test_home_shows_at_most_three_tasks_and_the_worst_first() -> None:
    page = home_page(WORLDS["lost_phone"], CLOCK, base="/p/x/", lost_address="clinic.example/l/abc")
    assert [task.title for task in page.tasks] == [
        "Ben’s iPhone 16 is lost",
        "Ana’s iPhone 15 needs a fix",
        "Exam 4 iPad has been silent for 9 days",
    ]
    assert page.more == "1 more to look at"


def test_the_phone_that_closes_first_is_named() -> None:
    later = mark(2, "fix", "Locks after 10 min.", closes_at=FIX.closes_at and FIX.closes_at.replace(day=24))
    said = sentence(clinic(mark(0), FIX, later), CLOCK)
    assert "Ana’s iPhone 15 closes" in said.head


def test_roll_call_gives_way_to_counts_above_120_phones() -> None:
    page = home_page(clinic(size=121), CLOCK, base="/p/x/", lost_address="x")
    assert page.marks == ()
    assert page.counts[0].number == 121


def test_one_phone_is_spoken_of_in_the_singular() -> None:
    assert sentence(clinic(size=1), CLOCK).head == "Your phone is protected."
