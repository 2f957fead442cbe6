"""Chased until proven: 1, 5, 30 minutes, hourly for 3 days, daily to day 30, each try in the timeline."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail

from pocketward.fleet import api as fleet_api
from pocketward.fleet import erase_ladder, joining, push, queue
from pocketward.fleet.models import Command
from pocketward.fleet.models.commands import OPEN
from pocketward.kernel import clock, crypto
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response import chasing
from pocketward.response.errors import NotAllowed, ResponseError, TooEarly
from tests.factories.push_service import Service
from tests.fleet.apple.push_certificates import upload
from tests.response.conftest import answer, bodies, command, confirm, drain, later, step
from tests.web.clinic import Clinic

CLINIC_TOPIC = "com.apple.mgmt.External.test"


@pytest.fixture
def case(case: str, second: Member) -> str:
    """The case, once an officer has confirmed it: the lock is ordered."""
    confirm(case, second)
    return case


def tries(practice: PracticeRecord, case_ref: str) -> list[int]:
    return [int(str(event["attempt"])) for event in bodies(practice, case_ref, "response.pushed_again")]


def test_the_tries_are_those_that_were_promised() -> None:
    hours = [minutes / 60 for minutes in chasing.MINUTES]
    assert chasing.MINUTES[:3] == (1, 5, 30)
    assert hours[3:75] == list(range(1, 73))
    assert [hour / 24 for hour in hours[75:]] == list(range(4, 31))


def test_a_phone_that_does_not_answer_is_pushed_again_at_each_moment(
    practice: PracticeRecord, case: str
) -> None:
    start, made = clock.now(), []
    for minutes in (0.9, 1.1, 5.1, 30.1, 60.1, 119, 120.1):
        with clock.frozen(start + timedelta(minutes=minutes)):
            drain()
        made.append(tries(practice, case))
    assert made == [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4, 5]]


def test_tries_that_nobody_could_make_are_not_made_up_for_in_a_burst(
    practice: PracticeRecord, case: str
) -> None:
    with later(hours=10, minutes=1):
        pass
    with later(hours=11, minutes=1):
        pass
    # Of the thirteen moments that passed one push is made, and the second counts as the second.
    assert tries(practice, case) == [1, 2]


def test_the_last_try_is_on_day_30_and_then_it_stops(practice: PracticeRecord, case: str) -> None:
    for days in (1, 2, 3, 4, 29, 30, 31):
        with later(days=days, minutes=1):
            pass
    assert tries(practice, case) == [1, 2, 3, 4, 5, 6]
    with later(days=60):
        pass
    assert tries(practice, case) == [1, 2, 3, 4, 5, 6]


def test_an_answer_ends_the_chase(practice: PracticeRecord, case: str, phone: UUID) -> None:
    answer(phone, "EnableLostMode")
    with later(days=1):
        pass
    assert tries(practice, case) == []
    assert step(practice, case, "lock").state == "done"


def test_a_lock_without_an_answer_for_72_hours_calls_for_an_erase_and_not_for_a_decision(
    practice: PracticeRecord, case: str, owner: Member
) -> None:
    with later(hours=71):
        assert "72 hours" not in step(practice, case, "erase").receipt
    with later(hours=72, minutes=1):
        asked = step(practice, case, "erase")
        assert (asked.state, asked.receipt[:24]) == ("needs_person", "72 hours without a word.")
        assert step(practice, case, "prove_erase").state == "waiting"
        assert not response_api.may_decide_without(case_ref=case)
        with pytest.raises(TooEarly, match="Order the erase first"):
            response_api.decide_without(case_ref=case, reason="It burned.", by_member_id=owner.id)
    with later(hours=97):
        assert len(tries(practice, case)) == 3


def test_at_72_hours_somebody_is_really_called_though_the_case_was_taken_and_goes_to_the_next(
    practice: PracticeRecord, clinic: Clinic, phone: UUID, owner: Member, second: Member
) -> None:
    case = clinic.lose("Ben Sample")
    # Not the first of the on-call list: who took it is called first all the same.
    confirm(case, owner)

    def called() -> list[str]:
        told = bodies(practice, case, "response.officer_alerted")
        return [str(event["member_id"]) for event in told if event["reason"] == "unproven"]

    with later(hours=71):
        assert called() == []
    letters = len(mail.outbox)
    with later(hours=72, minutes=1):
        assert called() == [str(owner.id)]
        assert [item.to for item in mail.outbox[letters:]] == [["dana@example.org"]]
        assert [call.reason for call in response_api.unanswered(practice_id=practice.id)] == ["unproven"]
    with later(hours=72, minutes=7):
        assert called() == [str(owner.id), str(second.id)]
        response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
        assert response_api.unanswered(practice_id=practice.id) == ()
    with later(hours=100):
        assert len(called()) == 2


@pytest.fixture
def erase(case: str, phone: UUID, owner: Member, second: Member) -> UUID:
    """An erase ordered and approved five hours after the report; the lock was acknowledged before."""
    answer(phone, "EnableLostMode")
    with later(hours=5):
        made = response_api.order_erase(
            case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey"
        )
        response_api.approve_erase(case_ref=case, command_id=made, by_member_id=second.id, strength="passkey")
        drain()
    return made


def test_nobody_decides_without_proof_before_an_erase_has_been_out_for_72_hours(
    practice: PracticeRecord, case: str, erase: UUID, owner: Member, clinician: Member
) -> None:
    def decide(by: Member = owner, reason: str = "It burned.") -> None:
        response_api.decide_without(case_ref=case, reason=reason, by_member_id=by.id)

    with later(hours=5 + 71):
        with pytest.raises(TooEarly, match="72 hours"):
            decide()
        assert not response_api.may_decide_without(case_ref=case)
    with later(hours=5 + 72, minutes=3):
        asked = step(practice, case, "prove_erase")
        assert (asked.state, asked.receipt) == ("needs_person", "72 hours without proof. Decide without it.")
        assert response_api.may_decide_without(case_ref=case)
        with pytest.raises(NotAllowed):
            decide(clinician)
        with pytest.raises(ResponseError, match="Say why"):
            decide(reason=" ")
        decide()
        decided = step(practice, case, "prove_erase")
        assert decided.state == "done"
        assert decided.receipt == "Not proven. Dana Example decided without it."
        # The reason is free text: the ledger commits to it and holds none of its words.
        (why,) = decided.reasons
        assert (why.reason, why.by) == ("It burned.", f"member:{owner.id}")
        sealed = [
            item for item in bodies(practice, case, "response.step_advanced") if item["state"] == "done"
        ]
        assert [item["reason_commitment"] for item in sealed if item["step"] == "prove_erase"] == [
            crypto.hmac_sha256(why.reason_key, b"It burned.").hex()
        ]
        assert "It burned" not in str(bodies(practice, case))
        decide()
        assert len(step(practice, case, "prove_erase").reasons) == 1


def test_nobody_decides_without_proof_while_the_order_waits_for_its_second_officer(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member
) -> None:
    with later(hours=5):
        response_api.order_erase(case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey")
    with later(hours=200), pytest.raises(TooEarly, match="second officer"):
        response_api.decide_without(case_ref=case, reason="It burned.", by_member_id=owner.id)


def test_an_erase_ordered_later_is_chased_from_the_moment_it_may_leave(
    practice: PracticeRecord, case: str, erase: UUID
) -> None:
    leaves: datetime | None = fleet_api.get_command(command_id=erase).not_before
    assert leaves is not None
    for minutes in (1.1, 5.1, 30.1):
        with clock.frozen(leaves + timedelta(minutes=minutes)):
            drain()
    assert tries(practice, case) == [1, 2, 3]


@pytest.fixture
def service(practice: PracticeRecord, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Apple's push service, for a practice with a certificate of its phones' topic."""
    upload(practice.id, topic=CLINIC_TOPIC)
    service = Service()
    monkeypatch.setattr(push, "_send", service.send)
    return service


