"""When a phone is pushed to: at once, again while silent, later after a fault, all after it is mended.

Every plan has a key of its enrollment, so that however many ask, one push of a kind waits: a push wakes the
phone for everything. No plan ends while commands are open: the two-hourly questions push too.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from pocketward.fleet.models import Command, Enrollment
from pocketward.fleet.models.commands import OPEN, QUEUED
from pocketward.kernel import clock
from pocketward.spine.api import JobContext, enqueue, unit_of_work

# When a phone that was pushed to has not fetched its commands: again after these, then daily.
AGAIN_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
DAILY = len(AGAIN_AFTER) - 1
# When Apple could not be reached or refused: again after these, then hourly at most.
RETRY_AFTER = (
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(minutes=55),
)
JITTER = 0.09
# A phone that Apple took a push for so lately is woken by that one.
LATELY = timedelta(minutes=10)
BATCH = 50
APART = timedelta(milliseconds=50)


def push_soon(*, practice_id: UUID, enrollment_id: UUID, urgent: bool = False, again: int = 0) -> None:
    """Queue a push to the enrollment: one waiting push wakes the phone for everything.

    `again` counts the pushes that a silent phone had: with DAILY it is pushed to once more, not in a new row.
    """
    key = f"push:{enrollment_id}:{'urgent' if urgent else 'normal'}"
    enqueue("fleet.push", practice_id, {"enrollment_id": str(enrollment_id), "again": again}, key=key)


def plan_again(*, practice_id: UUID, enrollment_id: UUID, again: int) -> None:
    """Apple took the push number `again`: the next, unless the phone has fetched its work by then."""
    if not Command.objects.filter(enrollment_id=enrollment_id, state__in=OPEN).exists():
        return
    enqueue(
        "fleet.push",
        practice_id,
        {"enrollment_id": str(enrollment_id), "again": again + 1},
        not_before=clock.now() + AGAIN_AFTER[min(again, DAILY)],
        key=f"push:{enrollment_id}:again",
        sooner=True,
    )


def plan_retry(*, practice_id: UUID, enrollment_id: UUID, tries: int) -> None:
    """The push failed, for the `tries`th time in a row: try it later, each phone at its own moment."""
    wait = RETRY_AFTER[min(tries, len(RETRY_AFTER)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    enqueue(
        "fleet.push",
        practice_id,
        {"enrollment_id": str(enrollment_id), "tries": tries},
        not_before=clock.now() + wait,
        key=f"push:{enrollment_id}:retry",
    )


def push_to_all(*, practice_id: UUID) -> None:
    """What kept pushes from leaving is mended: wake every phone that has something to fetch."""
    enqueue("fleet.push_to_all", practice_id, key="push-to-all")


def run_push_to_all(context: JobContext) -> None:
    """Queue the pushes, some in a transaction and a moment apart; those with urgent orders first."""
    waiting = _unwoken()
    for start in range(0, len(waiting), BATCH):
        _push_to(context.practice_id, waiting[start : start + BATCH], start)
        context.heartbeat()
    context.finish()


def _unwoken() -> Sequence[UUID]:
    """The live enrollments with open commands that no push of the last minutes told of."""
    is_open = Command.objects.filter(enrollment_id=OuterRef("pk"), state__in=OPEN)
    woken_before = Q(last_pushed_at=None) | Q(last_pushed_at__lte=clock.now() - LATELY)
    rows = Enrollment.objects.filter(Exists(is_open), state__in=Enrollment.LIVE)
    rows = rows.filter(woken_before | Exists(is_open.filter(state=QUEUED)))
    urgent_first = ~Exists(is_open.filter(lane=Command.URGENT))
    return list(rows.order_by(urgent_first, "pk").values_list("pk", flat=True))


@unit_of_work
def _push_to(practice_id: UUID, enrollments: Sequence[UUID], start: int) -> None:
    for place, enrollment_id in enumerate(enrollments, start):
        enqueue(
            "fleet.push",
            practice_id,
            {"enrollment_id": str(enrollment_id)},
            not_before=clock.now() + place * APART,
            key=f"push:{enrollment_id}:normal",
        )
