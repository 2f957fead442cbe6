"""The steps of a case: rows that move once, each move a sealed fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pocketward.kernel import clock, crypto
from pocketward.practice import api as practice_api
from pocketward.response.events import StepAdvanced
from pocketward.response.models import DONE, NEEDS_PERSON, READY, RUNNING, SKIPPED, WAITING, Step, StepReason
from pocketward.response.playbook import playbook
from pocketward.response.rights import officer_here
from pocketward.spine.api import enqueue, record, unit_of_work

OPEN = (WAITING, READY, RUNNING, NEEDS_PERSON)


@dataclass(frozen=True)
class WrittenReason:
    """Why somebody moved a step; `reason_key` (32 bytes) shows that the sealed event meant these words."""

    reason: str
    reason_key: bytes
    by: str
    at: datetime


@dataclass(frozen=True)
class StepRecord:
    """A step of a case, with every reason that was written for moving it, oldest first."""

    step: str
    title: str
    who: str
    state: str
    receipt: str
    by: str
    due_at: datetime | None
    changed_at: datetime
    reasons: tuple[WrittenReason, ...] = ()


@unit_of_work
def begin(*, practice_id: UUID, case_ref: str, name: str = "lost_device", contain: bool) -> None:
    """Lay out the playbook's steps; those of the system begin by jobs, when the phone is to be contained."""
    plan = playbook(name)
    for position, spec in enumerate(plan.steps):
        Step.objects.create(
            practice_id=practice_id,
            case_ref=case_ref,
            playbook=name,
            version=plan.version,
            step=spec.id,
            title=spec.title,
            who=spec.who,
            position=position,
            state=NEEDS_PERSON if spec.who != "system" else WAITING,
            due_at=clock.now() + timedelta(minutes=spec.minutes),
        )
    if contain:
        contain_now(practice_id=practice_id, case_ref=case_ref)


@unit_of_work
def contain_now(*, practice_id: UUID, case_ref: str) -> None:
    """Let the system's own containment begin, once: one job, repeated until every command is proven."""
    waiting = Step.objects.filter(practice_id=practice_id, case_ref=case_ref, step="lock", state=WAITING)
    if not waiting.update(state=READY):
        return
    enqueue("response.contain", practice_id, {"case_ref": case_ref}, key=f"contain:{case_ref}")


@unit_of_work
def move(
    *, practice_id: UUID, case_ref: str, step: str, state: str, receipt: str = "", by: str, reason: str = "",
    at: datetime | None = None,
) -> bool:  # fmt: skip
    """Move an open step; whether it moved (a step that has ended stays).

    `reason` is free text: it is kept beside the ledger, which commits to it. `at` is when that happened of
    which the receipt tells; without it, now.
    """
    rows = Step.objects.filter(practice_id=practice_id, case_ref=case_ref, step=step, state__in=OPEN)
    if not rows.exclude(state=state, receipt=receipt[:300]).update(
        state=state, receipt=receipt[:300], by=by, changed_at=at or clock.now()
    ):
        return False
    record(
        StepAdvanced(
            practice_id=practice_id, actor=by, subject=f"case:{case_ref}", case_ref=case_ref, step=step,
            state=state, receipt=receipt[:300],
            reason_commitment=_keep(practice_id, case_ref, step, reason, by) if reason else "",
        )
    )  # fmt: skip
    return True


def _keep(practice_id: UUID, case_ref: str, step: str, reason: str, by: str) -> str:
    """Keep why a step moved; what the event says of it."""
    row, key = Step.objects.get(practice_id=practice_id, case_ref=case_ref, step=step), crypto.random_key()
    StepReason.objects.create(practice_id=practice_id, step=row, reason=reason, reason_key=key, by=by)
    return crypto.commitment(key, reason)


def finish(
    *, practice_id: UUID, case_ref: str, step: str, receipt: str, by: str, reason: str = "",
    at: datetime | None = None,
) -> bool:  # fmt: skip
    """The step is done; `reason` and `at` as in `move`."""
    return move(
        practice_id=practice_id, case_ref=case_ref, step=step, state=DONE, receipt=receipt, by=by,
        reason=reason, at=at,
    )  # fmt: skip


def finish_step(*, case_ref: str, step: str, receipt: str, by_member_id: UUID) -> bool:
    """An officer says that the step is done: whether it moved. NotAllowed for anybody else."""
    person = practice_api.get_member(member_id=by_member_id)
    officer_here(practice_id=person.practice_id, member_id=by_member_id)
    return finish(
        practice_id=person.practice_id, case_ref=case_ref, step=step, receipt=receipt,
        by=f"member:{by_member_id}",
    )  # fmt: skip


@unit_of_work
def reopen(*, practice_id: UUID, case_ref: str, step: str, receipt: str, by: str) -> bool:
    """A step that had ended is not true any more: a person is needed again; whether there was such a step."""
    rows = Step.objects.filter(practice_id=practice_id, case_ref=case_ref, step=step)
    if not rows.update(state=NEEDS_PERSON, receipt=receipt[:300], by=by, changed_at=clock.now()):
        return False
    record(
        StepAdvanced(
            practice_id=practice_id, actor=by, subject=f"case:{case_ref}", case_ref=case_ref, step=step,
            state=NEEDS_PERSON, receipt=receipt[:300],
        )
    )  # fmt: skip
    return True


def skip_rest(*, practice_id: UUID, case_ref: str, receipt: str, by: str) -> None:
    """Nothing more is to be done in this case."""
    for row in Step.objects.filter(practice_id=practice_id, case_ref=case_ref, state__in=OPEN):
        move(practice_id=practice_id, case_ref=case_ref, step=row.step, state=SKIPPED, receipt=receipt, by=by)


def steps(*, practice_id: UUID, case_ref: str) -> tuple[StepRecord, ...]:
    """The steps of a case in their order."""
    rows = Step.objects.filter(practice_id=practice_id, case_ref=case_ref).order_by("position")
    names = [name for name in StepRecord.__dataclass_fields__ if name != "reasons"]
    written: dict[UUID, list[WrittenReason]] = {}
    for why in StepReason.objects.filter(step__in=rows).order_by("at", "id"):
        kept = WrittenReason(why.reason, bytes(why.reason_key), why.by, why.at)
        written.setdefault(why.step_id, []).append(kept)
    return tuple(
        StepRecord(**{name: getattr(row, name) for name in names}, reasons=tuple(written.get(row.id, ())))
        for row in rows
    )
