"""Emergency access: passkey, reason, half an hour, one app, told at once, reviewed by who has read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from pocketward.access import api as access
from pocketward.access.errors import EmergencyRefused, ReviewNotYours, ReviewUnread
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies, run_due
from tests.access.clinic import Door, Phone, later, sign_in


def open_it(practice: PracticeRecord, member: Member, app_id: UUID, **changes: Any) -> access.EmergencyRecord:
    """Emergency access as asked by somebody who just used a passkey."""
    asked: dict[str, Any] = {
        "reason": "patient_waiting", "strength": "passkey", "auth_at": clock.true_now(),
    }  # fmt: skip
    return access.open_emergency(
        practice_id=practice.id, member_id=member.id, app_id=app_id, **asked | changes
    )


def test_it_opens_a_refused_phone_for_half_an_hour_and_then_closes_by_itself(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.report(os_version="17.0", build_version="21A329")
    token = sign_in(clinician, ehr, phone)
    assert door.ask(phone, token).status == 403
    grant = open_it(practice, clinician, ehr)
    assert grant.expires_at - grant.opened_at == timedelta(minutes=30)
    assert door.ask(phone, token).status == 204
    with later(minutes=30, seconds=1):
        assert door.ask(phone, token).status == 403
        run_due()
        (done,) = access.emergencies(practice_id=practice.id)
        assert done.ended_at == grant.expires_at
    kinds = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    assert "access.emergency_access_opened" in kinds
    assert "access.emergency_access_ended" in kinds


def test_it_never_opens_past_a_hold_a_lost_mark_or_failed_integrity(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    token = sign_in(clinician, ehr, phone)
    open_it(practice, clinician, ehr)
    assert door.ask(phone, token).status == 204
    access.place_hold(
        practice_id=practice.id, device_ids=(phone.device_id,), case_ref="case_1", by="system:test",
        reason="reported lost",
    )  # fmt: skip
    assert door.ask(phone, token).status == 403
    with pytest.raises(EmergencyRefused):
        open_it(practice, clinician, ehr, device_id=phone.device_id)
    access.lift_hold(practice_id=practice.id, case_ref="case_1", by="system:test")
    # A build that its version never had.
    phone.report(os_version="26.6.1", build_version="99Z999")
    assert door.ask(phone, token).status == 403
    with pytest.raises(EmergencyRefused):
        open_it(practice, clinician, ehr, device_id=phone.device_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"strength": "totp"},
        {"strength": "link"},
        {"reason": "because"},
        {"reason": ""},
        {"auth_at": clock.true_now() - timedelta(minutes=11)},
    ],
)
def test_it_needs_a_fresh_passkey_and_a_listed_reason(
    practice: PracticeRecord, clinician: Member, ehr: UUID, changes: dict[str, Any]
) -> None:
    with pytest.raises(EmergencyRefused):
        open_it(practice, clinician, ehr, **changes)


def test_somebody_who_left_cannot_open_it(practice: PracticeRecord, clinician: Member, ehr: UUID) -> None:
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    with pytest.raises(EmergencyRefused):
        open_it(practice, clinician, ehr)


def test_asking_again_gives_the_running_grant(practice: PracticeRecord, clinician: Member, ehr: UUID) -> None:
    first = open_it(practice, clinician, ehr)
    assert open_it(practice, clinician, ehr) == first
    assert access.running_emergency(member_id=clinician.id) == first
    with later(minutes=31):
        assert access.running_emergency(member_id=clinician.id) is None


def test_a_review_is_closed_only_by_an_officer_who_read_it_after_it_ended(
    practice: PracticeRecord, owner: Member, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.report(passcode_present=False)
    token = sign_in(clinician, ehr, phone)
    grant = open_it(practice, clinician, ehr)
    assert door.ask(phone, token).status == 204
    door.hand_over()
    access.drain_decisions()
    with pytest.raises(ReviewUnread):
        access.review_emergency(grant_id=grant.id, by_member_id=owner.id, finding="needed")
    access.read_emergency(grant_id=grant.id, by_member_id=owner.id)
    with pytest.raises(ReviewUnread):
        access.review_emergency(grant_id=grant.id, by_member_id=owner.id, finding="needed")
    with later(minutes=31):
        seen = access.read_emergency(grant_id=grant.id, by_member_id=owner.id)
        assert seen.decisions == 1
        with pytest.raises(ReviewUnread):
            access.review_emergency(grant_id=grant.id, by_member_id=owner.id, finding="whatever")
        access.review_emergency(grant_id=grant.id, by_member_id=owner.id, finding="needed")
    assert access.emergencies(practice_id=practice.id, waiting=True) == ()
    (done,) = access.emergencies(practice_id=practice.id, waiting=False)
    assert (done.reviewed_by, done.finding) == (owner.id, "needed")


def test_nobody_but_an_officer_reviews_and_nobody_their_own_while_there_is_another(
    practice: PracticeRecord, owner: Member, clinician: Member, ehr: UUID
) -> None:
    grant = open_it(practice, owner, ehr)
    for reader in (clinician.id, uuid4()):
        with pytest.raises(ReviewNotYours):
            access.read_emergency(grant_id=grant.id, by_member_id=reader)
    with later(minutes=31):
        access.read_emergency(grant_id=grant.id, by_member_id=owner.id)
        practice_api.give_role(member_id=clinician.id, role="security_officer", by=f"member:{owner.id}")
        with pytest.raises(ReviewNotYours):
            access.review_emergency(grant_id=grant.id, by_member_id=owner.id, finding="needed")
        practice_api.end_role(member_id=clinician.id, role="security_officer", by=f"member:{owner.id}")
        access.review_emergency(grant_id=grant.id, by_member_id=owner.id, finding="needed")
    (body,) = event_bodies(practice_id=practice.id, kinds=("access.emergency_access_reviewed",))
    assert body["own"] is True


def test_it_can_be_ended_early(
    practice: PracticeRecord, clinician: Member, phone: Phone, ehr: UUID, door: Door
) -> None:
    phone.report(passcode_present=False)
    token = sign_in(clinician, ehr, phone)
    grant = open_it(practice, clinician, ehr)
    assert door.ask(phone, token).status == 204
    for _ in range(2):
        access.end_emergency(grant_id=grant.id, by=f"member:{clinician.id}")
    assert door.ask(phone, token).status == 403
    ended = [b for b in event_bodies(practice_id=practice.id, kinds=("access.emergency_access_ended",))]
    assert len(ended) == 1
