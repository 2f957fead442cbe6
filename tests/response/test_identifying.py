"""Whose phone is it? An officer answers for a report that fits nobody, and it closes as if it had fit."""

from __future__ import annotations

from uuid import UUID

import pytest

from pocketward.access import api as access_api
from pocketward.access.models import SnapshotRow
from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.kernel import clock
from pocketward.overview import api as overview_api
from pocketward.pki import api as pki_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response import steps
from pocketward.response.errors import NoSuchReport, NotAllowed, ResponseError
from pocketward.response.models import LossReport
from tests.response.conftest import bodies, drain, kinds, person_with, reverse, step
from tests.response.test_reports import lose, outcome
from tests.web.clinic import Clinic


@pytest.fixture
def unknown(practice: PracticeRecord, clinic: Clinic, phone: UUID) -> str:
    """A report that fits nobody, with its jobs run; there is a door of ours and one that is not."""
    access_api.register_app(
        practice_id=practice.id, name="Chart app", door="proxied", hosts=("ehr.localhost",),
        paths=(("/", "notes"),), by="system:test",
    )  # fmt: skip
    access_api.register_app(practice_id=practice.id, name="Mail", door="suite", by="system:test")
    case_ref = lose(practice, "Ben Sampel")
    drain()
    return case_ref


def test_the_answer_does_all_that_a_confirmed_report_does(
    practice: PracticeRecord,
    unknown: str,
    phone: UUID,
    owner: Member,
    clinician: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[UUID] = []
    monkeypatch.setattr(pki_api, "hold_access", lambda *, device_id, by, case_ref: asked.append(device_id))
    response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=clinician.id)
    assert asked == [phone]
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}
    assert fleet_api.get_device(device_id=phone).lost_case_ref == unknown
    assert phone in response_api.frozen_facts(practice_id=practice.id, case_ref=unknown)
    doors = {door.app_name: door for door in response_api.doors(practice_id=practice.id, case_ref=unknown)}
    assert (doors["Chart app"].is_closed, doors["Mail"].is_closed) == (True, False)
    report = response_api.get_report(case_ref=unknown)
    assert (report.outcome, report.member_id, report.device_ids) == ("closed", clinician.id, (phone,))
    assert report.confirmed_at is not None
    drain()
    (lock,) = fleet_api.commands(device_id=phone, case_ref=unknown)
    assert lock.request_type == "EnableLostMode"
    for name in ("close_records", "confirm"):
        assert step(practice, unknown, name).state == "done"


def test_the_case_bears_its_phones_then_and_its_worksheet_their_facts(
    practice: PracticeRecord, unknown: str, phone: UUID, owner: Member, clinician: Member
) -> None:
    case = incidents_api.get_case(case_ref=unknown)
    before = {row.question: row for row in incidents_api.worksheet(case_id=case.id)}
    assert before["encrypted"].answer == "unknown"
    incidents_api.answer(
        case_id=case.id, question="stolen", answer="no", detail="Left on the bus.", by_member_id=owner.id
    )
    response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=clinician.id)
    drain()
    case = incidents_api.get_case(case_ref=unknown)
    assert (case.member_name, case.labels, case.device_ids) == ("Ben Sample", ("Ben’s iPhone 16",), (phone,))
    after = {row.question: row for row in incidents_api.worksheet(case_id=case.id)}
    assert (after["encrypted"].answer, after["stolen"].answer) == ("yes", "no")
    (line,) = [item for item in overview_api.cases(practice_id=practice.id) if item.case_ref == unknown]
    assert (line.labels, line.outcome) == (("Ben’s iPhone 16",), "closed")
    told = [moment.sentence for moment in incidents_api.timeline(case)]
    assert "An officer said whose phone it is: Ben’s iPhone 16" in told


def test_an_earlier_report_of_the_phone_counts_as_its_discovery(
    practice: PracticeRecord, phone: UUID, owner: Member, clinician: Member
) -> None:
    response_api.report_found(practice_id=practice.id, said="Ben Sample", callback="", network="c" * 64)
    earlier = LossReport.objects.get().reported_at
    case_ref = lose(practice, "Ben Sampel")
    drain()
    assert incidents_api.get_case(case_ref=case_ref).discovered_at > earlier
    response_api.identify_loss(case_ref=case_ref, by_member_id=owner.id, member_id=clinician.id)
    drain()
    case = incidents_api.get_case(case_ref=case_ref)
    assert case.discovered_at == earlier
    assert case.discovered_why.startswith("an earlier report of this phone")


