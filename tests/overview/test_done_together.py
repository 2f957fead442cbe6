"""Lists' jobs that wait are done by one attempt; a fact that comes meanwhile, or a death, loses none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pocketward.kernel import clock
from pocketward.overview import api as overview_api
from pocketward.overview import refreshing
from pocketward.practice import api as practice_api
from pocketward.practice.api import PracticeRecord
from pocketward.spine.api import JobContext, claim, run_due, run_job
from pocketward.spine.models import Job


def join(practice: PracticeRecord, *names: str) -> None:
    """Each in a unit of work of its own."""
    for name in names:
        practice_api.add_member(practice_id=practice.id, full_name=name, by="system:test")


def listed(practice: PracticeRecord) -> list[str]:
    return sorted(line.full_name for line in overview_api.people(practice_id=practice.id))


def waiting() -> int:
    return int(Job.objects.filter(kind=refreshing.REFRESH, state=Job.READY).count())


def refresh() -> JobContext:
    """The lists' job that a worker has begun."""
    (found,) = (context for context in claim(limit=50) if context.kind == refreshing.REFRESH)
    return found


def test_one_attempt_does_what_ten_jobs_wait_for(practice: PracticeRecord) -> None:
    run_due()
    names = [f"Pat {number}" for number in range(10)]
    join(practice, *names)
    assert waiting() == 10
    run_job(refresh())
    assert waiting() == 0
    assert listed(practice) == names
    line = overview_api.practice_line(practice_id=practice.id)
    assert line is not None
    assert line.people == 10


def test_a_fact_that_comes_while_the_job_runs_keeps_its_own(
    practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_due()
    join(practice, "Ann", "Ben")
    wanted = refreshing._wanted

    def late(payloads: Any) -> Any:
        join(practice, "Cal")
        return wanted(payloads)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(refreshing, "_wanted", late)
        run_job(refresh())
    assert (listed(practice), waiting()) == (["Ann", "Ben"], 1)
    run_due()
    assert listed(practice) == ["Ann", "Ben", "Cal"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ValueError])
def test_a_worker_that_dies_or_fails_in_the_middle_leaves_every_job(
    practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    run_due()
    join(practice, "Ann", "Ben", "Cal")

    def die(*given: object) -> None:
        raise fault

    with monkeypatch.context() as dying:
        dying.setattr(refreshing, "refresh_practice", die)
        if fault is ValueError:
            run_job(refresh())
        else:
            with pytest.raises(KeyboardInterrupt):
                run_job(refresh())
    unfinished = Job.objects.filter(kind=refreshing.REFRESH, state__in=Job.OPEN)
    assert unfinished.count() == 3
    unfinished.filter(state=Job.LEASED).update(leased_until=clock.true_now() - timedelta(seconds=1))
    with clock.frozen(clock.now() + timedelta(hours=1)):
        while run_due():
            pass
    assert listed(practice) == ["Ann", "Ben", "Cal"]
    assert not unfinished.exists()


def test_a_job_run_again_after_a_death_still_counts_the_phones(
    practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of the phones were made, and then the worker died: the number beside them is true already."""
    from tests.web.clinic import Clinic

    run_due()
    Clinic(practice).phone("iPhone 1")

    def die(self: JobContext) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(JobContext, "heartbeat", die)
        run_job(refresh())
    line = overview_api.practice_line(practice_id=practice.id)
    assert line is not None
    assert line.phones == 1
