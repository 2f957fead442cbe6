"""Every change that can close phones is counted alike, and small ones of a day are added up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from pocketward.access import api as access
from pocketward.access.models import DecisionMinute, DecisionRow, DeviceAccess
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.rollout import api as rollout
from pocketward.rollout.api import Outcome
from pocketward.rollout.kinds import KINDS
from pocketward.spine.api import run_due
from tests.access.clinic import HOST, Phone

ZONE = "clinic-wifi"


def opened(
    practice: PracticeRecord, app: UUID, *, device: UUID | None = None, member: UUID | None = None,
    network: str = "", days: int = 1,
) -> UUID:  # fmt: skip
    """The gate let this device, or this person on a computer nobody checks, open the app."""
    row = DecisionRow.objects.create(
        practice_id=practice.id, made_at=clock.now() - timedelta(days=days), outcome="allow", mode="enforce",
        client="enrolled" if device else "unenrolled", device_id=device, member_id=member, app_id=app,
        network=network, stored=b"",
    )  # fmt: skip
    found: UUID = row.id
    return found


@pytest.fixture
def used(practice: PracticeRecord, ehr: UUID, four: list[Phone]) -> UUID:
    """The record system, opened yesterday on four phones."""
    for phone in four:
        opened(practice, ehr, device=phone.device_id)
    return ehr


@pytest.fixture
def permit(practice: PracticeRecord, owner: Member, ehr: UUID) -> UUID:
    """A permit by which four people opened the record system on computers that nobody checks."""
    access.name_network(practice_id=practice.id, zone=ZONE, cidrs=("198.51.100.0/24",), by="system:test")
    found = access.give_permit(
        app_id=ehr, network=ZONE, reason="front desk", by="system:test",
        expires_at=clock.now() + timedelta(days=20),
    )  # fmt: skip
    for _number in range(4):
        opened(practice, ehr, member=uuid4(), network=ZONE)
    return found


def parts(app: UUID, **changed: object) -> dict[str, object]:
    standing = access.get_app(app_id=app)
    names = ("name", "door", "hosts", "paths", "url", "session_hours")
    return {name: getattr(standing, name) for name in names} | changed


def change(practice: PracticeRecord, by: Member, app: UUID, **changed: object) -> Outcome:
    return rollout.change_app(
        practice_id=practice.id, app_id=app, parts=parts(app, **changed), by_member_id=by.id,
        strength="passkey",
    )  # fmt: skip


def approved(outcome: Outcome, second: Member) -> None:
    """A second officer approves it and its time comes."""
    assert outcome.waiting is not None
    rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="passkey")
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        while run_due():
            pass


@pytest.mark.parametrize(
    "changed",
    [
        {"door": "account", "hosts": (), "url": ""},
        {"hosts": ("new.example.org",), "url": ""},
        {"paths": (("/", "billing"),)},
    ],
    ids=["another door", "another address", "another resource"],
)
def test_other_settings_of_an_app_in_use_wait(
    practice: PracticeRecord, owner: Member, second: Member, used: UUID, changed: dict[str, object]
) -> None:
    outcome = change(practice, owner, used, **changed)
    assert outcome.closes == 4
    assert HOST in access.get_app(app_id=used).hosts
    approved(outcome, second)
    assert {name: getattr(access.get_app(app_id=used), name) for name in changed} == changed


def test_what_takes_nothing_from_an_app_is_kept_at_once(
    practice: PracticeRecord, owner: Member, second: Member, used: UUID
) -> None:
    outcome = change(practice, owner, used, name="Chart", session_hours=8, hosts=(HOST, "two.example.org"))
    assert (outcome.waiting, outcome.closes) == (None, 0)
    assert access.get_app(app_id=used).name == "Chart"


def test_taking_an_app_in_use_off_the_list_waits(
    practice: PracticeRecord, owner: Member, second: Member, used: UUID
) -> None:
    outcome = rollout.remove_app(
        practice_id=practice.id, app_id=used, by_member_id=owner.id, strength="passkey"
    )
    assert outcome.closes == 4
    assert not access.get_app(app_id=used).is_removed
    approved(outcome, second)
    assert access.get_app(app_id=used).is_removed


def test_who_opened_it_first_long_ago_and_again_since_uses_it(
    practice: PracticeRecord, owner: Member, four: list[Phone], ehr: UUID
) -> None:
    rows = [opened(practice, ehr, device=phone.device_id, days=60) for phone in four]
    assert access.closed_by_app_removal(app_id=ehr) == frozenset()
    now = clock.now()
    DecisionMinute.objects.create(
        practice_id=practice.id, decision_id=rows[0], minute=now, count=2, digest="", last_at=now
    )
    assert access.closed_by_app_removal(app_id=ehr) == {four[0].device_id}


def test_ending_a_permit_counts_the_people_who_came_in_by_it(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone], permit: UUID
) -> None:
    outcome = rollout.end_permit(
        practice_id=practice.id, permit_id=permit, by_member_id=owner.id, strength="passkey"
    )
    assert outcome.closes == 4
    assert [item.id for item in access.permits(practice_id=practice.id)] == [permit]
    approved(outcome, second)
    assert access.permits(practice_id=practice.id) == ()


@pytest.mark.parametrize(
    ("zone", "cidrs"),
    [(ZONE, ()), (ZONE, ("198.51.100.0/25",)), ("annex", ("198.51.100.128/25",))],
    ids=["forgotten", "made smaller", "taken over by another"],
)
def test_taking_addresses_from_a_network_waits(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone], permit: UUID, zone: str,
    cidrs: tuple[str, ...],
) -> None:  # fmt: skip
    outcome = rollout.name_network(
        practice_id=practice.id, zone=zone, cidrs=cidrs, by_member_id=owner.id, strength="passkey"
    )
    assert (outcome.closes, outcome.waiting is None) == (4, False)


def test_more_addresses_for_a_network_take_nothing(
    practice: PracticeRecord, owner: Member, four: list[Phone], permit: UUID
) -> None:
    outcome = rollout.name_network(
        practice_id=practice.id, zone=ZONE, cidrs=("198.51.100.0/24", "203.0.113.0/24"),
        by_member_id=owner.id, strength="passkey",
    )  # fmt: skip
    assert outcome == Outcome(None, None, 0)


def without_roles(practice: PracticeRecord, member: Member, by: Member) -> Outcome:
    return rollout.change_roles(
        practice_id=practice.id, member_id=member.id, roles=(), by_member_id=by.id, strength="passkey"
    )


def leaves(practice: PracticeRecord, member: Member, by: Member) -> Outcome:
    return rollout.mark_left(
        practice_id=practice.id, member_id=member.id, by_member_id=by.id, strength="passkey"
    )


@pytest.mark.parametrize("act", [without_roles, leaves])
def test_ending_the_roles_of_somebody_with_four_phones_waits(
    practice: PracticeRecord, owner: Member, second: Member, clinician: Member, four: list[Phone],
    act: Callable[[PracticeRecord, Member, Member], Outcome],
) -> None:  # fmt: skip
    outcome = act(practice, clinician, owner)
    assert outcome.closes == 4
    assert practice_api.get_member(member_id=clinician.id).roles == {"clinician"}
    approved(outcome, second)
    person = practice_api.get_member(member_id=clinician.id)
    assert (person.roles, person.left_at is None) == (frozenset(), act is without_roles)


@pytest.fixture
def staff(practice: PracticeRecord, owner: Member, ehr: UUID) -> list[Member]:
    """Five clinicians with one open phone each."""
    people = [
        practice_api.add_member(
            practice_id=practice.id, full_name=f"Nurse {number}", role_names=("clinician",), by="system:test"
        )
        for number in range(1, 6)
    ]
    for number, person in enumerate(people, start=1):
        Phone(practice, person, serial=f"SER{number}").report()
    return people


def test_small_changes_of_a_day_add_up_and_the_fourth_phone_needs_a_second_officer(
    practice: PracticeRecord, owner: Member, second: Member, staff: list[Member]
) -> None:
    assert DeviceAccess.objects.filter(open=True).count() == 5
    for person in staff[:3]:
        assert without_roles(practice, person, owner).waiting is None
    fourth = without_roles(practice, staff[3], owner)
    assert (fourth.closes, fourth.waiting is None) == (1, False)
    (change,) = rollout.waiting_changes(practice_id=practice.id)
    assert (change.closes, change.lately, change.of) == (1, 3, 5)
    assert practice_api.get_member(member_id=staff[3].id).roles == {"clinician"}
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert without_roles(practice, staff[4], owner).waiting is None


def test_what_a_second_officer_approved_is_not_added_to_the_next_small_change(
    practice: PracticeRecord, owner: Member, second: Member, staff: list[Member]
) -> None:
    for person in staff[:3]:
        without_roles(practice, person, owner)
    approved(without_roles(practice, staff[3], owner), second)
    width = rollout.width_of(practice_id=practice.id, closing={uuid4()})
    assert (width.closes, width.lately, width.wide) == (1, 3, True)


def test_lost_phones_and_failed_checks_are_not_added_up(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone], staff: list[Member]
) -> None:
    access.place_hold(
        practice_id=practice.id, device_ids=tuple(phone.device_id for phone in four[:2]), case_ref="case_1",
        by="system:test", reason="reported lost",
    )  # fmt: skip
    four[2].report(passcode_present=False)
    assert rollout.width_of(practice_id=practice.id, closing={four[3].device_id}).lately == 0


def test_a_change_that_its_domain_refuses_in_the_end_is_dropped_whole(
    practice: PracticeRecord, owner: Member, second: Member, used: UUID
) -> None:
    outcome = change(practice, owner, used, hosts=("new.example.org",), url="")
    access.register_app(
        practice_id=practice.id, name="Other", door="proxied", hosts=("new.example.org",), by="system:test"
    )
    approved(outcome, second)
    assert access.get_app(app_id=used).hosts == (HOST,)
    assert rollout.waiting_changes(practice_id=practice.id) == ()


def test_every_kind_has_words_for_the_page_where_it_waits() -> None:
    from pocketward.web.guard.change_words import WORDS

    assert set(WORDS) == set(KINDS)
