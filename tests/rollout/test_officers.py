"""Who is an officer changes with a second person only, once phones are here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from pocketward.fleet import api as fleet
from pocketward.fleet.errors import CommandRefused
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.rollout import api as rollout
from pocketward.rollout.api import Outcome
from pocketward.spine.api import event_bodies, run_due
from tests.access.clinic import Phone

NEW = {"full_name": "Erin New", "email": "erin@example.org", "phone": "", "job_title": "", "language": "en"}


def roles_of(member: Member) -> frozenset[str]:
    return practice_api.get_member(member_id=member.id).roles


def change(
    practice: PracticeRecord, member: Member, by: Member, *roles: str, strength: str = "passkey"
) -> Outcome:
    return rollout.change_roles(
        practice_id=practice.id, member_id=member.id, roles=roles, by_member_id=by.id, strength=strength
    )


def test_before_the_first_phone_one_person_sets_them(
    practice: PracticeRecord, owner: Member, clinician: Member
) -> None:
    assert change(practice, clinician, owner, "clinician", "it_lead").waiting is None
    assert roles_of(clinician) == {"clinician", "it_lead"}


def test_afterwards_giving_one_waits_for_a_second_officer_and_comes_with_the_yes(
    practice: PracticeRecord, owner: Member, second: Member, clinician: Member, four: list[Phone]
) -> None:
    outcome = change(practice, clinician, owner, "clinician", "it_lead")
    assert outcome.waiting is not None
    assert roles_of(clinician) == {"clinician"}
    for nobody in (owner, clinician):
        with pytest.raises(CommandRefused):
            rollout.approve_change(change_id=outcome.waiting, by_member_id=nobody.id, strength="passkey")
    with pytest.raises(CommandRefused, match="passkey"):
        rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="password_totp")
    rollout.approve_change(change_id=outcome.waiting, by_member_id=second.id, strength="passkey")
    run_due()
    assert roles_of(clinician) == {"clinician", "it_lead"}
    # A day later they may order and approve themselves, not before.
    assert clinician.id not in fleet.seasoned_officers(practice_id=practice.id)
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert clinician.id in fleet.seasoned_officers(practice_id=practice.id)


@pytest.mark.parametrize("strength", ["password_totp", "session", ""])
def test_without_a_passkey_nobody_asks_for_it(
    practice: PracticeRecord,
    owner: Member,
    second: Member,
    clinician: Member,
    four: list[Phone],
    strength: str,
) -> None:
    with pytest.raises(CommandRefused, match="passkey"):
        change(practice, clinician, owner, "clinician", "it_lead", strength=strength)
    refused = [item for item in event_bodies(practice_id=practice.id) if "change_refused" in item["kind"]]
    assert refused[-1]["reason"] == "weak_sign_in"


def test_other_roles_go_on_being_given_by_one_person(
    practice: PracticeRecord, owner: Member, second: Member, clinician: Member, four: list[Phone]
) -> None:
    assert change(practice, clinician, owner, "clinician", "scheduler").waiting is None
    assert change(practice, second, owner, "it_lead", "billing").waiting is None


def test_the_only_other_officer_loses_the_role_after_a_day_in_which_either_may_stop_it(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone], mail_is_set: list[object]
) -> None:
    start = clock.now()
    outcome = change(practice, second, owner)
    with clock.frozen(start + timedelta(hours=23)):
        run_due()
        assert roles_of(second) == {"it_lead"}
        assert fleet.other_approvers(practice_id=practice.id, ordered_by=owner.id) == (second.id,)
    # Whoever has a mail address can stop it without signing in.
    assert [item.to for item in mail.outbox if "stop" in item.subject] == [[owner.email], [second.email]]
    with clock.frozen(start + timedelta(hours=24, minutes=1)):
        run_due()
        assert roles_of(second) == frozenset()
        # Nor is the owner alone for another day.
        assert not fleet.is_alone(practice_id=practice.id, member_id=owner.id)
    assert outcome.waiting is not None


def test_either_of_them_calls_it_off(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    outcome = rollout.mark_left(
        practice_id=practice.id, member_id=second.id, by_member_id=owner.id, strength="passkey"
    )
    assert outcome.waiting is not None
    rollout.cancel_change(change_id=outcome.waiting, by=f"member:{second.id}")
    with clock.frozen(clock.now() + timedelta(hours=25)):
        run_due()
    assert roles_of(second) == {"it_lead"}


def test_somebody_new_is_here_at_once_and_an_officer_once_it_is_approved(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    added = rollout.add_person(
        practice_id=practice.id, details=NEW, roles=("clinician", "owner"), by_member_id=owner.id,
        strength="passkey",
    )  # fmt: skip
    (erin,) = added.people
    assert (added.waiting, added.refusal) == (1, "")
    assert practice_api.get_member(member_id=erin).roles == {"clinician"}
    weak = rollout.add_person(
        practice_id=practice.id, details=NEW | {"full_name": "Eva New", "email": "eva@example.org"},
        roles=("owner",), by_member_id=owner.id, strength="password_totp",
    )  # fmt: skip
    assert (weak.waiting, weak.refusal) == (0, "Use your passkey for this step.")
    assert practice_api.get_member(member_id=weak.people[0]).roles == frozenset()


def test_a_file_of_people_makes_no_officer_by_itself(
    practice: PracticeRecord, owner: Member, second: Member, four: list[Phone]
) -> None:
    data = b"full_name,roles\nErin New,clinician it_lead\nEva New,billing\n"
    found, added = rollout.import_people(
        practice_id=practice.id, data=data, by_member_id=owner.id, strength="passkey"
    )
    assert (found.added, added.waiting) == (("Erin New", "Eva New"), 1)
    people = {person.full_name: person.roles for person in practice_api.members(practice_id=practice.id)}
    assert (people["Erin New"], people["Eva New"]) == ({"clinician"}, {"billing"})
