"""A case: opened by a job, discovered at the earliest moment, led, decided, closed, kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from pocketward.access import api as access_api
from pocketward.incidents import api as incidents_api
from pocketward.incidents.clocks import breach_clock, yearly_log_due
from pocketward.incidents.errors import IncidentsError, NoSuchCase, NotYours
from pocketward.kernel import clock, crypto
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from tests.response.conftest import bodies, drain, later, person_with, reverse, step
from tests.web.clinic import Clinic

REASON = "Encrypted behind a passcode, and nobody opened records after it was lost."


def opened(case_ref: str) -> incidents_api.CaseRecord:
    return incidents_api.get_case(case_ref=case_ref)


@pytest.fixture
def unclear(clinic: Clinic, phone: UUID) -> Iterator[str]:
    """A report of two days ago whose name fits nobody."""
    case_ref = clinic.lose("Benn Sampel")
    drain()
    with later(days=2):
        yield case_ref


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
    assert (event["source"], event["reason_commitment"]) == ("an officer", kept[0].commitment)
    assert "A colleague knew." not in str(bodies(practice, case))
    assert kept[0].commitment == crypto.hmac_sha256(kept[0].reason_key, b"A colleague knew.").hex()
    # The same again is no change; the same moment for another reason is, and neither is lost.
    incidents_api.change_discovery(case_ref=case, at=at, reason="A colleague knew.", by_member_id=second.id)
    incidents_api.change_discovery(case_ref=case, at=at, reason="So did the desk.", by_member_id=second.id)
    kept = incidents_api.discovery_candidates(case_id=changed.id)
    assert [(item.source, item.chosen) for item in kept] == [
        ("A colleague knew.", False), ("So did the desk.", True), ("the report", False)
    ]  # fmt: skip
    assert opened(case).discovered_why == "So did the desk."
    assert len(bodies(practice, case, "incidents.discovery_changed")) == 2


def test_when_it_was_known_stays_as_its_case_was_closed_with(
    practice: PracticeRecord, clinic: Clinic, unclear: str, clinician: Member, owner: Member
) -> None:
    case = clinic.lose("Ben Sample")
    drain()
    before = opened(case).discovered_at
    incidents_api.decide_breach(case_ref=case, verdict="breach", reason=REASON, by_member_id=owner.id)
    incidents_api.close_case(case_ref=case, by_member_id=owner.id)
    with pytest.raises(IncidentsError, match="closed"):
        incidents_api.change_discovery(
            case_ref=case,
            at=before - timedelta(days=1),
            reason="A colleague knew.",
            by_member_id=owner.id,
        )
    # Nor by what becomes known of another case.
    response_api.identify_loss(case_ref=unclear, by_member_id=owner.id, member_id=clinician.id)
    drain()
    assert opened(case).discovered_at == before
    assert bodies(practice, case, "incidents.discovery_changed") == []


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


def test_a_report_that_is_identified_later_is_known_first_to_the_other_case_too(
    practice: PracticeRecord, clinic: Clinic, unclear: str, clinician: Member, owner: Member
) -> None:
    other, settled = clinic.lose("Ben Sample"), clinic.lose("Ben Sample")
    drain()
    moment = clock.now() - timedelta(hours=1)
    incidents_api.change_discovery(
        case_ref=settled, at=moment, reason="The desk knew.", by_member_id=owner.id
    )
    response_api.identify_loss(case_ref=unclear, by_member_id=owner.id, member_id=clinician.id)
    drain()
    first, found = opened(unclear), opened(other)
    assert first.discovered_at - found.discovered_at < timedelta(seconds=1)
    assert (found.breach_clock.day_number, found.breach_clock.days_left) == (2, 58)
    assert unclear in found.discovered_why
    (told,) = bodies(practice, other, "incidents.discovery_changed")
    assert told["actor"] == "system:incidents"
    # What an officer chose stays; the candidate is kept beside it.
    assert opened(settled).discovered_at == moment
    kept = incidents_api.discovery_candidates(case_id=opened(settled).id)
    assert unclear in kept[0].source
    assert not kept[0].chosen


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
