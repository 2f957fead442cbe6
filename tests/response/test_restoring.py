"""Who may open records again, clause by clause; what a reversal leaves and what it calls off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from pocketward.access import api as access_api
from pocketward.access.models import SnapshotRow
from pocketward.fleet import api as fleet_api
from pocketward.fleet import joining, queue, state
from pocketward.gate.records import DeviceFacts
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response.api import PersonalProof
from pocketward.response.errors import RestoreRefused, ReversalRefused
from tests.response.conftest import answer, bodies, command, confirm, drain, later, reverse, step
from tests.web.clinic import Clinic

HOME = "h" * 64
PATCHED = {"os_version": "26.6.1", "build_version": "23G83"}


def sound(**changed: object) -> PersonalProof:
    """A passkey of one device, registered long ago, used from home."""
    proof = PersonalProof(
        account_id=None, passkey_is_synced=False, passkey_registered_at=clock.now() - timedelta(days=9),
        network=HOME,
    )  # fmt: skip
    return replace(proof, **changed)  # type: ignore[arg-type]


def restore(case_ref: str, person: Member, proof: PersonalProof) -> str:
    """Why it was refused; empty when records are restored."""
    try:
        response_api.restore_by_person(case_ref=case_ref, by_member_id=person.id, proof=proof)
    except RestoreRefused as refused:
        return refused.why
    return ""


def is_held(practice: PracticeRecord, device_id: UUID) -> bool:
    return device_id in access_api.held_devices(practice_id=practice.id)


def test_the_person_restores_with_a_passkey_that_cannot_be_copied(
    practice: PracticeRecord, case: str, phone: UUID, clinician: Member
) -> None:
    assert restore(case, clinician, sound()) == ""
    assert not is_held(practice, phone)
    (reversed_,) = bodies(practice, case, "response.loss_reversed")
    assert reversed_["how"] == "person"


def test_never_with_a_passkey_registered_after_the_report_nor_without_any(
    practice: PracticeRecord, case: str, phone: UUID, clinician: Member
) -> None:
    after: datetime = clock.now() + timedelta(seconds=1)
    assert restore(case, clinician, sound(passkey_registered_at=after)) == "weak_proof"
    assert restore(case, clinician, sound(passkey_registered_at=None)) == "weak_proof"
    assert is_held(practice, phone)
    assert [event["why"] for event in bodies(practice, case, "response.restore_denied")] == ["weak_proof"] * 2


def test_a_synced_passkey_needs_a_colleagues_code_too(
    practice: PracticeRecord, case: str, clinician: Member, second: Member
) -> None:
    synced = sound(passkey_is_synced=True)
    assert restore(case, clinician, synced) == "weak_proof"
    own = response_api.make_colleague_code(
        practice_id=practice.id, by_member_id=clinician.id, strength="passkey"
    )
    assert restore(case, clinician, replace(synced, code=own.code)) == "weak_proof"
    made = response_api.make_colleague_code(
        practice_id=practice.id, by_member_id=second.id, strength="passkey"
    )
    assert restore(case, clinician, replace(synced, code=made.code)) == ""


def test_a_code_is_not_spent_by_a_restore_that_is_refused_for_another_reason(
    practice: PracticeRecord, case: str, phone: UUID, clinician: Member, second: Member
) -> None:
    made = response_api.make_colleague_code(
        practice_id=practice.id, by_member_id=second.id, strength="passkey"
    )
    synced = sound(passkey_is_synced=True, code=made.code)
    assert restore(case, clinician, replace(synced, device_ids=frozenset({phone}))) == "reported_phone"
    assert restore(case, clinician, synced) == ""


def test_codes_cannot_be_guessed(case: str, clinician: Member) -> None:
    for at in range(5):
        assert restore(case, clinician, sound(passkey_is_synced=True, code=f"0000000{at}")) == "weak_proof"
    assert restore(case, clinician, sound(passkey_is_synced=True, code="00000009")) == "too_soon"


def test_never_from_a_session_that_lives_on_the_reported_phone(
    practice: PracticeRecord, case: str, phone: UUID, clinician: Member
) -> None:
    assert restore(case, clinician, sound(device_ids=frozenset({phone}))) == "reported_phone"
    assert is_held(practice, phone)


def test_never_from_the_network_of_the_reported_phone(
    practice: PracticeRecord, case: str, phone: UUID, clinician: Member
) -> None:
    state.note_heard(device_id=phone, network=HOME[:16])
    assert restore(case, clinician, sound()) == "reported_phone"
    assert restore(case, clinician, sound(network="e" * 64)) == ""


@pytest.mark.parametrize("who", ["owner", "clinician"])
def test_never_after_an_officer_or_a_signed_in_person_confirmed(
    case: str, owner: Member, clinician: Member, who: str
) -> None:
    by = owner if who == "owner" else clinician
    response_api.confirm_loss(case_ref=case, by_member_id=by.id)
    assert restore(case, clinician, sound()) == "confirmed"


def test_never_after_a_signed_in_person_reported_it(
    practice: PracticeRecord, phone: UUID, clinician: Member
) -> None:
    case_ref = response_api.report_device(
        device_id=phone, when_seen="now", callback="", network=HOME, by_member_id=clinician.id
    )
    assert restore(case_ref, clinician, sound()) == "confirmed"


def test_once_in_24_hours(
    practice: PracticeRecord, clinic: Clinic, case: str, phone: UUID, clinician: Member
) -> None:
    assert restore(case, clinician, sound()) == ""
    again = clinic.lose("Ben Sample")
    assert restore(again, clinician, sound()) == "too_soon"
    assert is_held(practice, phone)
    with later(hours=25):
        assert restore(again, clinician, sound()) == ""


def test_nobody_restores_the_phone_of_another(case: str, second: Member) -> None:
    assert restore(case, second, sound()) == "not_yours"


def test_an_officer_restores_whatever_was_confirmed(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member
) -> None:
    response_api.confirm_loss(case_ref=case, by_member_id=owner.id)
    reverse(case, owner)
    assert not is_held(practice, phone)


@pytest.fixture
def owners_case(practice: PracticeRecord, clinic: Clinic, owner: Member) -> tuple[str, UUID]:
    """The owner's own phone is reported lost."""
    phone = clinic.phone("Dana’s iPhone 16", member=owner)
    clinic.report(phone)
    case_ref = clinic.lose("Dana Example")
    drain()
    return case_ref, phone


