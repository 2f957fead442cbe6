"""A flood of reports that close nothing: every one is kept, one case stands, one round of calls goes out."""

from __future__ import annotations

from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.access import api as access_api
from pocketward.incidents import api as incidents_api
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response import sightings
from pocketward.response.models import LossReport
from tests.response.conftest import bodies, drain, kinds, later
from tests.response.test_alerts import called
from tests.response.test_reports import lose, outcome, people  # noqa: F401 - a fixture
from tests.web.clinic import Clinic


def flood(practice: PracticeRecord, count: int = 50, network: str = "e" * 64) -> set[str]:
    """The cases that so many invented names lead to."""
    return {lose(practice, f"Nobody {at}", network=network) for at in range(count)}


def test_fifty_reports_are_fifty_rows_one_case_and_one_round_of_calls(
    practice: PracticeRecord, clinic: Clinic, second: Member
) -> None:
    (case_ref,) = flood(practice)
    drain()
    assert LossReport.objects.count() == 50
    assert {row.said for row in LossReport.objects.all()} == {f"Nobody {at}" for at in range(50)}
    assert len(incidents_api.cases(practice_id=practice.id)) == 1
    assert called(practice, case_ref) == [str(second.id)]
    more = bodies(practice, case_ref, "response.loss_sighted")
    assert [event["number"] for event in more] == list(range(1, 50))
    newest, count = response_api.sightings_of(practice_id=practice.id, case_ref=case_ref)
    assert (count, newest[0].said, newest[0].callback) == (49, "Nobody 49", "555-0155")
    case = incidents_api.get_case(case_ref=case_ref)
    told = [line.sentence for line in incidents_api.timeline(case)]
    assert "Another report that closes nothing came in (number 49)" in told


def test_a_real_report_in_the_middle_closes_at_once_and_has_its_own_case(
    practice: PracticeRecord, clinic: Clinic, phone: UUID
) -> None:
    (first,) = flood(practice, 20)
    real = lose(practice, "Ben Sample", network="e" * 64)
    (after,) = flood(practice, 20)
    drain()
    assert after == first != real
    assert outcome(real) == "closed"
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}
    assert len(incidents_api.cases(practice_id=practice.id)) == 2
    assert "response.officer_alerted" in kinds(practice, real)


def test_whoever_took_the_case_is_called_again_and_the_list_is_not(
    practice: PracticeRecord, clinic: Clinic, owner: Member, second: Member
) -> None:
    (case_ref,) = flood(practice, 3)
    drain()
    assert response_api.answer_alert(practice_id=practice.id, case_ref=case_ref, by_member_id=owner.id)
    with later(minutes=4):
        flood(practice, 3)
        drain()
        assert called(practice, case_ref) == [str(second.id)]
        assert response_api.unanswered(practice_id=practice.id) == ()
    with later(minutes=10.1):
        flood(practice, 5)
        drain()
        assert called(practice, case_ref) == [str(second.id), str(owner.id)]
        (waiting,) = response_api.unanswered(practice_id=practice.id)
        assert (waiting.member_id, waiting.reason) == (owner.id, "again")
        assert response_api.answer_alert(practice_id=practice.id, case_ref=case_ref, by_member_id=owner.id)
        assert response_api.unanswered(practice_id=practice.id) == ()
    with later(minutes=30):
        assert called(practice, case_ref)[1:] == [str(owner.id)]
    with later(minutes=40):
        flood(practice, 2)
        drain()
        assert called(practice, case_ref)[1:] == [str(owner.id)] * 2


def test_a_person_who_took_the_case_and_left_is_not_called(
    practice: PracticeRecord, clinic: Clinic, owner: Member, second: Member
) -> None:
    (case_ref,) = flood(practice, 1)
    drain()
    response_api.answer_alert(practice_id=practice.id, case_ref=case_ref, by_member_id=second.id)
    practice_api.mark_left(member_id=second.id, by="system:test")
    with later(minutes=11):
        flood(practice, 1)
        drain()
        assert called(practice, case_ref)[-1] == str(owner.id)


def test_after_an_hour_of_silence_or_a_closed_case_the_next_report_begins_a_case(
    practice: PracticeRecord, clinic: Clinic, owner: Member
) -> None:
    (first,) = flood(practice, 1)
    with later(minutes=50):
        assert flood(practice, 1) == {first}
    with later(minutes=100):
        assert flood(practice, 1) == {first}
    with later(minutes=161):
        (second,) = flood(practice, 1)
        assert second != first
        response_api.case_closed(practice_id=practice.id, case_ref=second, by="system:test")
        assert flood(practice, 1).isdisjoint({first, second})


def test_other_networks_have_their_own_case_until_three_stand(
    practice: PracticeRecord, clinic: Clinic
) -> None:
    cases = [lose(practice, "Nobody", network=f"{at:064x}") for at in range(20)]
    assert len(set(cases)) == sightings.MOST_STANDING
    assert set(cases[3:]) == {cases[2]}


def test_reports_that_wait_for_a_tap_join_the_case_of_the_same_person_only(
    practice: PracticeRecord,
    people: list[str],  # noqa: F811 - the fixture
) -> None:
    for name in people[:2]:
        assert outcome(lose(practice, name)) == "closed"
    waiting = [lose(practice, people[2]) for _ in range(10)]
    assert len(set(waiting)) == 1
    assert outcome(waiting[0]) == "needs_confirmation"
    assert lose(practice, people[3]) not in waiting


def test_i_have_it_again_said_often_is_one_call(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, second: Member
) -> None:
    cases = {
        response_api.report_found(practice_id=practice.id, said=said, callback="", network="c" * 64)
        for said in ("Nobody 1", "Nobody 2", "Nobody 3")
    }
    own = response_api.report_found(practice_id=practice.id, said="Ben Sample", callback="", network="c" * 64)
    drain()
    (case_ref,) = cases
    assert own != case_ref
    assert called(practice, case_ref) == [str(second.id)]
    assert LossReport.objects.count() == 4


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(
        st.tuples(
            st.sampled_from(["Ben Sample", "Nobody", "Somebody else", "Pat One"]), st.integers(0, 5),
            st.integers(0, 90),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_comes_every_report_is_kept_in_a_case_and_a_case_closes_only_by_its_own_report(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, plan: list[tuple[str, int, int]]
) -> None:
    before, at = LossReport.objects.count(), clock.now()
    made = []
    for said, network, minutes in plan:
        at = max(at, clock.now())
        with clock.frozen(at):
            made.append((said, lose(practice, said, network=f"{network:064x}")))
        at = at + sightings.SAME_FLOOD * minutes / 60
    assert LossReport.objects.count() == before + len(plan)
    for said, case_ref in made:
        rows = LossReport.objects.filter(case_ref=case_ref)
        assert rows.exclude(kind="sighting").count() == 1
        assert said in {row.said for row in rows}
        if outcome(case_ref) == "closed":
            assert rows.count() == 1
