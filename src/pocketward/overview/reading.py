"""What lists ask: filters, order and numbers in SQL, time counted in, so that all of them agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Count, F, Max, Min, PositiveSmallIntegerField, Q, QuerySet, Value, When

from pocketward.overview.models import CASE, CaseRow, DeviceRow, PersonRow, PracticeRow
from pocketward.overview.records import (
    CaseLine,
    PersonLine,
    PhoneCounts,
    PhoneLine,
    PracticeLine,
    ReviewLine,
)
from pocketward.overview.standing import OK, OUR_FAULT, SILENT, UNKNOWN, WORST_FIRST, Standing
from pocketward.practice import api as practice_api

PER_PAGE: Final = 50
VIEWS: Final = {
    "look": ~Q(status=OK),
    "all": Q(),
    "shared": Q(shared=True),
    "personal": Q(ownership="personal"),
}
_ORDERS: Final = {
    "status": (F("status"), F("label_key")),
    "name": (F("label_key"),),
    "person": (F("person_key"), F("label_key")),
    "heard": (F("heard_at").asc(nulls_first=True), F("label_key")),
}
SORTS: Final = tuple(_ORDERS)


@dataclass(frozen=True)
class PhoneQuestion:
    """Which phones, in which order: words that must all be found, a saved view, and filters ("" for any)."""

    q: str = ""
    view: str = "all"
    status: str = ""
    ownership: str = ""
    kind: str = ""
    sort: str = "status"


def _aged(practice_id: UUID, now: datetime) -> QuerySet[Any]:
    """The phones with their status at `now`: Standing.status_at, said in SQL."""
    status = Case(
        When(silent_at__lt=now, then=Value(SILENT)),
        When(stale_at__lt=now, then=Value(UNKNOWN)),
        default=F("settled"),
        output_field=PositiveSmallIntegerField(),
    )
    rows: QuerySet[Any] = DeviceRow.objects.filter(practice_id=practice_id).annotate(status=status)
    return rows


def _words(q: str) -> Q:
    wanted = Q()
    for word in practice_api.normalized_name(q).split():
        wanted &= Q(search__contains=word)
    return wanted


def _wanted(question: PhoneQuestion) -> Q:
    wanted = _words(question.q) & VIEWS[question.view]
    if question.status:
        wanted &= Q(status=WORST_FIRST.index(question.status))
    if question.ownership:
        wanted &= Q(ownership=question.ownership)
    if question.kind:
        wanted &= Q(kind=question.kind)
    return wanted


def _ordered(practice_id: UUID, question: PhoneQuestion, now: datetime) -> QuerySet[Any]:
    rows = _aged(practice_id, now).filter(_wanted(question))
    return rows.order_by(*_ORDERS[question.sort], "device_id")


def phones(
    *,
    practice_id: UUID,
    question: PhoneQuestion,
    now: datetime,
    first: int = 0,
    limit: int | None = PER_PAGE,
) -> tuple[PhoneLine, ...]:
    """The phones that fit, from the `first` on (0 is the first); all that follow without a limit."""
    rows = _ordered(practice_id, question, now)
    return tuple(_phone(row) for row in rows[first : None if limit is None else first + limit])


def phone_ids(*, practice_id: UUID, question: PhoneQuestion, now: datetime, limit: int) -> tuple[UUID, ...]:
    """Which phones fit, at most `limit` of them."""
    return tuple(_ordered(practice_id, question, now).values_list("device_id", flat=True)[:limit])


def phones_by_id(*, practice_id: UUID, device_ids: tuple[UUID, ...]) -> tuple[PhoneLine, ...]:
    """Those of these phones that are on the list, by name."""
    rows = DeviceRow.objects.filter(practice_id=practice_id, device_id__in=device_ids)
    return tuple(_phone(row) for row in rows.order_by("label_key", "device_id"))


def _phone(row: Any) -> PhoneLine:
    return PhoneLine(
        device_id=row.device_id,
        label=row.label,
        kind=row.kind,
        ownership=row.ownership,
        shared=row.shared,
        person=row.person,
        serial=row.serial,
        enrollment_state=row.enrollment_state,
        heard_at=row.heard_at,
        lost_at=row.lost_at,
        case_ref=row.case_ref,
        standing=Standing(
            row.settled, row.reason, row.failing, row.failing_code, row.silent_at, row.stale_at
        ),
    )


def phone_counts(*, practice_id: UUID, now: datetime, question: PhoneQuestion | None = None) -> PhoneCounts:
    """All numbers that stand around the list, in one statement."""
    counted = _aged(practice_id, now).aggregate(
        total=Count("pk"),
        in_shared=Count("pk", filter=VIEWS["shared"]),
        in_personal=Count("pk", filter=VIEWS["personal"]),
        of_ours=Count("pk", filter=Q(reason=OUR_FAULT, status=UNKNOWN)),
        oldest=Min("heard_at"),
        newest=Max("heard_at"),
        found=Count("pk", filter=_wanted(question or PhoneQuestion())),
        **{f"is_{word}": Count("pk", filter=Q(status=place)) for place, word in enumerate(WORST_FIRST)},
    )
    return PhoneCounts(
        total=counted["total"],
        by_status={word: counted[f"is_{word}"] for word in WORST_FIRST},
        shared=counted["in_shared"],
        personal=counted["in_personal"],
        our_fault=counted["of_ours"],
        longest_silent_since=counted["oldest"],
        heard_last=counted["newest"],
        found=counted["found"],
    )


def attention(*, practice_id: UUID, now: datetime) -> tuple[int, int]:
    """How many phones are not protected, and how many cases and calls are open."""
    phones_to_look_at = _aged(practice_id, now).filter(VIEWS["look"]).count()
    return phones_to_look_at, CaseRow.objects.filter(practice_id=practice_id, is_open=True).count()


def people(
    *, practice_id: UUID, q: str = "", first: int = 0, limit: int = PER_PAGE
) -> tuple[PersonLine, ...]:
    """The people whose name or e-mail has all words of `q`, by name."""
    rows = PersonRow.objects.filter(_words(q), practice_id=practice_id).order_by("name_key", "member_id")
    return tuple(
        PersonLine(row.member_id, row.full_name, row.email, frozenset(row.roles), row.can_sign_in, row.phones)
        for row in rows[first : first + limit]
    )


def count_people(*, practice_id: UUID, q: str = "") -> tuple[int, int]:
    """How many people there are, and how many fit."""
    rows = PersonRow.objects.filter(practice_id=practice_id)
    counted = rows.aggregate(all=Count("pk"), found=Count("pk", filter=_words(q)))
    return counted["all"], counted["found"]


def cases(*, practice_id: UUID, q: str = "", first: int = 0, limit: int = PER_PAGE) -> tuple[CaseLine, ...]:
    """Cases and calls whose number or names have all words of `q`: open ones first, the newest on top."""
    rows = CaseRow.objects.filter(_words(q), practice_id=practice_id)
    ordered = rows.order_by("-is_open", "-opened_at", "case_ref")[first : first + limit]
    return tuple(_case(row) for row in ordered)


def waiting_cases(*, practice_id: UUID) -> tuple[CaseLine, ...]:
    """What waits for an officer, oldest first: calls nobody has answered, open reports that fit nobody."""
    waits = Q(called_since__isnull=False) | Q(kind=CASE, labels=[])
    rows = CaseRow.objects.filter(waits, practice_id=practice_id, is_open=True)
    return tuple(_case(row) for row in rows.order_by("opened_at", "case_ref"))


def _case(row: CaseRow) -> CaseLine:
    return CaseLine(
        row.case_ref, row.kind, row.number, row.is_open, row.state, row.outcome, row.verdict,
        tuple(row.labels), row.said or "", row.lead, row.limit_on, row.opened_at, row.called_since,
        row.is_erased,
    )  # fmt: skip


def count_cases(*, practice_id: UUID) -> tuple[int, int]:
    """How many cases and calls there are, and how many are open."""
    counted = CaseRow.objects.filter(practice_id=practice_id).aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(is_open=True))
    )
    return counted["all"], counted["open"]


def practice_line(*, practice_id: UUID) -> PracticeLine:
    """The practice in numbers; all of them 0 in the moment before its first job has run."""
    row = PracticeRow.objects.filter(practice_id=practice_id).first() or PracticeRow(practice_id=practice_id)
    reviews = tuple(
        ReviewLine(UUID(item["grant"]), UUID(item["member"]), datetime.fromisoformat(item["at"]))
        for item in row.reviews
    )
    return PracticeLine(
        practice_id, row.name, row.people, row.phones, row.open_cases, tuple(row.vacant_roles),
        row.push_expires_at, tuple(row.opening_roles), row.may_open, reviews,
    )  # fmt: skip
