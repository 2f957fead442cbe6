"""One job at a time: when it is due, how long a failed one waits, what an overtaken attempt may not do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.records import PracticeRecord
from pocketward.spine import jobs
from pocketward.spine.api import (
    JobContext,
    JobSpec,
    enqueue,
    open_tasks,
    practice_scope,
    run_due,
    unit_of_work,
)
from pocketward.spine.errors import LeaseLost
from pocketward.spine.models import Job
from pocketward.spine.scope import scope


@pytest.fixture
def kind(practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Registers a kind of job for this test: `kind(run, max_attempts=…)`. Nothing else waits."""
    run_due()

    def make(run: Callable[[JobContext], None], **given: Any) -> str:
        monkeypatch.setitem(jobs._specs, "test.one", JobSpec(run, **given))
        return "test.one"

    return make


def only() -> Job:
    """The one job."""
    return Job.objects.get(kind__startswith="test.")


def fail(context: JobContext) -> None:
    raise ValueError("Rosa Diaz, HIV")


def test_a_job_waits_for_days_until_its_time(practice: PracticeRecord, kind: Callable[..., str]) -> None:
    ran: list[int] = []
    later = clock.now() + timedelta(days=30)
    unit_of_work(enqueue)(kind(lambda context: ran.append(1)), practice.id, not_before=later)
    with clock.frozen(later - timedelta(seconds=1)):
        assert run_due() == 0
    with clock.frozen(later):
        assert run_due() == 1
    assert ran == [1]


