"""Taking a report: who it fits, what closes at once, what waits, and that all of it commits together."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.pki import api as pki_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import alerts
from pocketward.response import api as response_api
from pocketward.response.errors import NoSuchReport, NotAllowed, ResponseError
from pocketward.response.models import FrozenFacts, LossReport
from tests.fleet.apple.identities import issue
from tests.response.conftest import bodies, drain, kinds, later, person_with, reverse, step
from tests.web.clinic import Clinic


def lose(practice: PracticeRecord, said: str, *, network: str = "a" * 64, code: str = "") -> str:
    return response_api.report_loss(
        practice_id=practice.id, said=said, when_seen="today", callback="555-0155", network=network,
        colleague_code=code,
    )  # fmt: skip


def outcome(case_ref: str) -> str:
    return response_api.get_report(case_ref=case_ref).outcome


@pytest.fixture
def people(clinic: Clinic, practice: PracticeRecord) -> list[str]:
    """Five people with a phone each."""
    names = [f"Pat {word}" for word in ("One", "Two", "Three", "Four", "Five")]
    for name in names:
        person = practice_api.add_member(practice_id=practice.id, full_name=name, by="system:test")
        clinic.phone(f"{name}’s iPhone", member=person)
    return names


@pytest.mark.parametrize("said", ["Ben Sample", "ben@example.org", "  BEN   sample "])
def test_a_name_or_an_address_closes_the_phones_of_exactly_that_person(
    practice: PracticeRecord, clinic: Clinic, clinician: Member, phone: UUID, said: str
) -> None:
    other = clinic.phone("Rounds iPad 1", kind="ipad")
    second_phone = clinic.phone("Ben’s old iPhone", member=clinician)
    case_ref = lose(practice, said)
    assert outcome(case_ref) == "closed"
    held = access_api.held_devices(practice_id=practice.id)
    assert set(held) == {phone, second_phone}
    assert fleet_api.get_device(device_id=phone).lost_case_ref == case_ref
    assert fleet_api.get_device(device_id=other).lost_case_ref == ""


def test_a_tablets_label_closes_that_tablet(practice: PracticeRecord, clinic: Clinic) -> None:
    tablet = clinic.phone("Rounds iPad 1", kind="ipad")
    lose(practice, "rounds ipad 1")
    assert set(access_api.held_devices(practice_id=practice.id)) == {tablet}


@pytest.mark.parametrize("said", ["Nobody Here", "Ben", "%", "Pat Twice"])
def test_no_match_or_several_closes_nothing_and_pages(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, said: str
) -> None:
    for address in ("one@example.org", "two@example.org"):
        person = practice_api.add_member(
            practice_id=practice.id, full_name="Pat Twice", email=address, by="system:test"
        )
        clinic.phone(f"{address} iPhone", member=person)
    case_ref = lose(practice, said)
    drain()
    assert outcome(case_ref) == "paged_only"
    assert access_api.held_devices(practice_id=practice.id) == {}
    assert "response.officer_alerted" in kinds(practice, case_ref)


def test_a_report_of_somebody_unknown_never_locks_locates_or_erases(
    practice: PracticeRecord, phone: UUID, owner: Member
) -> None:
    case_ref = lose(practice, "Ben Sample")
    drain()
    with later(hours=1):
        assert fleet_api.commands(device_id=phone, case_ref=case_ref) == ()
        assert step(practice, case_ref, "lock").state == "waiting"
    response_api.confirm_loss(case_ref=case_ref, by_member_id=owner.id)
    response_api.confirm_loss(case_ref=case_ref, by_member_id=owner.id)
    drain()
    (lock,) = fleet_api.commands(device_id=phone, case_ref=case_ref)
    assert lock.request_type == "EnableLostMode"


def test_a_report_of_somebody_signed_in_locks_the_phone_too(
    practice: PracticeRecord, phone: UUID, clinician: Member
) -> None:
    case_ref = response_api.report_device(
        device_id=phone, when_seen="now", callback="", network="a" * 64, by_member_id=clinician.id
    )
    assert fleet_api.commands(device_id=phone, case_ref=case_ref) == ()
    drain()
    (lock,) = fleet_api.commands(device_id=phone, case_ref=case_ref)
    assert lock.request_type == "EnableLostMode"


def test_report_hold_and_frozen_facts_commit_together_or_not_at_all(
    practice: PracticeRecord, phone: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(alerts, "raise_alert", fail)
    with pytest.raises(RuntimeError):
        lose(practice, "Ben Sample")
    assert LossReport.objects.count() == 0
    assert FrozenFacts.objects.count() == 0
    assert access_api.held_devices(practice_id=practice.id) == {}
    assert fleet_api.get_device(device_id=phone).lost_at is None


def test_what_was_known_is_frozen_and_later_facts_do_not_change_it(
    practice: PracticeRecord, clinic: Clinic, phone: UUID
) -> None:
    case_ref = lose(practice, "Ben Sample")
    clinic.report(phone, passcode_present=False)
    frozen = response_api.frozen_facts(practice_id=practice.id, case_ref=case_ref)[phone]
    state = dict(frozen["state"])  # type: ignore[call-overload]
    assert state["passcode_present"]["value"] is True
    assert frozen["sessions"] == 0


def test_the_access_certificate_is_held_and_the_management_identity_is_not(
    practice: PracticeRecord, phone: UUID
) -> None:
    enrollment_id = fleet_api.get_device(device_id=phone).enrollment_id
    assert enrollment_id is not None
    for purpose in ("management", "access"):
        issue(practice.id, enrollment_id, purpose)
    pki_api.bind_device(enrollment_id=enrollment_id, device_id=phone)
    lose(practice, "Ben Sample")
    held = {one.purpose: one.state for one in pki_api.certificates_of(device_id=phone)}
    assert held == {"management": "valid", "access": "held"}


def test_past_three_closings_an_hour_a_report_is_taken_and_waits(
    practice: PracticeRecord, people: list[str]
) -> None:
    cases = [lose(practice, name, network=f"{at}" * 64) for at, name in enumerate(people)]
    assert [outcome(item) for item in cases] == ["closed"] * 3 + ["needs_confirmation"] * 2
    drain()
    assert "response.officer_alerted" in kinds(practice, cases[-1])
    with later(minutes=61):
        assert outcome(lose(practice, "Pat Five", network="x" * 64)) == "closed"


def test_past_two_closings_of_one_network_a_report_waits_and_others_still_close(
    practice: PracticeRecord, people: list[str]
) -> None:
    cases = [lose(practice, name) for name in people[:3]]
    assert [outcome(item) for item in cases] == ["closed", "closed", "needs_confirmation"]
    assert outcome(lose(practice, people[3], network="b" * 64)) == "closed"


def test_reports_that_fit_nobody_use_up_no_limit(practice: PracticeRecord, people: list[str]) -> None:
    for at in range(6):
        lose(practice, f"Nobody {at}")
    assert outcome(lose(practice, people[0])) == "closed"


def test_one_tap_of_an_officer_closes_what_waited_and_spends_no_limit(
    practice: PracticeRecord, people: list[str], owner: Member
) -> None:
    waiting = [lose(practice, name) for name in people[:3]][-1]
    before = len(access_api.held_devices(practice_id=practice.id))
    response_api.confirm_loss(case_ref=waiting, by_member_id=owner.id)
    assert len(access_api.held_devices(practice_id=practice.id)) == before + 1
    assert outcome(waiting) == "closed"
    assert step(practice, waiting, "close_records").receipt == "Closed by an officer's tap."
    assert outcome(lose(practice, people[3], network="b" * 64)) == "closed"


def test_a_colleagues_code_closes_what_would_wait_and_is_spent(
    practice: PracticeRecord, people: list[str], clinician: Member
) -> None:
    made = response_api.make_colleague_code(
        practice_id=practice.id, by_member_id=clinician.id, strength="passkey"
    )
    for name in people[:2]:
        lose(practice, name)
    spoken = f"{made.code[:4]} {made.code[4:]}"
    case_ref = lose(practice, people[2], code=spoken)
    assert outcome(case_ref) == "closed"
    (told,) = bodies(practice, case_ref, "response.loss_reported")
    assert told["vouched_by"] == str(clinician.id)
    assert outcome(lose(practice, people[3], code=spoken)) == "needs_confirmation"


def test_a_code_is_good_for_ten_minutes_and_not_for_the_one_who_made_it(
    practice: PracticeRecord, people: list[str], phone: UUID, clinician: Member
) -> None:
    for name in people[:2]:
        lose(practice, name)
    own = response_api.make_colleague_code(
        practice_id=practice.id, by_member_id=clinician.id, strength="passkey"
    )
    assert outcome(lose(practice, "Ben Sample", code=own.code)) == "needs_confirmation"
    with later(minutes=11):
        assert outcome(lose(practice, people[2], code=own.code)) == "needs_confirmation"


def test_a_code_needs_a_passkey_and_six_an_hour_are_enough(
    practice: PracticeRecord, clinician: Member
) -> None:
    def make(strength: str) -> None:
        response_api.make_colleague_code(
            practice_id=practice.id, by_member_id=clinician.id, strength=strength
        )

    with pytest.raises(ResponseError, match="passkey"):
        make("password_totp")
    for _ in range(6):
        make("passkey")
    with pytest.raises(ResponseError, match="No more codes"):
        make("passkey")


def test_i_have_it_again_pages_and_restores_nothing(practice: PracticeRecord, case: str, phone: UUID) -> None:
    found = response_api.report_found(
        practice_id=practice.id, said="Ben Sample", callback="", network="c" * 64
    )
    drain()
    assert phone in access_api.held_devices(practice_id=practice.id)
    assert response_api.get_report(case_ref=case).restored_at is None
    assert "response.officer_alerted" in kinds(practice, found)


def test_a_loss_cannot_be_confirmed_after_it_was_reversed(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    reverse(case, owner)
    with pytest.raises(NoSuchReport):
        response_api.confirm_loss(case_ref=case, by_member_id=owner.id)
    assert access_api.held_devices(practice_id=practice.id) == {}


def test_a_door_that_is_not_ours_is_named_and_shut_only_by_a_named_person(
    practice: PracticeRecord, phone: UUID, owner: Member
) -> None:
    access_api.register_app(
        practice_id=practice.id, name="Chart app", door="proxied", hosts=("ehr.localhost",),
        paths=(("/", "notes"),), by="system:test",
    )  # fmt: skip
    access_api.register_app(practice_id=practice.id, name="Mail", door="suite", by="system:test")
    case_ref = lose(practice, "Ben Sample")
    doors = {item.app_name: item for item in response_api.doors(practice_id=practice.id, case_ref=case_ref)}
    assert doors["Chart app"].is_closed
    assert doors["Chart app"].milliseconds is not None
    assert not doors["Mail"].is_closed
    assert doors["Mail"].sentence
    response_api.tick_door(
        practice_id=practice.id, case_ref=case_ref, app_id=doors["Mail"].app_id, by_member_id=owner.id
    )
    shut = {item.app_name: item for item in response_api.doors(practice_id=practice.id, case_ref=case_ref)}
    assert (shut["Mail"].is_closed, shut["Mail"].by) == (True, f"member:{owner.id}")


@pytest.mark.parametrize("role", [*practice_api.ROLES, ""])
def test_only_officers_tick_doors_and_end_steps(
    practice: PracticeRecord, phone: UUID, owner: Member, role: str
) -> None:
    access_api.register_app(practice_id=practice.id, name="Mail", door="suite", by="system:test")
    person, case_ref = person_with(practice, owner, role), lose(practice, "Ben Sample")
    (door,) = response_api.doors(practice_id=practice.id, case_ref=case_ref)
    acts: tuple[Callable[[], object], ...] = (
        lambda: response_api.tick_door(
            practice_id=practice.id, case_ref=case_ref, app_id=door.app_id, by_member_id=person.id
        ),
        lambda: response_api.finish_doors(
            practice_id=practice.id, case_ref=case_ref, receipt="Shut.", by_member_id=person.id
        ),
        lambda: response_api.finish_step(
            case_ref=case_ref, step="decide", receipt="Decided.", by_member_id=person.id
        ),
    )
    for act in acts:
        if role in practice_api.OFFICERS:
            act()
            continue
        with pytest.raises(NotAllowed):
            act()
    is_officer = role in practice_api.OFFICERS
    (door,) = response_api.doors(practice_id=practice.id, case_ref=case_ref)
    states = {step(practice, case_ref, name).state for name in ("doors", "decide")}
    assert (door.is_closed, states) == (is_officer, {"done"} if is_officer else {"needs_person"})


def test_the_step_of_the_doors_does_not_end_while_one_is_open(
    practice: PracticeRecord, phone: UUID, owner: Member
) -> None:
    access_api.register_app(practice_id=practice.id, name="Mail", door="suite", by="system:test")
    case_ref = lose(practice, "Ben Sample")
    assert not response_api.finish_doors(
        practice_id=practice.id, case_ref=case_ref, receipt="Shut.", by_member_id=owner.id
    )
    assert step(practice, case_ref, "doors").state == "needs_person"


def test_confirming_twice_keeps_who_was_first_and_when(
    practice: PracticeRecord, phone: UUID, owner: Member, second: Member
) -> None:
    case_ref = lose(practice, "Ben Sample")
    response_api.confirm_loss(case_ref=case_ref, by_member_id=second.id)
    first = LossReport.objects.get(case_ref=case_ref)
    with later(hours=3):
        response_api.confirm_loss(case_ref=case_ref, by_member_id=owner.id)
    again = LossReport.objects.get(case_ref=case_ref)
    assert (again.confirmed_by, again.confirmed_at) == (f"member:{second.id}", first.confirmed_at)
    assert len(bodies(practice, case_ref, "response.loss_confirmed")) == 1


def test_a_code_vouches_below_the_limit_too_and_the_phone_is_locked(
    practice: PracticeRecord, phone: UUID, owner: Member
) -> None:
    made = response_api.make_colleague_code(
        practice_id=practice.id, by_member_id=owner.id, strength="passkey"
    )
    case_ref = lose(practice, "Ben Sample", code=made.code)
    drain()
    assert outcome(case_ref) == "closed"
    (told,) = bodies(practice, case_ref, "response.loss_reported")
    assert told["vouched_by"] == str(owner.id)
    sent = [item.request_type for item in fleet_api.commands(device_id=phone, case_ref=case_ref)]
    assert "EnableLostMode" in sent