def test_the_same_answer_twice_is_one_and_another_is_refused(
    practice: PracticeRecord, clinic: Clinic, unknown: str, phone: UUID, owner: Member, clinician: Member
) -> None:
    other = practice_api.add_member(practice_id=practice.id, full_name="Pat One", by="system:test")
    clinic.phone("Pat’s iPhone", member=other)
    for _ in range(3):
        response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=clinician.id)
    drain()
    assert len(bodies(practice, unknown, "response.loss_identified")) == 1
    assert len(bodies(practice, unknown, "access.hold_placed")) == 1
    with pytest.raises(ResponseError, match="settled already"):
        response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=other.id)
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}


def test_all_of_it_commits_together_or_not_at_all(
    practice: PracticeRecord, unknown: str, owner: Member, clinician: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(steps, "contain_now", fail)
        with pytest.raises(RuntimeError):
            response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=clinician.id)
    assert outcome(unknown) == "paged_only"
    assert access_api.held_devices(practice_id=practice.id) == {}
    assert "response.loss_identified" not in kinds(practice, unknown)
    response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=clinician.id)
    assert outcome(unknown) == "closed"


def test_a_tablet_is_closed_alone(
    practice: PracticeRecord, clinic: Clinic, unknown: str, phone: UUID, owner: Member
) -> None:
    tablet = clinic.phone("Rounds iPad 1", kind="ipad")
    with pytest.raises(ResponseError):
        response_api.identify_loss(case_ref=unknown, by_member_id=owner.id)
    response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, device_id=tablet)
    response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, device_id=tablet)
    assert set(access_api.held_devices(practice_id=practice.id)) == {tablet}


def test_a_reversal_lifts_it_again_and_a_reversed_report_is_not_identified(
    practice: PracticeRecord, unknown: str, owner: Member, clinician: Member
) -> None:
    response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=clinician.id)
    reverse(unknown, owner)
    assert access_api.held_devices(practice_id=practice.id) == {}
    with pytest.raises(NoSuchReport):
        response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=clinician.id)


def test_doors_that_were_called_shut_before_are_asked_about_again(
    practice: PracticeRecord, unknown: str, owner: Member, clinician: Member
) -> None:
    response_api.finish_step(
        case_ref=unknown, step="doors", receipt="Nothing to shut.", by_member_id=owner.id
    )
    response_api.identify_loss(case_ref=unknown, by_member_id=owner.id, member_id=clinician.id)
    assert step(practice, unknown, "doors").state == "needs_person"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Ben Sampel", ["Ben Sample"]), ("ben", ["Ben Sample"]), ("Sample", ["Ben Sample"]),
        ("BEN@example.org ", ["Ben Sample"]), ("rounds ipad", ["Rounds iPad 1"]), ("Zoe Quartz", []),
    ],
)  # fmt: skip
def test_whom_a_report_may_mean_is_shown_by_likeness(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, said: str, found: list[str]
) -> None:
    clinic.phone("Rounds iPad 1", kind="ipad")
    case_ref = lose(practice, "Quite somebody else")
    assert response_api.candidates(practice_id=practice.id, case_ref=case_ref) == ()
    near = response_api.candidates(practice_id=practice.id, case_ref=case_ref, search=said)
    assert [item.name for item in near] == found


def test_several_of_a_name_are_all_shown_and_one_is_picked(
    practice: PracticeRecord, clinic: Clinic, owner: Member
) -> None:
    twins = []
    for address in ("one@example.org", "two@example.org"):
        person = practice_api.add_member(
            practice_id=practice.id, full_name="Pat Twice", email=address, by="system:test"
        )
        clinic.phone(f"{address} iPhone", member=person)
        twins.append(person)
    case_ref = lose(practice, "Pat Twice")
    near = response_api.candidates(practice_id=practice.id, case_ref=case_ref)
    assert {item.member_id for item in near} == {person.id for person in twins}
    assert {item.likeness for item in near} == {1.0}
    response_api.identify_loss(case_ref=case_ref, by_member_id=owner.id, member_id=twins[1].id)
    (held,) = access_api.held_devices(practice_id=practice.id)
    assert fleet_api.get_device(device_id=held).member_id == twins[1].id


ROLES = practice_api.ROLES


