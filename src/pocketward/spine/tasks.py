"""Operator tasks: what the people who run the server must look at."""

from __future__ import annotations

from uuid import UUID

from pocketward.kernel import clock
from pocketward.spine.models import OperatorTask
from pocketward.spine.unit import unit_of_work


@unit_of_work
def open_task(practice_id: UUID, key: str, sentence: str) -> None:
    """Open a task, once per key while it is open."""
    if not OperatorTask.objects.filter(practice_id=practice_id, key=key, closed_at=None).exists():
        OperatorTask.objects.create(practice_id=practice_id, key=key[:120], sentence=sentence[:300])


@unit_of_work
def close_task(practice_id: UUID, key: str) -> None:
    """Close the open task with this key, if there is one."""
    OperatorTask.objects.filter(practice_id=practice_id, key=key, closed_at=None).update(
        closed_at=clock.now()
    )


def open_tasks(practice_id: UUID) -> tuple[tuple[str, str], ...]:
    """Open tasks of a practice, oldest first: (key, sentence)."""
    rows = OperatorTask.objects.filter(practice_id=practice_id, closed_at=None).order_by("opened_at")
    return tuple(rows.values_list("key", "sentence"))