def refused_to(case_ref: str, officer: Member, network: str = "e" * 64, here: tuple[UUID, ...] = ()) -> str:
    """Why an officer may not reverse; fails when they may."""
    with pytest.raises(ReversalRefused) as refused:
        response_api.reverse(
            case_ref=case_ref, by_member_id=officer.id, network=network, session_device_ids=frozenset(here)
        )
    return refused.value.why


def test_an_officer_does_not_reverse_the_report_of_their_own_phone_by_their_role(
    practice: PracticeRecord, owners_case: tuple[str, UUID], owner: Member, second: Member
) -> None:
    case_ref, phone = owners_case
    confirm(case_ref, second)
    assert refused_to(case_ref, owner) == "own_phone"
    assert is_held(practice, phone)
    assert [event["why"] for event in bodies(practice, case_ref, "response.restore_denied")] == ["own_phone"]
    assert restore(case_ref, owner, sound()) == "confirmed"
    reverse(case_ref, second)
    assert not is_held(practice, phone)


def test_a_phone_given_to_an_officer_after_its_report_counts_as_theirs(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    fleet_api.assign_device(device_id=phone, member_id=owner.id, by="system:test")
    assert refused_to(case, owner) == "own_phone"
    reverse(case, second)


def test_no_officer_reverses_from_the_reported_phone_or_its_network(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member
) -> None:
    state.note_heard(device_id=phone, network=HOME[:16])
    assert refused_to(case, owner, network=HOME) == "reported_phone"
    assert refused_to(case, owner, here=(phone,)) == "reported_phone"
    assert is_held(practice, phone)
    denied = bodies(practice, case, "response.restore_denied")
    assert [event["why"] for event in denied] == ["reported_phone"] * 2
    reverse(case, owner)
    assert not is_held(practice, phone)


def test_the_only_officer_restores_their_own_phone_with_a_sound_proof_even_once_confirmed(
    practice: PracticeRecord, owners_case: tuple[str, UUID], owner: Member, second: Member
) -> None:
    case_ref, phone = owners_case
    confirm(case_ref, owner)
    practice_api.end_role(member_id=second.id, role="it_lead", by="system:test")
    # Taking the other officer's role away makes nobody the only officer at once.
    assert restore(case_ref, owner, sound()) == "confirmed"
    with later(hours=25):
        assert refused_to(case_ref, owner) == "own_phone_alone"
        weak = sound(passkey_is_synced=True)
        assert restore(case_ref, owner, weak) == "weak_proof"
        assert restore(case_ref, owner, sound(passkey_registered_at=None)) == "weak_proof"
        assert restore(case_ref, owner, sound(device_ids=frozenset({phone}))) == "reported_phone"
        assert is_held(practice, phone)
        assert restore(case_ref, owner, sound()) == ""
        assert not is_held(practice, phone)


def test_it_lifts_only_that_reports_hold(
    practice: PracticeRecord, clinic: Clinic, case: str, phone: UUID, owner: Member
) -> None:
    other = clinic.lose("Ben Sample")
    reverse(case, owner)
    assert is_held(practice, phone)
    assert fleet_api.get_device(device_id=phone).lost_case_ref == other
    reverse(other, owner)
    assert not is_held(practice, phone)
    assert fleet_api.get_device(device_id=phone).lost_case_ref == ""


def test_the_phone_is_asked_afresh_and_records_stay_shut_until_it_has_answered(
    practice: PracticeRecord, clinic: Clinic, case: str, phone: UUID, owner: Member
) -> None:
    reverse(case, owner)
    asked = {item.request_type for item in fleet_api.commands(device_id=phone) if item.state == "queued"}
    assert {"DeviceInformation", "SecurityInfo"} <= asked
    drain()
    assert published(phone).must_report_since > 0
    clinic.report(phone, **PATCHED)
    assert published(phone).must_report_since == 0
    assert fleet_api.get_device(device_id=phone).must_report_since is None


def test_what_the_phone_said_before_the_reversal_answers_nothing(
    practice: PracticeRecord, clinic: Clinic, case: str, phone: UUID, owner: Member
) -> None:
    clinic.report(phone, **PATCHED)
    reverse(case, owner)
    clinic.report(phone, **PATCHED, passcode_present=False)
    shut = published(phone)
    assert (shut.posture, shut.must_report_since > 0) == ("not-compliant", True)
    clinic.report(phone, **PATCHED)
    assert published(phone).must_report_since == 0


def published(phone: UUID) -> DeviceFacts:
    """What the gates decide from."""
    return msgspec.json.decode(
        bytes(SnapshotRow.objects.get(kind="device", key=str(phone)).body), type=DeviceFacts
    )


def test_the_report_of_a_phone_that_left_management_is_reversed_too(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member
) -> None:
    enrollment_id = fleet_api.get_device(device_id=phone).enrollment_id
    assert enrollment_id is not None
    joining.check_out(enrollment_id=enrollment_id)
    reverse(case, owner)
    assert response_api.get_report(case_ref=case).restored_at is not None
    assert access_api.held_devices(practice_id=practice.id) == {}


def test_a_reversed_report_calls_off_everything_that_no_phone_has_fetched(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    confirm(case, second)
    erase = response_api.order_erase(
        case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey"
    )
    response_api.approve_erase(case_ref=case, command_id=erase, by_member_id=second.id, strength="passkey")
    reverse(case, owner)
    assert fleet_api.get_command(command_id=erase).state == "cancelled"
    assert command(phone, "EnableLostMode").state == "cancelled"
    assert response_api.lost_mode_left(case_ref=case) == ()
    with later(hours=2):
        waiting = [c for c in fleet_api.commands(device_id=phone, case_ref=case) if c.state == "queued"]
    assert waiting == []


def test_lost_mode_that_is_on_ends_only_with_a_second_officers_yes(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    confirm(case, second)
    answer(phone, "EnableLostMode")
    reverse(case, owner)
    assert response_api.lost_mode_left(case_ref=case) == (phone,)
    asked = response_api.end_lost_mode(case_ref=case, by_member_id=owner.id, strength="passkey")
    assert asked == 1
    ending = command(phone, "DisableLostMode")
    assert ending.state == "requested"
    response_api.approve_erase(
        case_ref=case, command_id=ending.id, by_member_id=second.id, strength="passkey"
    )
    drain()
    # The case is not open any more: the full cooling-off time counts.
    with later(minutes=11):
        answer(phone, "DisableLostMode")
    assert command(phone, "DisableLostMode").state in ("acknowledged", "corroborated")


@pytest.mark.parametrize("said", ["NotNow", "nothing"])
def test_a_lock_the_phone_has_put_off_does_not_reach_it_once_it_is_found(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member, said: str
) -> None:
    confirm(case, second)
    lock = command(phone, "EnableLostMode")
    handed = queue.next_command(enrollment_id=lock.enrollment_id, idle=True)
    assert handed is not None
    assert handed.id == lock.id
    if said == "NotNow":
        queue.park_command(command_id=lock.id, enrollment_id=lock.enrollment_id)
    reverse(case, owner)
    drain()
    assert fleet_api.get_command(command_id=lock.id).state == "cancelled"
    while (handed := queue.next_command(enrollment_id=lock.enrollment_id, idle=False)) is not None:
        assert handed.request_type in ("DeviceInformation", "SecurityInfo", "InstallProfile")
        queue.finish_command(command_id=handed.id, enrollment_id=lock.enrollment_id)
    # What it had fetched it may have done: its end is on offer, until the phone says that it is not on.
    assert response_api.lost_mode_left(case_ref=case) == (phone,)
    with later(minutes=1) as moment:
        told = state.facts_from({"lost_mode_enabled": False}, source="DeviceInformation", at=moment)
        state.save_state(enrollment_id=lock.enrollment_id, facts=told, message_digest="00" * 32)
        assert response_api.lost_mode_left(case_ref=case) == ()


@pytest.mark.parametrize("said", ["NotNow", "nothing", "an error"])
def test_an_erase_the_phone_has_fetched_is_never_handed_out_again_after_a_reversal(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member, said: str
) -> None:
    confirm(case, second)
    answer(phone, "EnableLostMode")
    erase = response_api.order_erase(
        case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey"
    )
    response_api.approve_erase(case_ref=case, command_id=erase, by_member_id=second.id, strength="passkey")
    with later(minutes=2):
        if said == "an error":
            answer(phone, "EraseDevice", error="12021: no")
        else:
            enrollment = fleet_api.get_command(command_id=erase).enrollment_id
            handed = queue.next_command(enrollment_id=enrollment, idle=True)
            assert handed is not None
            assert handed.id == erase
            if said == "NotNow":
                queue.park_command(command_id=erase, enrollment_id=enrollment)
        reverse(case, owner)
        may_happen = "may still carry it out" in step(practice, case, "erase").receipt
        assert may_happen == (said != "an error")
        assert fleet_api.erase_intents(device_id=phone)[0].state == "called_off"
        handed = queue.next_command(
            enrollment_id=fleet_api.get_command(command_id=erase).enrollment_id, idle=True
        )
        assert handed is None or handed.request_type != "EraseDevice"
