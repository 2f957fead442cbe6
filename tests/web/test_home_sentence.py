"""Home says one true sentence in each of fifteen worlds, and what is to do in it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from pocketward.web.home.pages import home_page, tasks_page
from pocketward.web.home.sentence import sentence
from pocketward.web.home.tasks import tasks
from pocketward.web.home.world import Call
from tests.web.worlds import CLOCK, FIX, LOSS, REVIEW, WORLDS, clinic, mark

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
    "fits_nobody": (
        "11 of 12 phones are protected. A report of a lost phone fits nobody.",
        "Reported today at 2:14 pm. Nothing is closed until you say whose phone it is.",
    ),
    "opens_nothing": (
        "Nobody can open records yet.",
        "No role opens any: say who may open what. 11 of 12 phones pass their checks.",
    ),
    "nobody_may_open": (
        "Nobody can open records yet.",
        "Nobody here holds a role that opens any: give somebody one. 12 of 12 phones pass their checks. "
        "The kill switch is on: nothing can be erased.",
    ),
    "opens_nothing_lost": (
        "Nobody can open records yet. Ben’s iPhone 16 is lost; records are closed on it.",
        "Reported today at 1:14 pm. Nothing is erased by itself.",
    ),
    "opens_nothing_push_ended": (
        "We cannot reach any iPhone or iPad.",
        "Apple’s push certificate ended on Tue, Nov 17, 2026. Nobody can open records yet.",
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


@pytest.mark.parametrize("name", sorted(name for name in WORLDS if WORLDS[name].nobody_may_open))
def test_no_phone_is_called_protected_where_nobody_may_open_a_record(name: str) -> None:
    new = mark(3, "unknown", "Joined, not reported yet", heard_at=None, joining=True)
    world = WORLDS[name]
    joining = dataclasses.replace(world, marks=(*world.marks[:-1], new))
    for said in (sentence(world, CLOCK), sentence(joining, CLOCK)):
        assert "protected" not in f"{said.head} {said.follow}"
    todo = [task for task in tasks(world, CLOCK, "/p/x/") if task.title == "Nobody can open records"]
    assert [task.url for task in todo] == ["/p/x/people/" if world.opening_roles else "/p/x/setup/access/"]


def test_whoever_waits_for_an_officer_is_a_task() -> None:
    found = tasks(WORLDS["fits_nobody"], CLOCK, "/p/x/")
    assert [(task.title, task.url) for task in found] == [
        ("A lost phone fits nobody here", "/p/x/incidents/case_2/"),
        ("Somebody has “iPhone 1” again", "/p/x/incidents/case_3/"),
        ("Emergency access waits for a review", "/p/x/emergency/019a/"),
        ("Ana’s iPhone 15 needs a fix", "/p/x/phones/dev_1/"),
    ]
    assert found[0].text == (
        "“Benn Sampel” was typed today at 2:14 pm. Nothing is closed until you say whose phone it is. "
        "Nobody has answered our calls for 17 min."
    )


def test_a_lost_phone_whose_call_nobody_answered_says_so_in_its_own_task() -> None:
    loss = dataclasses.replace(LOSS, called_since=LOSS.reported_at)
    found = tasks(clinic(mark(0, "closed"), losses=(loss,)), CLOCK, "/p/x/")
    assert "Nobody has answered our calls for 1 hr. Lock is on its way." in found[0].text


def test_many_reviews_are_one_task() -> None:
    world = clinic(reviews=(REVIEW, dataclasses.replace(REVIEW, opened_at=CLOCK.now)))
    (task,) = tasks(world, CLOCK, "/p/x/")
    assert (task.title, task.url) == (
        "2 uses of emergency access wait for a review",
        "/p/x/emergency/reviews/",
    )


def test_the_count_on_home_leads_to_a_list_of_every_task() -> None:
    world = WORLDS["lost_phone"]
    home = home_page(world, CLOCK, base="/p/x/", lost_address="clinic.example/l/abc")
    everything = tasks_page(world, CLOCK, base="/p/x/")
    assert (home.more, home.more_url) == ("1 more thing to do", "/p/x/tasks/")
    assert everything.tasks[: len(home.tasks)] == home.tasks
    assert everything.say == f"{len(home.tasks) + 1} things to do, worst first"
    assert tasks_page(clinic(), CLOCK, base="/p/x/").say == "Nothing needs you"


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
    assert page.more == "1 more thing to do"


def test_a_lost_phone_that_is_proven_erased_is_called_so_and_an_unerased_one_comes_first() -> None:
    erased = dataclasses.replace(LOSS, phone_name="Ana’s iPhone 15", erased_at=CLOCK.now)
    world = clinic(mark(0, "closed"), size=12, losses=(erased,))
    said = sentence(world, CLOCK)
    assert said.head == ("11 of 12 phones are protected. Ana’s iPhone 15 is erased, proven today at 2:32 pm.")
    assert said.follow == "Reported today at 1:14 pm. Its case is still open."
    assert "Ana’s iPhone 15 was lost and is erased" in {task.title for task in tasks(world, CLOCK, "/")}
    both = sentence(dataclasses.replace(world, losses=(erased, LOSS)), CLOCK)
    assert "Ben’s iPhone 16 is lost; records are closed on it." in both.head
    assert both.follow == "Reported today at 1:14 pm. Nothing is erased by itself."
    stranger = Call("case_9", "the blue phone", CLOCK.now, False, None)
    one_more = sentence(dataclasses.replace(world, calls=(stranger,)), CLOCK)
    assert one_more.head.endswith("A report of a lost phone fits nobody."), "nothing is closed on that one"


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


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"mail_is_set": False}, "No mail is set up."),
        (
            {"without_address": ("Dana Example", "Erin Testwell")},
            "Dana Example, Erin Testwell: no mail address.",
        ),
    ],
)
def test_home_says_when_officers_are_told_on_one_channel_only(more: dict[str, object], said: str) -> None:
    title = "Officers are told on one channel only"
    (task,) = [one for one in tasks(clinic(**more), CLOCK, "/p/x/") if one.title == title]
    assert task.text.startswith(said)
    assert not [one for one in tasks(clinic(), CLOCK, "/p/x/") if one.title == title]


def test_a_phone_with_the_name_of_a_lost_one_keeps_its_own_task() -> None:
    other = dataclasses.replace(mark(1, "fix", "No passcode."), name=LOSS.phone_name)
    found = tasks(clinic(mark(0, "closed"), other, losses=(LOSS,)), CLOCK, "/p/x/")
    assert "/p/x/phones/dev_1/" in {task.url for task in found}
    assert "/p/x/phones/dev_0/" not in {task.url for task in found}


def test_lost_phones_are_counted_and_not_their_cases() -> None:
    first = dataclasses.replace(LOSS, phones=frozenset({"1"}))
    again = dataclasses.replace(first, case_id="case_9")
    assert "more phone" not in sentence(clinic(mark(0, "closed"), losses=(first, again)), CLOCK).follow
    other = dataclasses.replace(LOSS, case_id="case_10", phones=frozenset({"1", "2", "3"}))
    third = dataclasses.replace(LOSS, case_id="case_11", phones=frozenset({"3"}))
    said = sentence(clinic(mark(0, "closed"), losses=(first, again, other, third)), CLOCK).follow
    assert said == "2 more phones are lost."


def test_a_case_whose_phone_is_erased_comes_behind_a_phone_that_is_still_out_there() -> None:
    erased = dataclasses.replace(
        LOSS, case_id="case_9", phone_name="Ana’s iPhone 15", erased_at=CLOCK.now,
        reported_at=LOSS.reported_at - timedelta(days=1),
    )  # fmt: skip
    names = [task.title for task in tasks(clinic(losses=(erased, LOSS)), CLOCK, "/p/x/")]
    assert names.index(f"{LOSS.phone_name} is lost") < names.index("Ana’s iPhone 15 was lost and is erased")