def test_a_failed_attempt_waits_twice_as_long_each_time_give_or_take_half(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    unit_of_work(enqueue)(kind(fail, max_attempts=20), practice.id)
    now, waits = clock.now(), []
    for _ in range(12):
        with clock.frozen(now):
            assert run_due() == 1
        waits.append((only().not_before - now).total_seconds())
        now = only().not_before
    for number, wait in enumerate(waits):
        expected = min(jobs.BACKOFF_SECONDS * 2**number, jobs.LONGEST_BACKOFF_SECONDS)
        assert 0.5 * expected <= wait <= 1.5 * expected
    assert len({round(wait / 2**number, 3) for number, wait in enumerate(waits[:8])}) > 1, "jitter"


def test_what_failed_is_kept_by_its_type_and_not_by_its_words(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    unit_of_work(enqueue)(kind(fail), practice.id)
    run_due()
    assert only().last_error == "ValueError"
    assert only().state == Job.READY


def test_after_its_last_attempt_it_is_a_dead_letter_and_an_operator_is_told_once(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    unit_of_work(enqueue)(kind(fail, max_attempts=3), practice.id)
    for day in range(1, 6):
        with clock.frozen(clock.now() + timedelta(days=day)):
            run_due()
    assert (only().state, only().attempt, only().last_error) == (Job.DEAD, 4, "ValueError")
    assert len([key for key, _ in open_tasks(practice.id) if key.startswith("job:")]) == 1


def test_a_worker_that_dies_while_it_gives_a_job_up_leaves_the_telling_to_the_next(
    practice: PracticeRecord, kind: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    unit_of_work(enqueue)(kind(fail, max_attempts=1), practice.id)
    run_due()

    def die(*given: object) -> None:
        raise KeyboardInterrupt

    with clock.frozen(clock.now() + timedelta(days=1)):
        with monkeypatch.context() as killing, pytest.raises(KeyboardInterrupt):
            killing.setattr(jobs.tasks, "open_task", die)
            jobs.claim()
        assert only().state == Job.LEASED
        Job.objects.filter(kind="test.one").update(leased_until=clock.true_now() - timedelta(seconds=1))
        assert jobs.claim() == []
    assert (only().state, only().last_error) == (Job.DEAD, "ValueError")
    assert [key for key, _ in open_tasks(practice.id)] == [f"job:{only().id}"]


def test_a_job_of_a_kind_that_no_longer_exists_is_a_dead_letter(practice: PracticeRecord) -> None:
    run_due()
    unit_of_work(enqueue)("test.gone", practice.id)
    assert run_due() == 0
    assert (only().state, only().last_error) == (Job.DEAD, "no such kind of job")


def test_a_heartbeat_keeps_the_lease_and_an_overtaken_attempt_can_neither_beat_nor_fail_nor_finish(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    unit_of_work(enqueue)(kind(fail), practice.id)
    (first,) = jobs.claim()
    Job.objects.filter(kind="test.one").update(leased_until=clock.true_now() + timedelta(seconds=1))
    first.heartbeat()
    lease = only().leased_until
    assert lease is not None
    assert lease > clock.true_now() + timedelta(seconds=2)
    assert jobs.claim() == []
    Job.objects.filter(kind="test.one").update(leased_until=clock.true_now() - timedelta(seconds=1))
    (second,) = jobs.claim()
    assert second.attempt == 2
    with pytest.raises(LeaseLost):
        first.heartbeat()
    with pytest.raises(LeaseLost):
        first.finish()
    jobs.run_job(first)
    assert (only().state, only().attempt) == (Job.LEASED, 2)
    second.finish()
    with pytest.raises(LeaseLost):
        second.finish()


def test_effects_that_fail_leave_the_job_undone(practice: PracticeRecord, kind: Callable[..., str]) -> None:
    def run(context: JobContext) -> None:
        context.finish(lambda: enqueue("test.more", context.practice_id) and fail(context))

    unit_of_work(enqueue)(kind(run), practice.id)
    run_due()
    assert (only().state, only().kind) == (Job.READY, "test.one")


def test_a_job_runs_in_the_scope_of_its_own_practice(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    seen: list[object] = []
    unit_of_work(enqueue)(kind(lambda context: seen.append(scope())), practice.id)
    run_due()
    assert seen == [(practice.id,)]


def test_the_setting_shortens_a_lease_and_never_lengthens_one(
    practice: PracticeRecord, kind: Callable[..., str], settings: object
) -> None:
    unit_of_work(enqueue)(kind(fail, lease_seconds=2), practice.id)
    (context,) = jobs.claim()
    assert context.lease_seconds == 2


def together(kind: Callable[..., str], practice: PracticeRecord, how_many: int) -> None:
    """So many jobs that may be done together, in one unit of work each."""
    name = kind(lambda context: context.take_along() and None, together=True)
    for number in range(how_many):
        unit_of_work(enqueue)(name, practice.id, {"number": number})


def states() -> list[str]:
    return sorted(Job.objects.filter(kind="test.one").values_list("state", flat=True))


def test_jobs_done_together_are_claimed_as_one_and_end_as_one(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    together(kind, practice, 4)
    (first,) = jobs.claim(limit=4)
    assert [payload["number"] for payload in first.take_along()] == [1, 2, 3]
    assert states() == [Job.LEASED, *[Job.READY] * 3], "a worker that dies here loses none of them"
    first.finish()
    assert states() == [Job.DONE] * 4
    assert run_due() == 0


def test_what_comes_after_the_others_were_taken_along_has_an_attempt_of_its_own(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    together(kind, practice, 2)
    (first,) = jobs.claim(limit=4)
    first.take_along()
    unit_of_work(enqueue)("test.one", practice.id, {"number": 2})
    first.finish()
    assert states() == [Job.DONE, Job.DONE, Job.READY]
    (second,) = jobs.claim(limit=4)
    assert second.payload == {"number": 2}


def test_one_that_another_worker_has_begun_stays_its_own(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    together(kind, practice, 2)
    (first,) = jobs.claim(limit=4)
    first.take_along()
    (second,) = jobs.claim(limit=4)
    first.finish()
    assert states() == [Job.DONE, Job.LEASED]
    second.finish()
    assert states() == [Job.DONE, Job.DONE]


def test_what_failed_is_tried_alone_and_an_overtaken_attempt_ends_no_other(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    unit_of_work(enqueue)(kind(fail, together=True), practice.id)
    run_due()
    with clock.frozen(clock.now() + timedelta(days=1)):
        unit_of_work(enqueue)("test.one", practice.id, not_before=clock.now() + timedelta(seconds=1))
    with clock.frozen(clock.now() + timedelta(days=2)):
        (again, fresh) = jobs.claim(limit=4)
        assert (again.attempt, again.take_along()) == (2, [])
        unit_of_work(enqueue)("test.one", practice.id)
        assert len(fresh.take_along()) == 1
        Job.objects.filter(pk=fresh.job_id).update(attempt=2)
        with pytest.raises(LeaseLost):
            fresh.finish()
    assert states() == [Job.LEASED, Job.LEASED, Job.READY]


def test_jobs_of_two_practices_are_never_done_together(
    practice: PracticeRecord, kind: Callable[..., str]
) -> None:
    together(kind, practice, 2)
    other = practice_api.create_practice(name="Elm Street Dental", by="system:test")
    run_due()
    with practice_scope(other.id):
        unit_of_work(enqueue)("test.one", other.id, {"number": 7})
    unit_of_work(enqueue)("test.one", practice.id, {"number": 8})
    ours, theirs = sorted(jobs.claim(limit=4), key=lambda context: context.practice_id != practice.id)
    with practice_scope(practice.id):
        assert ours.take_along() == []
    assert (ours.payload, theirs.payload) == ({"number": 8}, {"number": 7})
