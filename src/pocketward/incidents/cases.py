"""Opening, leading and closing cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from pocketward.incidents import discovery, exposure
from pocketward.incidents.clocks import BreachClock, breach_clock
from pocketward.incidents.discovery import case_row
from pocketward.incidents.errors import IncidentsError, NoSuchCase
from pocketward.incidents.events import CaseClosed, CaseIdentified, CaseLed, CaseOpened
from pocketward.incidents.models import CLOSED, OPEN, REVERSED, Case
from pocketward.incidents.rights import officer_here
from pocketward.kernel import clock
from pocketward.kernel.canonical import read_moment
from pocketward.practice import api as practice_api
from pocketward.response import api as response_api
from pocketward.spine.api import JobContext, record, unit_of_work

LONGEST_NUMBER = 14  # of a case: the year, a hyphen, and nine digits


@dataclass(frozen=True)
class CaseRecord:
    """A case as pages see it."""

    id: UUID
    practice_id: UUID
    case_ref: str
    number: str
    state: str
    outcome: str
    member_name: str
    labels: tuple[str, ...]
    device_ids: tuple[UUID, ...]
    discovered_at: datetime
    discovered_why: str
    verdict: str
    verdict_reason: str
    verdict_by: str
    verdict_at: datetime | None
    lead: str
    opened_at: datetime
    closed_at: datetime | None
    breach_clock: BreachClock


def run_open_case(context: JobContext) -> None:
    """Open the case of a loss report, once."""
    event = dict(context.event)
    context.finish(lambda: _open(context.practice_id, event))


def _open(practice_id: UUID, event: dict[str, object]) -> None:
    case_ref = str(event["case_ref"])
    if Case.objects.filter(case_ref=case_ref).exists():
        return
    reported_at = read_moment(str(event["occurred_at"]))
    zone = ZoneInfo(practice_api.get_practice(practice_id=practice_id).zone)
    year = reported_at.astimezone(zone).year
    newest = Case.objects.filter(practice_id=practice_id, year=year).order_by("-number").first()
    case = Case.objects.create(
        practice_id=practice_id,
        case_ref=case_ref,
        year=year,
        number=(newest.number if newest else 0) + 1,
        member_name=str(event["member_name"]),
        labels=event["labels"],
        device_ids=event["device_ids"],
        outcome=str(event["outcome"]),
        lead=response_api.taken_by(practice_id=practice_id, case_ref=case_ref),
        discovered_at=reported_at,
        discovered_why="the report",
    )
    discovery.first_candidates(case, reported_at)
    exposure.prefill(case)
    record(
        CaseOpened(
            practice_id=practice_id, actor="system:incidents", subject=f"case:{case_ref}", case_ref=case_ref,
            number=f"{year}-{case.number:03d}", discovered_at=case.discovered_at,
        )
    )  # fmt: skip


def run_reverse_case(context: JobContext) -> None:
    """The report was reversed: the case closes as such and stays on file; whoever reported is thanked."""
    event = dict(context.event)

    def effects() -> None:
        # The case's own job may come after ours: then this one is tried again.
        row = case_row(str(event["case_ref"]))
        if row.state == OPEN:
            _close(row, REVERSED, str(event["actor"]))

    context.finish(effects)


def run_identify_case(context: JobContext) -> None:
    """An officer said whose phone it is: the case bears its name, its facts and its earlier reports."""
    event = dict(context.event)

    def effects() -> None:
        # The case's own job may come after ours: then this one is tried again.
        row = case_row(str(event["case_ref"]))
        row.member_name, row.outcome = str(event["member_name"]), "closed"
        row.labels, row.device_ids = event["labels"], event["device_ids"]
        row.save(force_update=True)
        discovery.earlier_candidates(row)
        for other in _others_of_same_phones(row):
            discovery.earlier_candidates(other)
        exposure.prefill_again(row)
        record(
            CaseIdentified(
                practice_id=row.practice_id, actor=str(event["actor"]), subject=f"case:{row.case_ref}",
                case_ref=row.case_ref, labels=tuple(row.labels),
            )
        )  # fmt: skip

    context.finish(effects)


def _others_of_same_phones(case: Case) -> list[Case]:
    """The other open cases of a phone of this case: what was known here may have been known first."""
    phones = set(case.device_ids)
    rows = Case.objects.filter(practice_id=case.practice_id, state=OPEN).exclude(pk=case.pk)
    return [row for row in rows if phones & set(row.device_ids)]


def run_lead_case(context: JobContext) -> None:
    """An officer answered the call: they lead the case."""
    event = dict(context.event)

    def effects() -> None:
        lead, case_ref = f"member:{event['member_id']}", str(event["case_ref"])
        if Case.objects.filter(case_ref=case_ref).exclude(lead=lead).update(lead=lead):
            record(
                CaseLed(
                    practice_id=context.practice_id, actor=lead, subject=f"case:{case_ref}",
                    case_ref=case_ref, member_id=UUID(str(event["member_id"])),
                )
            )  # fmt: skip

    context.finish(effects)


def _record(row: Case) -> CaseRecord:
    zone = practice_api.get_practice(practice_id=row.practice_id).zone
    return CaseRecord(
        id=row.id,
        practice_id=row.practice_id,
        case_ref=row.case_ref,
        number=f"{row.year}-{row.number:03d}",
        state=row.state,
        outcome=row.outcome,
        member_name=row.member_name,
        labels=tuple(row.labels),
        device_ids=tuple(UUID(text) for text in row.device_ids),
        discovered_at=row.discovered_at,
        discovered_why=discovery.discovered_why(row),
        verdict=row.verdict,
        verdict_reason=row.verdict_reason or "",
        verdict_by=row.verdict_by,
        verdict_at=row.verdict_at,
        lead=row.lead,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        breach_clock=breach_clock(discovered_at=row.discovered_at, now=clock.now(), zone=zone),
    )


def get_case(*, case_ref: str) -> CaseRecord:
    """The case; NoSuchCase (also in the moment before its job has run)."""
    return _record(case_row(case_ref))


def case_by_number(*, practice_id: UUID, number: str) -> CaseRecord:
    """The case with this number, such as 2026-001; NoSuchCase."""
    year, _, count = number.partition("-")
    if not (number.isascii() and year.isdecimal() and count.isdecimal() and len(number) <= LONGEST_NUMBER):
        raise NoSuchCase()
    row = Case.objects.filter(practice_id=practice_id, year=int(year), number=int(count)).first()
    if row is None:
        raise NoSuchCase()
    return _record(row)


def cases(*, practice_id: UUID, only_open: bool = False) -> tuple[CaseRecord, ...]:
    """The cases of a practice: open ones first, newest first."""
    rows = Case.objects.filter(practice_id=practice_id).order_by("-opened_at")
    found = [_record(row) for row in (rows.filter(state=OPEN) if only_open else rows)]
    return tuple(sorted(found, key=lambda case: case.state != OPEN))


def cases_of_device(*, device_id: UUID) -> tuple[str, ...]:
    """The references of every case that names this device, open or not."""
    rows = Case.objects.order_by("opened_at").values_list("case_ref", "device_ids")
    return tuple(case_ref for case_ref, named in rows if str(device_id) in named)


@unit_of_work
def close_case(*, case_ref: str, by_member_id: UUID) -> None:
    """An officer closes a decided case; NotYours for anybody else. Closing twice changes nothing.

    A case that nobody has decided stays open.
    """
    row = case_row(case_ref)
    officer_here(practice_id=row.practice_id, member_id=by_member_id)
    if row.state != OPEN:
        return
    if row.verdict_at is None:
        raise IncidentsError("Decide first whether it is a breach. Until then it counts as one.")
    _close(row, CLOSED, f"member:{by_member_id}")


def _close(row: Case, state: str, by: str) -> None:
    row.state, row.closed_at = state, clock.now()
    row.save(force_update=True)
    response_api.case_closed(practice_id=row.practice_id, case_ref=row.case_ref, by=by)
    response_api.thank_reporter(practice_id=row.practice_id, case_ref=row.case_ref)
    record(
        CaseClosed(
            practice_id=row.practice_id, actor=by, subject=f"case:{row.case_ref}", case_ref=row.case_ref,
            state=state,
        )
    )  # fmt: skip
