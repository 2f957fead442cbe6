"""Running jobs: claim with a lease, heartbeat, finish fenced on the attempt, back off, give up loudly."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection, connections, models, transaction
from django.db.models import Q

from pocketward.kernel import clock
from pocketward.kernel.faultpoints import fault_point
from pocketward.spine import tasks
from pocketward.spine.errors import LeaseLost
from pocketward.spine.models import EventRow, Job
from pocketward.spine.scope import practice_scope
from pocketward.spine.unit import unit_of_work

log = logging.getLogger(__name__)

BACKOFF_SECONDS = 2.0
LONGEST_BACKOFF_SECONDS = 900.0
# Jobs that one attempt does besides its own.
MOST_ALONG = 100


@dataclass(frozen=True)
class JobSpec:
    """How a kind of job runs: the function, how often it is tried, how long a silent attempt may last.

    `together`: a first attempt may do what others of its kind wait for, by `JobContext.take_along`.
    """

    run: Callable[[JobContext], None]
    max_attempts: int = 8
    lease_seconds: float = 30.0
    together: bool = False


@dataclass(frozen=True)
class JobContext:
    """One attempt at a job, in the scope of its practice."""

    job_id: UUID
    kind: str
    practice_id: UUID
    payload: Mapping[str, Any]
    attempt: int
    event_id: UUID | None
    lease_seconds: float
    along: list[UUID] = field(default_factory=list)

    @property
    def event(self) -> Mapping[str, Any]:
        """The event that caused this job, as its record; empty when none did, or it was redacted."""
        return _event(self.practice_id, self.event_id) if self.event_id is not None else {}

    def heartbeat(self) -> None:
        """Keep the lease during long work; LeaseLost when another worker has it."""
        _beat(self)

    def finish(self, effects: Callable[[], Any] | None = None) -> None:
        """Mark the job done together with its effects, in one transaction.

        Raises LeaseLost, with no effect, when another attempt has taken over or finished.
        """
        _finish(self, effects)

    def take_along(self) -> list[Mapping[str, Any]]:
        """Payloads of the jobs of this kind that wait in this practice; the end of this job ends them too.

        For jobs that look the truth up. What caused these is committed, so whoever reads it after this call
        sees it; what comes later has a job of its own. They wait on until the end: a worker that dies loses
        none, and one that another worker has begun meanwhile stays its own. What failed is tried alone.
        """
        return _take_along(self)


_specs: dict[str, JobSpec] = {}


def add_jobs(specs: Mapping[str, JobSpec]) -> None:
    """Register kinds of jobs; a kind registered twice is an error."""
    for kind, spec in specs.items():
        if kind in _specs and _specs[kind] is not spec:
            raise ValueError(f"job kind {kind} is registered twice")
        _specs[kind] = spec


def _alias() -> str:
    return "worker" if "worker" in connections.databases else "default"


def _due() -> models.QuerySet[Job]:
    ready = Q(state=Job.READY, not_before__lte=clock.now())
    abandoned = Q(state=Job.LEASED, leased_until__lt=clock.true_now())
    return models.QuerySet(Job, using=_alias()).filter(ready | abandoned).order_by("not_before")


def anything_due() -> bool:
    """A plain read outside a transaction, so that an idle worker takes no write lock."""
    return _due().exists()


def claim(limit: int = 4) -> list[JobContext]:
    """Lease up to `limit` due jobs of any practice, counting the attempt now.

    A job that kills its worker is counted too, so poison ends as a dead letter with an operator task.
    """
    if not anything_due():
        return []
    # On PostgreSQL the worker role's own connection suffices; on SQLite the write goes through the writer.
    rows = _claim(limit) if connection.vendor != "sqlite" else unit_of_work(_claim)(limit)
    for job in filter(_is_spent, rows):
        with practice_scope(job.practice_id):
            _bury(job)
    return [_context(job) for job in rows if not _is_spent(job)]


def _claim(limit: int) -> list[Job]:
    with transaction.atomic(using=_alias()):
        rows = _due()
        if connections[_alias()].features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        return [_lease(job) for job in _apart(rows[:limit])]


def _apart(jobs: Iterable[Job]) -> Iterator[Job]:
    """Of those that one attempt does together the first alone: the others wait until it takes them along."""
    begun = set[tuple[str, UUID]]()
    for job in jobs:
        together = job.kind in _specs and _specs[job.kind].together and job.attempt == 0
        if together and (job.kind, job.practice_id) in begun:
            continue
        if together:
            begun.add((job.kind, job.practice_id))
        yield job


def _lease(job: Job) -> Job:
    job.attempt += 1
    job.state, job.leased_until = Job.LEASED, clock.true_now() + timedelta(seconds=_lease_seconds(job))
    row: models.QuerySet[Job] = models.QuerySet(Job, using=_alias()).filter(pk=job.pk)
    row.update(**{name: getattr(job, name) for name in ("attempt", "state", "leased_until")})
    return job


def _lease_seconds(job: Job) -> float:
    longest: float = settings.POCKETWARD.longest_lease_seconds
    return min(_specs[job.kind].lease_seconds, longest) if job.kind in _specs else longest


def _is_spent(job: Job) -> bool:
    return job.kind not in _specs or job.attempt > _specs[job.kind].max_attempts


@unit_of_work
def _bury(job: Job) -> None:
    """End the leased job as a dead letter and tell the operator, both or neither: a crash leaves a lease."""
    reason = (
        "no such kind of job" if job.kind not in _specs else job.last_error or "the worker died each time"
    )
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.LEASED)
    if mine.update(state=Job.DEAD, finished_at=clock.now(), leased_until=None, last_error=reason[:300]):
        tasks.open_task(job.practice_id, f"job:{job.id}", f"A background job gave up: {job.kind}.")


def _context(job: Job) -> JobContext:
    seconds = _lease_seconds(job)
    return JobContext(job.id, job.kind, job.practice_id, job.payload, job.attempt, job.event_id, seconds)


def _event(practice_id: UUID, event_id: UUID) -> Mapping[str, Any]:
    row = EventRow.objects.get(practice_id=practice_id, event_id=event_id)
    event: dict[str, Any] = msgspec.json.decode(bytes(row.body)) if row.body else {}
    return event


def run_job(context: JobContext) -> None:
    """Run one claimed job in its practice's scope; failures go back to the queue, later each time."""
    with practice_scope(context.practice_id):
        try:
            fault_point(f"job-claimed:{context.kind}")
            _specs[context.kind].run(context)
            _finish_if_open(context)
            fault_point(f"job-done:{context.kind}")
        except LeaseLost:
            log.warning("job %s attempt %d was overtaken", context.job_id, context.attempt)
        except Exception as error:
            # The message may quote data: the type is kept here, and the log keeps type and places only.
            log.exception("job %s (%s) attempt %d failed", context.job_id, context.kind, context.attempt)
            _fail(context, type(error).__name__)


