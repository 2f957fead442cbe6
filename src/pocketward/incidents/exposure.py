"""The exposure worksheet: what could have been seen, prefilled from the facts frozen with the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pocketward.incidents.errors import IncidentsError
from pocketward.incidents.events import ExposureAnswered
from pocketward.incidents.models import OPEN, Case, ExposureAnswer
from pocketward.incidents.rights import officer_here
from pocketward.kernel import clock
from pocketward.kernel.canonical import read_moment
from pocketward.response import api as response_api
from pocketward.spine.api import record, unit_of_work

YES, NO, UNKNOWN = "yes", "no", "unknown"
ANSWERS = (YES, NO, UNKNOWN)

# A rule over several facts prefills it, not a value of one.
BY_RULE = "encryption"
# question -> (sentence, fact that prefills it, value that means yes)
QUESTIONS: dict[str, tuple[str, str, Any]] = {
    "encrypted": ("Was what is on it encrypted?", BY_RULE, None),
    "passcode": ("Did it have a passcode?", "passcode_present", True),
    "passcode_strong": (
        "Did the passcode meet the practice's policy?",
        "passcode_compliant_with_profiles",
        True,
    ),
    "supervised": ("Could lost mode be turned on?", "supervised", True),
    "unlocked": ("Was it unlocked when it was lost?", "", None),
    "passcode_known": ("Could somebody else know the passcode?", "", None),
    "records_kept": ("Were patient records kept on it?", "", None),
    "records_open": ("Was somebody signed in to records on it?", "", None),
    "used_after": ("Were records opened after it was last seen?", "", None),
    "stolen": ("Was it stolen, rather than mislaid?", "", None),
    "others": ("Did others use it?", "", None),
}


@dataclass(frozen=True)
class ExposureRow:
    """One line: the question, its answer, how we know, since when, who answered."""

    question: str
    sentence: str
    answer: str
    detail: str
    source: str
    observed_at: datetime | None
    answered_by: str


def prefill(case: Case) -> None:
    """Answer from frozen facts what they answer; everything else begins as unknown."""
    frozen = response_api.frozen_facts(practice_id=case.practice_id, case_ref=case.case_ref)
    states: list[Mapping[str, Any]] = [dict(facts.get("state", {})) for facts in frozen.values()]  # type: ignore[call-overload]
    sessions = sum(int(str(facts.get("sessions", 0))) for facts in frozen.values())
    for question, (_, fact, good) in QUESTIONS.items():
        answer, source, observed_at = _from_facts(states, fact, good)
        if question == "records_open" and frozen:
            answer = YES if sessions else NO
            source, observed_at = "sessions at the time of the report", clock.now()
        ExposureAnswer.objects.get_or_create(
            practice_id=case.practice_id,
            case=case,
            question=question,
            defaults={
                "answer": answer,
                "detail": "",
                "source": source,
                "observed_at": observed_at,
                "answered_by": "system:incidents",
            },
        )


def prefill_again(case: Case) -> None:
    """Answer anew, from the facts that are known now, what no person has answered."""
    ExposureAnswer.objects.filter(case=case, answered_by="system:incidents").delete()
    prefill(case)


def _from_facts(states: list[Mapping[str, Any]], fact: str, good: Any) -> tuple[str, str, datetime | None]:
    """The worst answer of all devices of the case; unknown beats yes, no beats both."""
    found = [_of_device(state, fact, good) for state in states] if fact else []
    known = [item for item in found if item is not None]
    worst = next((item for item in known if not item[0]), None)
    if worst is None and (not found or len(known) < len(found)):
        return UNKNOWN, "not known", None
    is_good, told = worst or known[0]
    source = f"the phone itself ({told['source']})"
    return YES if is_good else NO, source, read_moment(str(told["observed_at"]))


def _of_device(state: Mapping[str, Any], fact: str, good: Any) -> tuple[bool, Mapping[str, Any]] | None:
    """Whether one device is good in this, and the fact that says so; None when it is not known."""
    if fact == BY_RULE:
        return response_api.encryption(state)
    told = state.get(fact)
    if told is None or told["value"] is None:
        return None
    return told["value"] == good, told


@unit_of_work
def complete_worksheet(*, case_id: UUID, by_member_id: UUID) -> None:
    """An officer has gone through every line: unknown is then their answer, and the step ends. NotYours."""
    case = Case.objects.get(pk=case_id)
    person = officer_here(practice_id=case.practice_id, member_id=by_member_id)
    open_lines = ExposureAnswer.objects.filter(case_id=case_id, answered_by="system:incidents")
    for row in open_lines.filter(answer=UNKNOWN):
        answer(
            case_id=case_id, question=row.question, answer=UNKNOWN, detail=row.detail or "",
            by_member_id=by_member_id,
        )  # fmt: skip
    response_api.finish_step(
        case_ref=case.case_ref, step="exposure", receipt=f"Gone through by {person.full_name}.",
        by_member_id=by_member_id,
    )  # fmt: skip


def worksheet(*, case_id: UUID) -> tuple[ExposureRow, ...]:
    """The lines in their order."""
    rows = {row.question: row for row in ExposureAnswer.objects.filter(case_id=case_id)}
    return tuple(
        ExposureRow(
            question, sentence, rows[question].answer, rows[question].detail or "", rows[question].source,
            rows[question].observed_at, rows[question].answered_by,
        )
        for question, (sentence, _, _) in QUESTIONS.items()
        if question in rows
    )  # fmt: skip


@unit_of_work
def answer(*, case_id: UUID, question: str, answer: str, detail: str, by_member_id: UUID) -> None:
    """An officer answers one line; "unknown" is allowed and honest. NotYours for anybody else."""
    case, by = Case.objects.get(pk=case_id), f"member:{by_member_id}"
    officer_here(practice_id=case.practice_id, member_id=by_member_id)
    if question not in QUESTIONS or answer not in ANSWERS:
        raise IncidentsError("Answer yes, no or unknown.")
    if case.state != OPEN:
        raise IncidentsError("The case is closed: its worksheet stays as it was.")
    row = ExposureAnswer.objects.get(case_id=case_id, question=question)
    row.answer, row.detail, row.source = answer, detail[:500], "told by a person"
    row.answered_by, row.answered_at, row.observed_at = by, clock.now(), clock.now()
    row.save(force_update=True)
    record(
        ExposureAnswered(
            practice_id=case.practice_id, actor=by, subject=f"case:{case.case_ref}", case_ref=case.case_ref,
            question=question, answer=answer,
        )
    )  # fmt: skip