@pytest.mark.parametrize("role", ROLES)
def test_only_officers_identify_confirm_and_reverse(
    practice: PracticeRecord, unknown: str, phone: UUID, clinician: Member, owner: Member, role: str
) -> None:
    person = person_with(practice, owner, role)
    waiting = lose(practice, "Ben Sample", network="b" * 64)
    acts = (
        lambda: response_api.confirm_loss(case_ref=waiting, by_member_id=person.id),
        lambda: reverse(waiting, person),
        lambda: response_api.identify_loss(
            case_ref=unknown, by_member_id=person.id, member_id=clinician.id
        ),
        lambda: response_api.no_replacement(
            practice_id=practice.id, case_ref=unknown, by_member_id=person.id
        ),
        lambda: response_api.answer_alert(practice_id=practice.id, case_ref=waiting, by_member_id=person.id),
    )  # fmt: skip
    for act in acts:
        if role in practice_api.OFFICERS:
            act()
            continue
        with pytest.raises(NotAllowed):
            act()
    if role not in practice_api.OFFICERS:
        assert set(access_api.held_devices(practice_id=practice.id)) == {phone}
        assert response_api.get_report(case_ref=waiting).confirmed_at is None


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_outsiders_vouch_for_nobody(practice: PracticeRecord, owner: Member, role: str) -> None:
    person = person_with(practice, owner, role)
    if role in ("auditor", "service_technician"):
        with pytest.raises(NotAllowed):
            response_api.make_colleague_code(
                practice_id=practice.id, by_member_id=person.id, strength="passkey"
            )
        return
    made = response_api.make_colleague_code(
        practice_id=practice.id, by_member_id=person.id, strength="passkey"
    )
    assert len(made.code) == 8


def test_whoever_left_does_nothing_any_more_and_the_person_confirms_their_own(
    practice: PracticeRecord, unknown: str, phone: UUID, clinician: Member, second: Member
) -> None:
    waiting = lose(practice, "Ben Sample", network="b" * 64)
    practice_api.mark_left(member_id=second.id, by="system:test")
    with pytest.raises(NotAllowed):
        response_api.confirm_loss(case_ref=waiting, by_member_id=second.id)
    response_api.confirm_loss(case_ref=waiting, by_member_id=clinician.id)
    assert response_api.get_report(case_ref=waiting).confirmed_at is not None


# --- somebody who left ---------------------------------------------------------------------------


def status(practice: PracticeRecord, device_id: UUID) -> tuple[str, str]:
    """The word and the reason of a phone on the list."""
    overview_api.catch_up(practice_id=practice.id)
    (line,) = overview_api.phones_by_id(practice_id=practice.id, device_ids=(device_id,))
    return line.standing.status_at(clock.now()), line.standing.reason_at(clock.now())


def test_a_leavers_phone_is_never_protected_and_opens_nothing(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, clinician: Member
) -> None:
    clinic.report(phone, os_version="26.6.1", build_version="23G83")
    drain()
    assert status(practice, phone) == ("ok", "")
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    drain()
    assert status(practice, phone) == ("closed", "person_left")
    row = SnapshotRow.objects.get(kind="person", key=str(clinician.id))
    assert b'"active":true' not in bytes(row.body)
    other = practice_api.add_member(practice_id=practice.id, full_name="Pat One", by="system:test")
    fleet_api.assign_device(device_id=phone, member_id=other.id, by="system:test")
    drain()
    assert status(practice, phone) == ("ok", "")


def test_a_report_for_somebody_who_left_closes_the_phone_that_is_still_here(
    practice: PracticeRecord, phone: UUID, clinician: Member
) -> None:
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    case_ref = lose(practice, "Ben Sample")
    assert outcome(case_ref) == "closed"
    assert set(access_api.held_devices(practice_id=practice.id)) == {phone}


def test_whoever_left_without_a_phone_is_in_nobodys_way(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, clinician: Member, owner: Member
) -> None:
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    fleet_api.remove_device(device_id=phone, by_member_id=owner.id)
    assert outcome(lose(practice, "Ben Sample")) == "paged_only"
    namesake = practice_api.add_member(practice_id=practice.id, full_name="Ben Sample", by="system:test")
    own = clinic.phone("Ben’s new iPhone", member=namesake)
    assert outcome(lose(practice, "Ben Sample")) == "closed"
    assert set(access_api.held_devices(practice_id=practice.id)) == {own}


def test_a_leaver_and_a_namesake_with_phones_are_two(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, clinician: Member
) -> None:
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    namesake = practice_api.add_member(practice_id=practice.id, full_name="Ben Sample", by="system:test")
    clinic.phone("Ben’s new iPhone", member=namesake)
    case_ref = lose(practice, "Ben Sample")
    assert outcome(case_ref) == "paged_only"
    near = response_api.candidates(practice_id=practice.id, case_ref=case_ref)
    assert {(item.member_id, item.has_left) for item in near} == {(clinician.id, True), (namesake.id, False)}
