"""A phone that is no longer used leaves the list and can come back; neither destroys anything."""

from __future__ import annotations

import pytest

from pocketward.fleet import api as fleet
from pocketward.fleet.errors import RemovalRefused
from pocketward.practice.records import Member
from pocketward.spine.api import event_bodies
from tests.fleet.conftest import Joined, Joiner


def kinds(joiner: Joiner, case_ref: str = "") -> list[str]:
    found = event_bodies(practice_id=joiner.practice.id, case_ref=case_ref, limit=500)
    return [str(body["kind"]) for body in found]


def test_an_officer_takes_a_phone_off_the_list_and_puts_it_back(
    owner: Member, phone: Joined, joiner: Joiner
) -> None:
    fleet.remove_device(device_id=phone.device_id, by_member_id=owner.id)
    fleet.remove_device(device_id=phone.device_id, by_member_id=owner.id)
    assert fleet.devices(practice_id=joiner.practice.id) == ()
    assert fleet.get_device(device_id=phone.device_id).removed_at is not None
    fleet.restore_device(device_id=phone.device_id, by_member_id=owner.id)
    fleet.restore_device(device_id=phone.device_id, by_member_id=owner.id)
    (back,) = fleet.devices(practice_id=joiner.practice.id)
    assert back.must_report_since is not None
    assert kinds(joiner).count("fleet.device_removed") == kinds(joiner).count("fleet.device_restored") == 1


def test_nobody_else_removes_or_restores_a_phone(owner: Member, clinician: Member, phone: Joined) -> None:
    with pytest.raises(RemovalRefused, match="Only an officer"):
        fleet.remove_device(device_id=phone.device_id, by_member_id=clinician.id)
    fleet.remove_device(device_id=phone.device_id, by_member_id=owner.id)
    with pytest.raises(RemovalRefused, match="Only an officer"):
        fleet.restore_device(device_id=phone.device_id, by_member_id=clinician.id)


def test_a_lost_phone_leaves_the_list_only_by_naming_its_open_case(
    owner: Member, phone: Joined, joiner: Joiner
) -> None:
    fleet.mark_lost(device_ids=(phone.device_id,), case_ref="case_1", by="system:test")
    for said in ("", "case_2"):
        with pytest.raises(RemovalRefused, match="case is open"):
            fleet.remove_device(device_id=phone.device_id, by_member_id=owner.id, case_ref=said)
    fleet.remove_device(device_id=phone.device_id, by_member_id=owner.id, case_ref="case_1")
    assert "fleet.device_removed" in kinds(joiner, "case_1")
    assert fleet.get_device(device_id=phone.device_id).lost_case_ref == "case_1"