def outcomes(practice: PracticeRecord, case_ref: str) -> list[object]:
    return [event["outcome"] for event in bodies(practice, case_ref, "response.pushed_again")]


def test_an_acknowledged_erase_is_pushed_until_apple_says_that_the_phone_is_gone(
    practice: PracticeRecord, case: str, phone: UUID, erase: UUID, service: Service
) -> None:
    with later(hours=5, minutes=2):
        answer(phone, "EraseDevice")
        erase_ladder.on_acknowledged(command_id=erase, fingerprint="f" * 64)
        proof = step(practice, case, "prove_erase")
        assert (proof.state, proof.receipt) == ("running", "Acknowledged by the phone. Not yet proven.")
    # Nothing waits for it any more; it is pushed all the same, and Apple is what is asked.
    Command.objects.filter(state__in=OPEN).update(state="cancelled")
    before = len(service.asked)
    with later(hours=5, minutes=7):
        assert len(service.asked) == before + 1
        assert outcomes(practice, case)[-1] == "accepted"
        assert step(practice, case, "prove_erase").state == "running"
    service.say(410, "Unregistered")
    with later(hours=5, minutes=31):
        assert outcomes(practice, case)[-1] == "gone"
        assert step(practice, case, "prove_erase").receipt == "Proven from outside the phone."
        found = step(practice, case, "locate")
        assert (found.state, found.receipt) == ("skipped", "It is erased: there is nothing left to find.")
        # Apple said so, not the phone: the steps are the system's.
        assert {found.by, step(practice, case, "prove_erase").by} == {"system:response"}
    tried = tries(practice, case)
    with later(days=3):
        assert tries(practice, case) == tried


