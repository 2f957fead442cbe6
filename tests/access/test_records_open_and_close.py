"""From a phone's report to the gate's answer, with the shipped parts in between."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from pocketward.access import api as access
from pocketward.fleet import api as fleet
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from tests.access.clinic import Answer, Door, Phone, later, sign_in


def kinds(practice: PracticeRecord) -> list[str]:
    """The kinds of access's events, oldest first."""
    found = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    return [kind for kind in found if kind.startswith("access.")]


def test_a_healthy_phone_opens_notes_and_the_next_request_after_a_failed_check_is_refused(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    phone.report(passcode_present=False)
    assert door.ask(phone, token).status == 403
    phone.report()
    assert door.ask(phone, token).status == 204
    assert "access.records_closed" in kinds(practice)


def test_without_a_session_a_healthy_phone_is_asked_to_sign_in(
    clinician: Member, phone: Phone, door: Door, ehr: UUID
) -> None:
    answer = door.ask(phone)
    assert answer.status == 401
    assert answer.headers["pocketward-location"].startswith(f"http://localhost:8000/open/{ehr}?")


def test_a_client_we_do_not_know_is_refused_until_it_enrolls(
    clinician: Member, phone: Phone, door: Door, ehr: UUID
) -> None:
    token = sign_in(clinician, ehr, None)
    assert door.ask(None, token).status == 403
    assert door.ask(phone, token).status == 204


def hold_and_lift(practice: PracticeRecord, phone: Phone, case_ref: str = "case_1") -> None:
    access.place_hold(
        practice_id=practice.id, device_ids=(phone.device_id,), case_ref=case_ref, by="system:test",
        reason="reported lost",
    )  # fmt: skip
    access.lift_hold(practice_id=practice.id, case_ref=case_ref, by="system:test")


def why(door: Door, answer: Answer) -> list[tuple[str, str]]:
    """The codes and causes that the refused person reads."""
    door.hand_over()
    said = access.explain_decision(decision_id=answer.decision_id, audience="person")
    return [(step.code, step.remedy) for step in said.steps]


def test_a_hold_closes_at_once_and_lifting_it_opens_only_when_the_phone_has_answered_afresh(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.tell()
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    access.place_hold(
        practice_id=practice.id, device_ids=(phone.device_id,), case_ref="case_1", by="system:test",
        reason="reported lost",
    )  # fmt: skip
    assert door.ask(phone, token).status == 403
    access.lift_hold(practice_id=practice.id, case_ref="case_1", by="system:test")
    refused = door.ask(phone, token)
    assert refused.status == 403
    ((code, remedy),) = why(door, refused)
    assert code == "must_report"
    assert remedy.startswith("Connect to Wi-Fi and keep the phone unlocked")
    phone.tell("DeviceInformation")
    assert door.ask(phone, token).status == 403
    # The same words as before, a moment later: they count because they are said again.
    phone.tell("SecurityInfo")
    assert door.ask(phone, token).status == 204
    assert kinds(practice)[-2:] == ["access.hold_lifted", "access.records_opened"]


def test_a_phone_that_comes_back_worse_stays_shut_until_it_is_mended(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.tell()
    hold_and_lift(practice, phone)
    phone.tell(passcode_present=False)
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 403
    phone.tell("SecurityInfo")
    assert door.ask(phone, token).status == 204


def test_what_a_phone_told_under_an_earlier_hold_does_not_answer_for_the_next(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.tell()
    hold_and_lift(practice, phone)
    phone.tell()
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    hold_and_lift(practice, phone, "case_2")
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 403
    phone.tell()
    assert door.ask(phone, token).status == 204


def test_a_policy_judged_again_opens_nothing_on_a_phone_that_has_not_answered(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.tell(passcode_present=False)
    hold_and_lift(practice, phone)
    phone.report()
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 403


def test_a_silent_phone_is_refused_after_the_limit(
    clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    with later(days=10):
        token = sign_in(clinician, ehr, phone)
        answer = door.ask(phone, token)
        door.hand_over()
        assert answer.status == 403
        said = access.explain_decision(decision_id=answer.decision_id, audience="person")
    assert said.steps[0].cause.startswith("We have not heard from this phone since")


def test_a_role_that_ends_closes_the_open_session(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    practice_api.end_role(member_id=clinician.id, role="clinician", by="system:test")
    assert door.ask(phone, token).status == 403


def test_a_scheduler_opens_the_calendar_and_not_the_notes(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    practice_api.end_role(member_id=clinician.id, role="clinician", by="system:test")
    practice_api.give_role(member_id=clinician.id, role="scheduler", by="system:test")
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token, "/calendar").status == 204
    assert door.ask(phone, token, "/notes/1").status == 403


def test_a_session_keeps_its_place_when_a_demo_moves_its_clock(
    clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    with later(days=3):
        phone.report()
        token = sign_in(clinician, ehr, phone)
        assert door.ask(phone, token).status == 204


def test_sessions_that_end_are_over_at_the_next_request(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    ended = access.end_gate_sessions(
        practice_id=practice.id, by="system:test", reason="lost", device_ids=(phone.device_id,)
    )
    assert ended == 1
    assert door.ask(phone, token).status == 401


def test_an_unenrolled_client_opens_only_from_the_named_network_with_a_passkey(
    practice: PracticeRecord, clinician: Member, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, None)
    assert door.ask(None, token).status == 403
    access.name_network(
        practice_id=practice.id, zone="clinic-wifi", cidrs=("192.0.2.0/28",), by="system:test"
    )
    assert door.ask(None, token).status == 403
    access.give_permit(
        app_id=ehr, network="clinic-wifi", reason="front desk computer", by="system:test",
        expires_at=clock.now() + timedelta(days=30),
    )  # fmt: skip
    opened = door.ask(None, token)
    assert opened.status == 204
    assert opened.headers["pocketward-client"] == "not-checked"
    assert door.ask(None, token, x_forwarded_for="198.51.100.1").status == 403
    weak = sign_in(clinician, ehr, None, strength="totp")
    assert door.ask(None, weak).status == 401
    access.name_network(practice_id=practice.id, zone="clinic-wifi", cidrs=(), by="system:test")
    assert door.ask(None, token).status == 403


def test_a_phone_taken_off_the_list_opens_nothing_until_it_is_back_with_a_new_key_and_has_answered(
    practice: PracticeRecord, clinician: Member, owner: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.tell()
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 204
    fleet.remove_device(device_id=phone.device_id, by_member_id=owner.id)
    assert door.ask(phone, token).status == 403
    fleet.restore_device(device_id=phone.device_id, by_member_id=owner.id)
    phone.tell()
    assert door.ask(phone, token).status == 403
    phone.header = phone.new_identity()
    assert door.ask(phone, sign_in(clinician, ehr, phone)).status == 204
