"""Job rows: adding them to an open unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pocketward.kernel import clock
from pocketward.kernel.canonical import plain
from pocketward.spine import nudges
from pocketward.spine.models import Job
from pocketward.spine.unit import Unit, after_commit, current_unit


def add_job(
    unit: Unit,
    *,
    kind: str,
    practice_id: UUID,
    payload: Mapping[str, Any] | None = None,
    event_id: UUID | None = None,
    not_before: datetime | None = None,
    key: str | None = None,
    sooner: bool = False,
) -> UUID:
    """Add one job row; with a `key` that an unfinished job bears already, that job's id instead."""
    if key is not None:
        open_jobs = Job.objects.filter(practice_id=practice_id, key=key, state__in=Job.OPEN)
        known: Job | None = open_jobs.first()
        if known is not None:
            if sooner:
                _bring_forward(known, plain(dict(payload or {})), not_before or clock.now())
            return known.id
    job = Job(
        practice_id=practice_id,
        kind=kind,
        payload=plain(dict(payload or {})),
        event_id=event_id,
        not_before=not_before or clock.now(),
        key=key,
    )
    Job.objects.bulk_create([job])
    if not unit.has_jobs:
        unit.has_jobs = True
        after_commit(nudges.wake_workers)
    return job.id


def _bring_forward(job: Job, payload: Any, not_before: datetime) -> None:
    if job.not_before > not_before:
        Job.objects.filter(pk=job.pk, state=Job.READY).update(not_before=not_before, payload=payload)


def enqueue(
    kind: str,
    practice_id: UUID,
    payload: Mapping[str, Any] | None = None,
    *,
    not_before: datetime | None = None,
    key: str | None = None,
    sooner: bool = False,
) -> UUID:
    """Queue a job in the open unit of work; it runs after commit, at or after `not_before`.

    Raises OutsideUnitOfWork. With `key`, at most one unfinished job bears it in a practice: the first, or
    with `sooner` the one that is due first.
    """
    return add_job(
        current_unit(), kind=kind, practice_id=practice_id, payload=payload, not_before=not_before, key=key,
        sooner=sooner,
    )  # fmt: skip


def anything_open(*, practice_id: UUID, kind: str) -> bool:
    """Whether a job of this kind that is due waits or runs; for readers that would rather wait for it."""
    rows = Job.objects.filter(practice_id=practice_id, kind=kind, state__in=Job.OPEN)
    return bool(rows.filter(not_before__lte=clock.now()).exists())