def test_a_phone_that_took_its_management_off_is_pushed_until_apple_says_that_it_is_gone(
    practice: PracticeRecord, case: str, phone: UUID, erase: UUID, service: Service
) -> None:
    enrollment = command(phone, "EraseDevice").enrollment_id
    with later(hours=5, minutes=2):
        answer(phone, "EraseDevice")
        erase_ladder.on_acknowledged(command_id=erase, fingerprint="f" * 64)
        joining.check_out(enrollment_id=enrollment)
        drain()
    service.say(410, "Unregistered")
    with later(hours=5, minutes=7):
        assert outcomes(practice, case)[-1] == "gone"
        assert step(practice, case, "prove_erase").receipt == "Proven from outside the phone."


def test_a_try_that_apple_never_took_is_told_as_such(practice: PracticeRecord, case: str) -> None:
    with later(minutes=6):
        assert set(outcomes(practice, case)) == {"no_certificate"}


def test_what_an_erased_phone_never_answered_is_not_chased_any_more(
    practice: PracticeRecord, case: str, phone: UUID, owner: Member, second: Member, service: Service
) -> None:
    lock = command(phone, "EnableLostMode")
    erase = response_api.order_erase(
        case_ref=case, device_id=phone, by_member_id=owner.id, strength="passkey"
    )
    response_api.approve_erase(case_ref=case, command_id=erase, by_member_id=second.id, strength="passkey")
    with later(minutes=2):
        handed = queue.next_command(enrollment_id=lock.enrollment_id, idle=True)
        assert handed is not None
        assert handed.id == lock.id
        queue.park_command(command_id=lock.id, enrollment_id=lock.enrollment_id)
        handed = queue.next_command(enrollment_id=lock.enrollment_id, idle=False)
        assert handed is not None
        assert handed.id == erase
        queue.finish_command(command_id=erase, enrollment_id=lock.enrollment_id)
        erase_ladder.on_acknowledged(command_id=erase, fingerprint="f" * 64)
        joining.push_token_died(enrollment_id=lock.enrollment_id)
        drain()
        assert fleet_api.get_command(command_id=lock.id).state == "overtaken"
        assert fleet_api.get_command(command_id=erase).state == "corroborated"
        shown = step(practice, case, "lock")
        assert (shown.state, shown.receipt) == (
            "skipped", "It is erased before it answered: there is nothing left to lock."
        )  # fmt: skip
        tried = tries(practice, case)
    with later(days=3):
        assert tries(practice, case) == tried
        erase_ladder.on_identity_spoke(device_id=phone, fingerprint="f" * 64)
        drain()
        assert step(practice, case, "lock").receipt == "It is not erased after all."


def test_a_contradicted_erase_goes_back_to_not_proven(
    practice: PracticeRecord, case: str, phone: UUID, erase: UUID
) -> None:
    with later(hours=5, minutes=2):
        answer(phone, "EraseDevice")
        erase_ladder.on_acknowledged(command_id=erase, fingerprint="f" * 64)
        joining.push_token_died(enrollment_id=command(phone, "EraseDevice").enrollment_id)
        drain()
        erase_ladder.on_identity_spoke(device_id=phone, fingerprint="f" * 64)
        drain()
        back = step(practice, case, "prove_erase")
        look = step(practice, case, "locate")
    assert back.state == "needs_person"
    assert "Not erased" in back.receipt
    assert (look.state, look.receipt) == ("needs_person", "It is not erased after all.")


def test_with_two_phones_the_lock_is_done_when_both_have_answered(
    practice: PracticeRecord, clinic: Clinic, clinician: Member, phone: UUID, second: Member
) -> None:
    other = clinic.phone("Ben’s own iPhone", member=clinician, ownership="personal")
    clinic.report(other, supervised=False)
    case_ref = clinic.lose("Ben Sample")
    confirm(case_ref, second)
    answer(phone, "EnableLostMode")
    assert step(practice, case_ref, "lock").state == "running"
    answer(other, "DeviceLock")
    assert step(practice, case_ref, "lock").state == "done"


def test_a_lock_that_fails_asks_for_a_person(practice: PracticeRecord, case: str, phone: UUID) -> None:
    answer(phone, "EnableLostMode", error="12021: not supervised")
    failed = step(practice, case, "lock")
    assert (failed.state, failed.receipt) == ("needs_person", "Not locked: failed.")


@pytest.mark.parametrize("how", ["left", "joined anew"])
def test_a_lock_that_a_phone_can_no_longer_fetch_asks_for_a_person(
    practice: PracticeRecord, clinic: Clinic, case: str, phone: UUID, clinician: Member, how: str
) -> None:
    assert step(practice, case, "lock").receipt == "Ordered; waiting for the phone."
    if how == "left":
        joining.check_out(enrollment_id=command(phone, "EnableLostMode").enrollment_id)
    else:
        clinic.made -= 1
        assert clinic.phone("Ben’s iPhone 16", member=clinician) == phone
    drain()
    shown = step(practice, case, "lock")
    assert shown.state == "needs_person"
    assert shown.receipt.startswith("Not locked: it joined anew, or its management ended")


def test_an_order_of_a_case_lives_as_long_as_it_is_chased(case: str, phone: UUID) -> None:
    lock = command(phone, "EnableLostMode")
    assert lock.expires_at - lock.ordered_at >= timedelta(days=29, hours=23)
