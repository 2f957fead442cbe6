"""Who holds which role from when to when; an office that nobody holds is a finding."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.practice.errors import NoSuchMember, PracticeError, RoleNeedsOwner
from pocketward.spine.api import event_bodies, practice_scope


def facts(practice: PracticeRecord, kind: str) -> list[dict[str, Any]]:
    """The events of one kind, oldest first."""
    return [body for body in event_bodies(practice_id=practice.id) if body["kind"] == kind]


def add(practice: PracticeRecord, name: str, *roles: str, **more: Any) -> Member:
    """One more person."""
    return practice_api.add_member(
        practice_id=practice.id, full_name=name, role_names=roles, by="system:test", **more
    )


def test_a_role_has_a_beginning_an_end_and_a_giver_and_stays_in_the_history(
    practice: PracticeRecord, owner: Member, clinician: Member
) -> None:
    start = clock.now()
    with clock.frozen(start):
        practice_api.give_role(member_id=clinician.id, role="it_lead", by=f"member:{owner.id}")
    with clock.frozen(start + timedelta(days=30)):
        practice_api.end_role(member_id=clinician.id, role="it_lead", by=f"member:{owner.id}")
    (span,) = practice_api.role_history(practice_id=practice.id, role="it_lead")
    assert (span.full_name, span.since, span.until) == ("Ben Sample", start, start + timedelta(days=30))
    assert [fact["role"] for fact in facts(practice, "practice.role_given")][-1] == "it_lead"
    assert facts(practice, "practice.role_ended")[-1]["vacant"] is True


def test_a_role_is_given_once_at_a_time(practice: PracticeRecord, owner: Member) -> None:
    practice_api.give_role(member_id=owner.id, role="owner", by="system:test")
    assert len(practice_api.role_history(practice_id=practice.id, role="owner")) == 1


def test_an_office_that_nobody_holds_is_a_finding_until_somebody_does(
    practice: PracticeRecord, owner: Member
) -> None:
    assert practice_api.vacant_roles(practice_id=practice.id) == ("security_officer", "it_lead")
    grace = add(practice, "Grace Pattern", "security_officer", "it_lead")
    assert practice_api.vacant_roles(practice_id=practice.id) == ()
    practice_api.mark_left(member_id=grace.id, by="system:test")
    assert practice_api.vacant_roles(practice_id=practice.id) == ("security_officer", "it_lead")


def test_an_office_that_two_hold_is_not_vacant_when_one_goes(practice: PracticeRecord, owner: Member) -> None:
    grace = add(practice, "Grace Pattern", "privacy_officer")
    practice_api.end_role(member_id=owner.id, role="privacy_officer", by="system:test")
    assert facts(practice, "practice.role_ended")[-1]["vacant"] is False
    assert grace.id in {person.id for person in practice_api.officers(practice_id=practice.id)}


def test_the_last_owner_can_neither_lose_the_role_nor_leave(practice: PracticeRecord, owner: Member) -> None:
    for way in (
        lambda: practice_api.end_role(member_id=owner.id, role="owner", by="system:test"),
        lambda: practice_api.mark_left(member_id=owner.id, by="system:test"),
    ):
        with pytest.raises(RoleNeedsOwner):
            way()
    assert practice_api.owners(practice_id=practice.id) == (owner.id,)
    assert practice_api.get_member(member_id=owner.id).left_at is None


def test_an_owner_who_left_counts_for_nothing(practice: PracticeRecord, owner: Member) -> None:
    second = add(practice, "Olive Owner", "owner")
    practice_api.mark_left(member_id=owner.id, by="system:test")
    with pytest.raises(RoleNeedsOwner):
        practice_api.end_role(member_id=second.id, role="owner", by="system:test")


def test_there_are_no_roles_but_the_ten(practice: PracticeRecord, clinician: Member) -> None:
    assert len(practice_api.ROLES) == 10
    with pytest.raises(PracticeError, match="no role called superuser"):
        practice_api.give_role(member_id=clinician.id, role="superuser", by="system:test")


@pytest.mark.parametrize(
    ("role", "is_officer"),
    [("owner", True), ("privacy_officer", True), ("security_officer", True), ("it_lead", True),
     ("compliance_lead", False), ("clinician", False), ("scheduler", False), ("billing", False),
     ("auditor", False)],
)  # fmt: skip
def test_officers_are_holders_of_four_roles(practice: PracticeRecord, role: str, is_officer: bool) -> None:
    assert add(practice, "Some Body", role).is_officer is is_officer


def test_whoever_left_keeps_their_row_and_no_role(practice: PracticeRecord, clinician: Member) -> None:
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    gone = practice_api.get_member(member_id=clinician.id)
    assert gone.left_at is not None
    assert gone.roles == frozenset()
    assert clinician.id not in {person.id for person in practice_api.members(practice_id=practice.id)}
    everyone = practice_api.members(practice_id=practice.id, with_left=True)
    assert clinician.id in {person.id for person in everyone}
    assert practice_api.find_members(practice_id=practice.id, text="ben@example.org") == ()


def test_the_on_call_list_comes_first_and_the_other_officers_after_it(
    practice: PracticeRecord, owner: Member, clinician: Member
) -> None:
    second = add(practice, "Second Call", on_call_rank=2)
    first = add(practice, "First Call", "it_lead", on_call_rank=1)
    called = [person.id for person in practice_api.on_call(practice_id=practice.id)]
    assert called == [first.id, second.id, owner.id]


@pytest.mark.parametrize(
    "typed",
    ["José  Núñez", "jose nunez", " JOSÉ NÚÑEZ ", "Jose\u0301 Nu\u0301n\u0303ez", "jose@EXAMPLE.org "],
)
def test_a_person_is_found_by_name_or_mail_whatever_the_accents_and_spaces(
    practice: PracticeRecord, typed: str
) -> None:
    jose = add(practice, "José Núñez", email="Jose@example.org")
    assert [found.id for found in practice_api.find_members(practice_id=practice.id, text=typed)] == [jose.id]


@pytest.mark.parametrize("typed", ["", " ", "José", "Núñez José", "%", "jose@example.or", "x" * 201, "@"])
def test_part_of_a_name_finds_nobody(practice: PracticeRecord, typed: str) -> None:
    add(practice, "José Núñez", email="Jose@example.org")
    assert practice_api.find_members(practice_id=practice.id, text=typed) == ()


def test_two_people_of_one_name_are_both_found(practice: PracticeRecord) -> None:
    add(practice, "Kim Lee")
    add(practice, "Kim  Lee")
    assert len(practice_api.find_members(practice_id=practice.id, text="kim lee")) == 2


def test_a_person_needs_a_name(practice: PracticeRecord) -> None:
    with pytest.raises(PracticeError, match="needs a name"):
        add(practice, "  \t ")


def test_people_of_another_practice_do_not_exist(practice: PracticeRecord, clinician: Member) -> None:
    other = practice_api.create_practice(name="Other Clinic", by="system:test")
    with practice_scope(other.id):
        with pytest.raises(NoSuchMember):
            practice_api.get_member(member_id=clinician.id)
        with pytest.raises(NoSuchMember):
            practice_api.give_role(member_id=clinician.id, role="owner", by="system:test")
        assert practice_api.members(practice_id=practice.id) == ()
