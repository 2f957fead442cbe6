"""A case: opened by a job, discovered at the earliest moment, led, decided, closed, kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from pocketward.access import api as access_api
from pocketward.incidents import api as incidents_api
from pocketward.incidents.clocks import breach_clock, yearly_log_due
from pocketward.incidents.errors import IncidentsError, NoSuchCase, NotYours
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from tests.response.conftest import answer, bodies, confirm, drain, later, person_with, reverse, step
from tests.web.clinic import Clinic

REASON = "Encrypted behind a passcode, and nobody opened records after it was lost."


def opened(case_ref: str) -> incidents_api.CaseRecord:
    return incidents_api.get_case(case_ref=case_ref)


def test_a_report_opens_one_case_however_often_its_job_runs(practice: PracticeRecord, case: str) -> None:
    from pocketward.incidents import cases

    event = bodies(practice, case, "response.loss_reported")[0]
    cases._open(practice.id, event)
    assert [item.case_ref for item in incidents_api.cases(practice_id=practice.id)] == [case]
    assert len(bodies(practice, case, "incidents.case_opened")) == 1


def test_cases_are_numbered_through_the_practices_own_year(
    practice: PracticeRecord, clinic: Clinic, phone: UUID
) -> None:
    # 11 pm on December 31 in New York is January in UTC.
    with clock.frozen(datetime(2027, 1, 1, 4, 0, tzinfo=UTC)):
        old = clinic.lose("Ben Sample")
        drain()
    with clock.frozen(datetime(2027, 1, 1, 6, 0, tzinfo=UTC)):
        new = clinic.lose("Ben Sample")
        drain()
    assert (opened(old).number, opened(new).number) == ("2026-001", "2027-001")


@pytest.mark.parametrize("role", [*practice_api.ROLES, ""])
def test_only_officers_work_on_a_case(practice: PracticeRecord, case: str, owner: Member, role: str) -> None:
    access_api.register_app(practice_id=practice.id, name="Mail", door="suite", by="system:test")
    person, row = person_with(practice, owner, role), opened(case)
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=REASON, by_member_id=owner.id)
    before = incidents_api.worksheet(case_id=row.id)
    acts: tuple[Callable[[], object], ...] = (
        lambda: incidents_api.answer(
            case_id=row.id, question="stolen", answer="yes", detail="", by_member_id=person.id
        ),
        lambda: incidents_api.complete_worksheet(case_id=row.id, by_member_id=person.id),
        lambda: incidents_api.change_discovery(
            case_ref=case, at=row.discovered_at, reason="Seen on the bus.", by_member_id=person.id
        ),
        lambda: incidents_api.close_case(case_ref=case, by_member_id=person.id),
    )
    for act in acts:
        if role in practice_api.OFFICERS:
            act()
            continue
        with pytest.raises(NotYours):
            act()
    if role not in practice_api.OFFICERS:
        assert (opened(case).state, incidents_api.worksheet(case_id=row.id)) == ("open", before)
        assert step(practice, case, "exposure").state == "needs_person"


def test_an_officer_who_has_left_closes_no_case(
    practice: PracticeRecord, case: str, owner: Member, second: Member
) -> None:
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=REASON, by_member_id=owner.id)
    practice_api.mark_left(member_id=second.id, by="system:test")
    with pytest.raises(NotYours):
        incidents_api.close_case(case_ref=case, by_member_id=second.id)


@pytest.mark.parametrize(
    ("when", "printed"),
    [
        ("now", "just before the report"), ("today", "earlier that day"), ("earlier", "before that day"),
        ("unknown", "not told"), ("", "not told"), ("yesterday", "not told"),
    ],
)  # fmt: skip
def test_when_it_was_last_had_is_printed_as_told_and_never_made_up(
    practice: PracticeRecord, phone: UUID, when: str, printed: str
) -> None:
    case_ref = response_api.report_loss(
        practice_id=practice.id, said="Ben Sample", when_seen=when, callback="", network="n" * 64
    )
    drain()
    pdf = incidents_api.incident_pdf(opened(case_ref), ledger="nothing sealed yet")
    said = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    assert f"Last had it {printed}" in said


def test_an_unknown_case_is_not_found(practice: PracticeRecord) -> None:
    for number in ("2026-999", "x", "2026", "-1"):
        with pytest.raises(NoSuchCase):
            incidents_api.case_by_number(practice_id=practice.id, number=number)


def test_the_earliest_report_of_the_phone_counts_and_all_are_kept(
    practice: PracticeRecord, clinic: Clinic, phone: UUID
) -> None:
    start = clock.now()
    found = response_api.report_found(
        practice_id=practice.id, said="Ben Sample", callback="", network="n" * 64
    )
    with later(hours=2):
        case_ref = clinic.lose("Ben Sample")
        drain()
    case = opened(case_ref)
    first, second = incidents_api.discovery_candidates(case_id=case.id)
    assert first.chosen
    assert found in first.source
    assert not second.chosen
    assert second.source == "the report"
    assert abs(case.discovered_at - start) < timedelta(minutes=1)


def test_an_officer_may_change_it_with_a_reason_and_nothing_is_lost(
    practice: PracticeRecord, case: str, second: Member, clinician: Member
) -> None:
    before, at = opened(case).discovered_at, clock.now() - timedelta(days=2)
    with pytest.raises(NotYours):
        incidents_api.change_discovery(
            case_ref=case, at=at, reason="A colleague knew.", by_member_id=clinician.id
        )
    for moment, reason in ((at, "  "), (clock.now() + timedelta(hours=1), "A colleague knew.")):
        with pytest.raises(IncidentsError):
            incidents_api.change_discovery(case_ref=case, at=moment, reason=reason, by_member_id=second.id)
    incidents_api.change_discovery(case_ref=case, at=at, reason="A colleague knew.", by_member_id=second.id)
    changed = opened(case)
    assert (changed.discovered_at, changed.discovered_why) == (at, "A colleague knew.")
    assert changed.breach_clock.days_left in (57, 58)
    kept = incidents_api.discovery_candidates(case_id=changed.id)
    assert [(item.at, item.chosen) for item in kept] == [(at, True), (before, False)]
    (event,) = bodies(practice, case, "incidents.discovery_changed")
    assert event["reason"] == "A colleague knew."


def test_whoever_answers_the_call_leads(practice: PracticeRecord, case: str, second: Member) -> None:
    assert opened(case).lead == ""
    response_api.answer_alert(practice_id=practice.id, case_ref=case, by_member_id=second.id)
    drain()
    assert opened(case).lead == f"member:{second.id}"
    assert len(bodies(practice, case, "incidents.case_led")) == 1


def test_an_answer_before_the_case_is_open_leads_too(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, second: Member
) -> None:
    case_ref = clinic.lose("Ben Sample")
    response_api.answer_alert(practice_id=practice.id, case_ref=case_ref, by_member_id=second.id)
    drain()
    assert opened(case_ref).lead == f"member:{second.id}"


def test_it_counts_as_a_breach_until_the_privacy_officer_decides_in_writing(
    case: str, owner: Member, second: Member
) -> None:
    assert opened(case).verdict == "presumed_breach"
    with pytest.raises(IncidentsError, match="Decide first"):
        incidents_api.close_case(case_ref=case, by_member_id=owner.id)
    with pytest.raises(NotYours):
        incidents_api.decide_breach(
            case_ref=case, verdict="low_probability", reason=REASON, by_member_id=second.id
        )
    with pytest.raises(IncidentsError):
        incidents_api.decide_breach(
            case_ref=case, verdict="low_probability", reason="no", by_member_id=owner.id
        )
    incidents_api.decide_breach(
        case_ref=case, verdict="low_probability", reason=REASON, by_member_id=owner.id
    )
    decided = opened(case)
    assert (decided.verdict, decided.verdict_by) == ("low_probability", f"member:{owner.id}")


def test_closing_thanks_the_reporter_once_and_starts_the_end_of_the_places(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=REASON, by_member_id=owner.id)
    for _ in range(2):
        incidents_api.close_case(case_ref=case, by_member_id=owner.id)
    drain()
    assert opened(case).state == "closed"
    thanks = [item for item in mail.outbox if item.subject == "Thank you for reporting"]
    assert [item.to for item in thanks] == [["ben@example.org"]]
    assert len(bodies(practice, case, "incidents.case_closed")) == 1


def test_a_reversed_report_closes_its_case_as_reversed_and_keeps_it(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    reverse(case, owner)
    drain()
    assert opened(case).state == "reversed"
    assert len(bodies(practice, case, "response.reporter_thanked")) == 1


def test_the_worksheet_is_filled_from_frozen_facts_and_unknown_is_an_answer(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    rows = {row.question: row for row in incidents_api.worksheet(case_id=opened(case).id)}
    assert (rows["passcode"].answer, rows["passcode"].source) == ("yes", "SecurityInfo")
    assert rows["records_open"].answer == "no"
    assert (rows["unlocked"].answer, rows["unlocked"].answered_by) == ("unknown", "system:incidents")
    incidents_api.answer(
        case_id=opened(case).id,
        question="stolen",
        answer="yes",
        detail="From a car.",
        by_member_id=owner.id,
    )
    incidents_api.complete_worksheet(case_id=opened(case).id, by_member_id=owner.id)
    after = {row.question: row for row in incidents_api.worksheet(case_id=opened(case).id)}
    assert (after["unlocked"].answer, after["unlocked"].answered_by) == ("unknown", f"member:{owner.id}")
    assert (after["stolen"].answer, after["stolen"].detail) == ("yes", "From a car.")
    assert after["passcode"].answered_by == "system:incidents"
    assert step(practice, case, "exposure").state == "done"


def test_the_worst_of_several_phones_is_the_answer(
    practice: PracticeRecord, clinic: Clinic, clinician: Member, phone: UUID
) -> None:
    other = clinic.phone("Ben’s old iPhone", member=clinician)
    clinic.report(other, passcode_present=False)
    case_ref = clinic.lose("Ben Sample")
    drain()
    rows = {row.question: row.answer for row in incidents_api.worksheet(case_id=opened(case_ref).id)}
    assert (rows["passcode"], rows["passcode_strong"]) == ("no", "yes")
    clinic.phone("Ben’s third iPhone", member=clinician)
    silent = clinic.lose("Ben Sample")
    drain()
    # One of which nothing is known: a known no still wins, a yes of the others does not.
    with_gap = {row.question: row.answer for row in incidents_api.worksheet(case_id=opened(silent).id)}
    assert (with_gap["passcode"], with_gap["encrypted"]) == ("no", "no")
    assert with_gap["passcode_strong"] == "unknown"


@pytest.mark.parametrize(
    ("caps", "passcode", "word"),
    [(3, True, "yes"), (3, False, "no"), (1, True, "no"), (None, False, "no"), (1, None, "no"),
     (3, None, "unknown"), (None, True, "unknown")],
)  # fmt: skip
def test_worksheet_facts_and_advice_say_the_same_of_encryption(
    practice: PracticeRecord, clinic: Clinic, clinician: Member, owner: Member, second: Member,
    caps: int | None, passcode: bool | None, word: str,
) -> None:  # fmt: skip
    phone = clinic.phone("Ben’s iPhone 16", member=clinician)
    clinic.report(phone, hardware_encryption_caps=caps, passcode_present=passcode)
    case_ref = clinic.lose("Ben Sample")
    drain()
    rows = {row.question: row for row in incidents_api.worksheet(case_id=opened(case_ref).id)}
    assert rows["encrypted"].answer == word
    advice = response_api.erase_advice(case_ref=case_ref, device_id=phone)
    assert dict(advice.reasons)["Encrypted"] == word
    assert (advice.act == "wait") == (word == "yes")
    response_api.order_erase(case_ref=case_ref, device_id=phone, by_member_id=owner.id, strength="passkey")
    data = incidents_api.incident_pdf(opened(case_ref), ledger="")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    assert set(re.findall(r"Encrypted:? (yes|no|unknown)", text)) == {word}
    assert f"Was what is on it encrypted? {word}" in text


def test_a_closed_cases_worksheet_stays_as_it_was(case: str, owner: Member) -> None:
    reverse(case, owner)
    drain()
    with pytest.raises(IncidentsError, match="closed"):
        incidents_api.answer(
            case_id=opened(case).id, question="stolen", answer="yes", detail="", by_member_id=owner.id
        )


def test_another_phone_of_the_person_ends_the_replacement_step_and_the_lost_one_does_not(
    practice: PracticeRecord, clinic: Clinic, case: str, clinician: Member, owner: Member
) -> None:
    clinic.phone("Rounds iPad 1", kind="ipad")
    drain()
    assert step(practice, case, "replace").state == "needs_person"
    clinic.phone("Ben’s new iPhone", member=clinician)
    drain()
    done = step(practice, case, "replace")
    assert (done.state, done.receipt) == ("done", "Ben’s new iPhone has joined with new keys.")


def test_the_document_holds_the_facts_the_decisions_and_why(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    access_api.register_app(practice_id=practice.id, name="Mail", door="suite", by="system:test")
    confirm(case, second)
    answer(phone, "EnableLostMode")
    response_api.locate(case_ref=case, device_id=phone, reason="to fetch it", by_member_id=owner.id)
    response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    incidents_api.change_discovery(
        case_ref=case, at=clock.now() - timedelta(days=1), reason="The desk knew.", by_member_id=second.id
    )
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=REASON, by_member_id=owner.id)
    drain()
    data = incidents_api.incident_pdf(opened(case), ledger="31 entries, root ab12")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    for words in (
        "Ben’s iPhone 16", "Ben Sample", "somebody without sign-in", "The desk knew.", "Passcode set",
        "We advised", "It is encrypted behind a passcode", "to fetch it (notice 1)", "Dana Example",
        "Last network", "Work apps on it", "org.example.chart", REASON, "31 entries, root ab12",
        "Grace Placeholder", "Was it stolen, rather than mislaid?",
    ):  # fmt: skip
        assert words in text, words
    assert data == incidents_api.incident_pdf(opened(case), ledger="31 entries, root ab12")


def test_words_that_look_like_markup_are_printed_as_they_are(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    nasty = '#panic("x") *bold* $x$ @preview/y:1.0 "quoted" \\ end of it'
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=nasty, by_member_id=owner.id)
    data = incidents_api.incident_pdf(opened(case), ledger="")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())
    assert '#panic("x") *bold* $x$' in text


@given(
    start=st.integers(0, 7000).map(
        lambda days: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=days, hours=days % 24)
    ),
    zone=st.sampled_from(["America/New_York", "America/Los_Angeles", "Pacific/Auckland", "UTC"]),
    days=st.integers(0, 400),
)
def test_the_clock_counts_calendar_days_in_the_practices_zone(start: datetime, zone: str, days: int) -> None:
    made = breach_clock(discovered_at=start, now=start + timedelta(days=days), zone=zone)
    assert made.limit_on - made.discovered_on == timedelta(days=60)
    assert made.target_on - made.discovered_on == timedelta(days=30)
    assert made.days_left + made.day_number == 60
    assert abs(made.day_number - days) <= 1


def test_the_clock_knows_summer_time_leap_years_and_the_yearly_log() -> None:
    late = datetime(2028, 1, 1, 4, 59, tzinfo=UTC)
    made = breach_clock(discovered_at=late, now=late, zone="America/New_York")
    assert (made.discovered_on, made.limit_on) == (date(2027, 12, 31), date(2028, 2, 29))
    spring = datetime(2027, 3, 13, 12, tzinfo=UTC)
    assert breach_clock(discovered_at=spring, now=spring, zone="America/New_York").limit_on == date(
        2027, 5, 12
    )
    assert yearly_log_due(date(2026, 5, 1)) == date(2027, 3, 1)
    assert yearly_log_due(date(2027, 5, 1)) == date(2028, 2, 29)


def test_other_practices_cases_are_not_there(practice: PracticeRecord, case: str) -> None:
    from contextvars import Context

    from pocketward.spine.api import practice_scope

    def elsewhere() -> None:
        other = practice_api.create_practice(name="Lakeview Counseling", by="system:test")
        with practice_scope(other.id):
            assert incidents_api.cases(practice_id=other.id) == ()
            with pytest.raises(NoSuchCase):
                incidents_api.get_case(case_ref=case)

    Context().run(elsewhere)


def test_a_long_life_before_the_loss_cuts_nothing_off_the_timeline(
    practice: PracticeRecord, case: str, phone: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pocketward.incidents import timeline

    whole = incidents_api.timeline(opened(case))
    monkeypatch.setattr(timeline, "PAGE", 2)
    assert incidents_api.timeline(opened(case)) == whole
    assert len(whole) > 4
