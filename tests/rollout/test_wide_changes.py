"""A change that closes many phones at once passes the guard; a small one goes at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketward.access import api as access
from pocketward.access.models import DecisionRow, DeviceAccess
from pocketward.fleet import api as fleet
from pocketward.fleet.errors import CommandRefused
from pocketward.kernel import clock
from pocketward.policy import api as policy
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.rollout import api as rollout
from pocketward.rollout.api import Outcome
from pocketward.rollout.errors import NoSuchChange
from pocketward.spine.api import event_bodies, run_due
from tests.access.clinic import Phone

APPS = policy.template().replace(
    "required_apps: []", "required_apps:\n  - {id: org.example.notes, name: Notes, app_store: 123456}"
)


@contextmanager
def later(**delta: int) -> Iterator[None]:
    """At a later time, with everything done that is due."""
    with clock.frozen(clock.now() + timedelta(**delta)):
        while run_due():
            pass
        yield


def kinds(practice: PracticeRecord) -> list[str]:
    found = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    return [kind for kind in found if kind.startswith("rollout.")]


def refusals(practice: PracticeRecord) -> list[dict[str, Any]]:
    bodies = event_bodies(practice_id=practice.id)
    return [dict(body) for body in bodies if body["kind"] == "rollout.wide_change_refused"]


def narrow(practice: PracticeRecord, by: Member, strength: str = "passkey") -> Outcome:
    """Take notes away from clinicians."""
    allowed = [
        (role, resource)
        for role, resource, can in access.role_matrix(practice_id=practice.id)
        if can and (role, resource) != ("clinician", "notes")
    ]
    return rollout.change_role_matrix(
        practice_id=practice.id, allowed=allowed, reason="less", by_member_id=by.id, strength=strength
    )


def may_open_notes(practice: PracticeRecord) -> bool:
    return ("clinician", "notes", True) in access.role_matrix(practice_id=practice.id)


def put_policy(practice: PracticeRecord, by: Member) -> Outcome:
    return rollout.change_policy(
        practice_id=practice.id, text=APPS, reason="notes", by_member_id=by.id, strength="passkey"
    )


def number(practice: PracticeRecord) -> int:
    return policy.policy(practice_id=practice.id).number


@settings(deadline=None)
@given(closes=st.integers(0, 300), of=st.integers(0, 3000))
def test_wide_is_more_than_three_and_more_than_five_percent(closes: int, of: int) -> None:
    assert fleet.is_wide(closes=closes, of=of) == (closes > 3 and closes / max(of, 1) > 0.05)


def test_a_policy_that_closes_four_phones_waits_for_a_second_officer_and_ten_minutes(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    assert DeviceAccess.objects.filter(open=True).count() == 4
    outcome = put_policy(practice, owner)
    assert (outcome.number, outcome.closes, number(practice)) == (None, 4, 0)
    assert outcome.waiting is not None
    with pytest.raises(CommandRefused, match="second officer"):
        rollout.approve_change(change_id=outcome.waiting, by_member_id=owner.id, strength="passkey")
    with pytest.raises(CommandRefused, match="passkey"):
        rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="totp")
    rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="passkey")
    with later(minutes=9):
        assert number(practice) == 0
    with later(minutes=11):
        assert number(practice) == 1
    assert policy.policy(practice_id=practice.id).author == f"member:{owner.id}"
    assert kinds(practice) == [
        "rollout.wide_change_proposed", "rollout.wide_change_refused", "rollout.wide_change_refused",
        "rollout.wide_change_approved", "rollout.wide_change_applied",
    ]  # fmt: skip
    own, weak = refusals(practice)
    assert (own["reason"], own["actor"], own["at_point"]) == (
        "not_an_approver", f"member:{owner.id}", "approval"
    )  # fmt: skip
    assert (weak["reason"], weak["actor"], weak["closes"]) == ("weak_sign_in", f"member:{second.id}", 4)
    assert rollout.waiting_changes(practice_id=practice.id) == ()


def test_three_phones_are_few_and_close_at_once(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    DeviceAccess.objects.filter(device_id=four[0].device_id).update(open=False)
    outcome = narrow(practice, owner, strength="totp")
    assert (outcome.waiting, outcome.closes) == (None, 3)
    assert not may_open_notes(practice)
    assert kinds(practice) == []


def test_taking_a_resource_from_the_role_of_four_phones_waits(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    outcome = narrow(practice, owner)
    assert outcome.closes == 4
    assert may_open_notes(practice)
    assert narrow(practice, owner).waiting == outcome.waiting
    assert outcome.waiting is not None
    rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="passkey")
    with later(minutes=11):
        assert not may_open_notes(practice)


def test_who_keeps_the_resource_by_another_role_loses_nothing(
    practice: PracticeRecord, owner: Member, second: Member, clinician: Member, four: list[Phone]
) -> None:
    allowed = [(role, what) for role, what, can in access.role_matrix(practice_id=practice.id) if can]
    access.set_role_matrix(
        practice_id=practice.id, allowed=[*allowed, ("billing", "notes")], reason="x", by="system:test"
    )
    practice_api.give_role(member_id=clinician.id, role="billing", by="system:test")
    assert narrow(practice, owner).closes == 0
    assert not may_open_notes(practice)


def watched(practice: PracticeRecord, app: UUID, devices: list[UUID], days: int = 1) -> None:
    """What the gate would have refused to these devices."""
    for device in devices:
        DecisionRow.objects.create(
            practice_id=practice.id, made_at=clock.now() - timedelta(days=days), outcome="allow",
            would_have="refuse", mode="watch", client="enrolled", device_id=device, app_id=app, stored=b"",
        )  # fmt: skip


def enforce(practice: PracticeRecord, app: UUID, by: Member) -> Outcome:
    return rollout.change_app_mode(
        practice_id=practice.id, app_id=app, mode="enforce", by_member_id=by.id, strength="passkey"
    )


def test_enforcing_a_watched_app_counts_the_phones_it_would_refuse_and_not_those_held_already(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone], ehr: UUID
) -> None:
    access.set_app_mode(app_id=ehr, mode="watch", by="system:test")
    watched(practice, ehr, [phone.device_id for phone in four])
    watched(practice, ehr, [uuid4()], days=30)
    outcome = enforce(practice, ehr, owner)
    assert outcome.closes == 4
    assert access.get_app(app_id=ehr).mode == "watch"
    access.place_hold(
        practice_id=practice.id, device_ids=(four[0].device_id,), case_ref="case_1", by="system:test",
        reason="reported lost",
    )  # fmt: skip
    assert enforce(practice, ehr, owner).waiting is None
    assert access.get_app(app_id=ehr).mode == "enforce"


def test_watching_instead_of_enforcing_closes_nothing(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone], ehr: UUID
) -> None:
    outcome = rollout.change_app_mode(
        practice_id=practice.id, app_id=ehr, mode="watch", by_member_id=owner.id, strength="passkey"
    )
    assert outcome.waiting is None
    assert access.get_app(app_id=ehr).mode == "watch"


def test_losses_and_failed_checks_close_as_many_as_they_are_without_the_guard(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    access.place_hold(
        practice_id=practice.id, device_ids=tuple(phone.device_id for phone in four[:2]), case_ref="case_1",
        by="system:test", reason="reported lost",
    )  # fmt: skip
    for phone in four[2:]:
        phone.report(passcode_present=False)
    assert not DeviceAccess.objects.filter(open=True).exists()
    assert kinds(practice) == []


def test_somebody_who_became_officer_today_neither_orders_nor_approves(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    late = practice_api.add_member(practice_id=practice.id, full_name="Eve New", by="system:test")
    with clock.frozen(clock.now() + timedelta(hours=1)):
        practice_api.give_role(member_id=late.id, role="it_lead", by="system:test")
        with pytest.raises(CommandRefused, match="officer for a day"):
            narrow(practice, late)
        (sealed,) = refusals(practice)
        assert (sealed["reason"], sealed["actor"]) == ("not_an_officer", f"member:{late.id}")
        assert (sealed["at_point"], sealed["closes"], sealed["of"]) == ("order", 4, 4)
        outcome = narrow(practice, owner)
        assert outcome.waiting is not None
        with pytest.raises(CommandRefused, match="officer for a day"):
            rollout.approve_change(change_id=outcome.waiting, by_member_id=late.id, strength="passkey")


def test_what_was_called_off_never_comes(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    outcome = narrow(practice, owner)
    assert outcome.waiting is not None
    rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="passkey")
    rollout.cancel_change(change_id=outcome.waiting, by=f"member:{second.id}")
    with later(hours=1):
        assert may_open_notes(practice)
    with pytest.raises(NoSuchChange):
        rollout.cancel_change(change_id=outcome.waiting, by=f"member:{second.id}")
    assert kinds(practice)[-1] == "rollout.wide_change_dropped"


def test_a_change_asked_for_on_rules_that_stand_no_more_is_dropped(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    outcome = put_policy(practice, owner)
    assert outcome.waiting is not None
    rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="passkey")
    policy.set_policy(practice_id=practice.id, text=policy.template(), reason="other", by="system:test")
    with later(minutes=11):
        assert number(practice) == 1
    assert dropped(practice) == ["overtaken"]


def dropped(practice: PracticeRecord) -> list[Any]:
    return [
        body["reason"]
        for body in event_bodies(practice_id=practice.id)
        if body["kind"] == "rollout.wide_change_dropped"
    ]


def test_the_kill_switch_stops_the_order_and_what_was_approved_already(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    switch = tmp_path / "stop"
    ours = replace(django_settings.POCKETWARD, kill_switch_file=switch)
    monkeypatch.setattr(django_settings, "POCKETWARD", ours)
    outcome = narrow(practice, owner)
    assert outcome.waiting is not None
    rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="passkey")
    switch.touch()
    with pytest.raises(CommandRefused, match="kill switch"):
        put_policy(practice, owner)
    with later(minutes=11):
        assert may_open_notes(practice)
    assert dropped(practice) == ["kill_switch"]


def test_a_practice_of_one_waits_a_quarter_of_an_hour_with_a_link_by_mail(
    practice: PracticeRecord, owner: Member, four: list[Phone], mail_is_set: list[Any]
) -> None:
    assert narrow(practice, owner).waiting is not None
    while run_due():
        pass
    assert len(mail_is_set) == 1
    with later(minutes=14):
        assert may_open_notes(practice)
    with later(minutes=16):
        assert not may_open_notes(practice)


def test_a_practice_of_one_without_a_second_channel_is_refused(
    practice: PracticeRecord, owner: Member, four: list[Phone]
) -> None:
    with pytest.raises(CommandRefused, match="needs mail"):
        narrow(practice, owner)
    assert may_open_notes(practice)