def _mine(context: JobContext) -> models.QuerySet[Job]:
    rows: models.QuerySet[Job] = Job.objects.filter(
        pk=context.job_id, attempt=context.attempt, state=Job.LEASED
    )
    return rows


def _never_tried(context: JobContext) -> models.QuerySet[Job]:
    rows: models.QuerySet[Job] = Job.objects.filter(
        practice_id=context.practice_id, kind=context.kind, state=Job.READY, attempt=0
    )
    return rows


def _take_along(context: JobContext) -> list[Mapping[str, Any]]:
    if context.attempt > 1:
        return []
    due = _never_tried(context).filter(not_before__lte=clock.now()).order_by("not_before")
    found = list(due.values_list("pk", "payload")[:MOST_ALONG])
    context.along[:] = [key for key, _ in found]
    return [payload for _, payload in found]


def _end(context: JobContext) -> bool:
    """Mark the job done, with those it took along that still wait; whether it was this attempt's to end."""
    ended = {"state": Job.DONE, "finished_at": clock.now(), "leased_until": None}
    if not _mine(context).update(**ended):
        return False
    if context.along:
        _never_tried(context).filter(pk__in=context.along).update(**ended)
    return True


@unit_of_work
def _beat(context: JobContext) -> None:
    if not _mine(context).update(leased_until=clock.true_now() + timedelta(seconds=context.lease_seconds)):
        raise LeaseLost()


@unit_of_work
def _finish(context: JobContext, effects: Callable[[], Any] | None) -> None:
    if not _end(context):
        raise LeaseLost()
    if effects is not None:
        effects()


@unit_of_work
def _finish_if_open(context: JobContext) -> None:
    _end(context)


@unit_of_work
def _fail(context: JobContext, reason: str) -> None:
    wait = min(BACKOFF_SECONDS * 2 ** (context.attempt - 1), LONGEST_BACKOFF_SECONDS) * random.uniform(
        0.5, 1.5
    )
    later = clock.now() + timedelta(seconds=wait)
    _mine(context).update(state=Job.READY, not_before=later, leased_until=None, last_error=reason[:300])


def run_due(limit: int = 100) -> int:
    """Claim and run due jobs in this thread until none is due or `limit` ran; how many ran."""
    done = 0
    while done < limit:
        claimed = claim(limit=min(4, limit - done))
        if not claimed:
            break
        for context in claimed:
            run_job(context)
            done += 1
    return done
