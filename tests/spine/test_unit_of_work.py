"""Events, reactions and jobs in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pocketward.practice.records import PracticeRecord
from pocketward.spine import jobs, reactions
from pocketward.spine.api import (
    Event,
    JobContext,
    JobSpec,
    enqueue,
    event_bodies,
    open_tasks,
    record,
    run_due,
    unit_of_work,
)
from pocketward.spine.errors import LeaseLost, OutsideUnitOfWork


@dataclass(frozen=True, kw_only=True)
class Rang(Event):
    kind = "test.rang"
    bell: str


@dataclass(frozen=True, kw_only=True)
class Heard(Event):
    kind = "test.heard"
    bell: str


def test_a_fact_outside_a_unit_of_work_is_refused(practice: PracticeRecord) -> None:
    with pytest.raises(OutsideUnitOfWork):
        record(Rang(practice_id=practice.id, actor="system:test", bell="door"))


@pytest.fixture(autouse=True)
def nothing_waits(practice: PracticeRecord) -> None:
    """What the practice's own making has queued is done."""
    run_due()


@pytest.fixture
def chain() -> object:
    before = (list(reactions._chain), list(reactions._fallbacks), dict(reactions._reactions))
    reactions.forget_all()
    yield
    reactions._chain[:], reactions._fallbacks[:] = before[0], before[1]
    reactions._reactions.clear()
    reactions._reactions.update(before[2])


@unit_of_work
def ring_all(practice: PracticeRecord, bells: list[str]) -> None:
    for bell in bells:
        record(Rang(practice_id=practice.id, actor="system:test", subject=f"bell:{bell}", bell=bell))


def ring(practice: PracticeRecord) -> None:
    unit_of_work(record)(Rang(practice_id=practice.id, actor="system:test", bell="door"))


def kinds(practice: PracticeRecord) -> list[str]:
    return [
        body["kind"] for body in event_bodies(practice_id=practice.id) if body["kind"].startswith("test.")
    ]


def test_the_safety_chain_handles_events_in_order_and_may_record_more(
    practice: PracticeRecord, chain: object
) -> None:
    heard: list[str] = []

    def answer(event: Rang) -> None:
        record(Heard(practice_id=event.practice_id, actor="system:test", bell=event.bell))

    reactions.add_chain("posture", {Rang: answer})
    reactions.add_chain(
        "access", {Rang: lambda e: heard.append("rang"), Heard: lambda e: heard.append("heard")}
    )
    ring(practice)
    assert heard == ["rang", "heard"]
    assert kinds(practice) == ["test.rang", "test.heard"]


def test_a_failing_handler_keeps_the_fact_and_runs_the_fallback(
    practice: PracticeRecord, chain: object
) -> None:
    closed: list[str] = []

    def fail(event: Rang) -> None:
        record(Heard(practice_id=event.practice_id, actor="system:test", bell="never kept"))
        raise RuntimeError("a bug in a check")

    reactions.add_chain("posture", {Rang: fail})
    reactions.add_fallback(lambda event, error: closed.append(event.bell))
    ring(practice)
    assert closed == ["door"]
    assert kinds(practice) == ["test.rang"]


def test_handlers_that_answer_each_other_for_ever_end_in_the_fallback(
    practice: PracticeRecord, chain: object
) -> None:
    closed: list[str] = []
    reactions.add_chain("posture", {Rang: lambda event: record(event.__class__(
        practice_id=event.practice_id, actor="system:test", bell="again"))})  # fmt: skip
    reactions.add_fallback(lambda event, error: closed.append(type(error).__name__))
    ring(practice)
    assert closed == ["CascadeTooLong"]


def test_many_facts_at_once_are_no_circle(practice: PracticeRecord, chain: object) -> None:
    closed: list[str] = []

    def answer(event: Rang) -> None:
        record(Heard(practice_id=event.practice_id, actor="system:test", bell=event.bell))

    reactions.add_chain("posture", {Rang: answer})
    reactions.add_fallback(lambda event, error: closed.append(type(error).__name__))
    ring_all(practice, [str(number) for number in range(200)])
    assert closed == []
    assert kinds(practice) == ["test.rang"] * 200 + ["test.heard"] * 200


def test_a_fault_with_one_closes_no_other_and_closes_last(practice: PracticeRecord, chain: object) -> None:
    done: list[str] = []

    def answer(event: Rang) -> None:
        if event.bell == "bad":
            raise RuntimeError("a bug in a check")
        record(Heard(practice_id=event.practice_id, actor="system:test", bell=event.bell))

    reactions.add_chain("posture", {Rang: answer})
    reactions.add_chain("access", {Heard: lambda event: done.append(event.bell)})
    reactions.add_fallback(lambda event, error: done.append(f"closed {event.bell}"))
    ring_all(practice, ["one", "bad", "two"])
    # Once in the savepoint that was undone, then each alone.
    assert done[-3:] == ["one", "two", "closed bad"]
    assert [body["bell"] for body in event_bodies(practice_id=practice.id, kinds=("test.heard",))] == [
        "one",
        "two",
    ]
    faults = [key for key, _ in open_tasks(practice.id) if key.startswith(reactions.OUR_FAULT)]
    assert faults == [f"{reactions.OUR_FAULT}bell:bad"]


def test_a_reaction_is_a_job_that_carries_its_event(practice: PracticeRecord, chain: object) -> None:
    seen: list[str] = []
    jobs._specs["test.hear"] = JobSpec(lambda context: seen.append(context.event["bell"]))
    reactions.add_reactions({Rang: ("test.hear",)})
    ring(practice)
    assert run_due() == 1
    assert seen == ["door"]
    assert run_due() == 0


def test_a_job_with_the_same_key_is_queued_once(practice: PracticeRecord) -> None:
    jobs._specs["test.idle"] = JobSpec(lambda context: None)
    first = unit_of_work(enqueue)("test.idle", practice.id, {"n": 1}, key="one")
    assert unit_of_work(enqueue)("test.idle", practice.id, {"n": 2}, key="one") == first
    assert run_due() == 1


def test_a_poison_job_ends_as_a_dead_letter_with_an_operator_task(practice: PracticeRecord) -> None:
    def explode(context: JobContext) -> None:
        raise ValueError("always")

    jobs._specs["test.poison"] = JobSpec(explode, max_attempts=1)
    unit_of_work(enqueue)("test.poison", practice.id)
    run_due()
    jobs.models.QuerySet(jobs.Job).update(not_before="2020-01-01T00:00:00Z")
    run_due()
    assert any("test.poison" in sentence for _, sentence in open_tasks(practice.id))


def test_an_overtaken_attempt_can_finish_nothing(practice: PracticeRecord) -> None:
    effects: list[int] = []
    jobs._specs["test.slow"] = JobSpec(lambda context: None)
    unit_of_work(enqueue)("test.slow", practice.id)
    (first,) = jobs.claim()
    jobs.models.QuerySet(jobs.Job).update(leased_until="2020-01-01T00:00:00Z")
    (second,) = jobs.claim()
    with pytest.raises(LeaseLost):
        first.finish(lambda: effects.append(1))
    second.finish(lambda: effects.append(2))
    assert effects == [2]
