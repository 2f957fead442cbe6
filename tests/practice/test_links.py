"""One-time links: single use, short life, one purpose, and only a digest is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.practice.errors import LinkSpent
from pocketward.practice.models import OneTimeLink
from pocketward.spine.api import event_bodies

OWNER, INVITATION, DEMO = practice_api.OWNER_LINK, practice_api.INVITATION, practice_api.DEMO_SIGN_IN


def invitation(member: Member) -> str:
    """The secret of an invitation."""
    return practice_api.invite_member(member_id=member.id, by="system:test")


def age(by: timedelta) -> None:
    """Let every link have been made this much earlier."""
    for link in OneTimeLink.objects.all():
        link.expires_at -= by
        link.save()


def test_a_link_may_be_looked_at_often_and_spent_once(clinician: Member) -> None:
    secret = invitation(clinician)
    for _ in range(3):
        target = practice_api.look_at_link(secret=secret, purpose=INVITATION)
        assert target.member_id == clinician.id
    assert practice_api.spend_link(secret=secret, purpose=INVITATION).member_id == clinician.id
    with pytest.raises(LinkSpent):
        practice_api.spend_link(secret=secret, purpose=INVITATION)
    with pytest.raises(LinkSpent):
        practice_api.look_at_link(secret=secret, purpose=INVITATION)


def test_only_a_digest_of_the_secret_is_kept_and_no_event_holds_it(
    practice: PracticeRecord, clinician: Member
) -> None:
    secret = invitation(clinician)
    assert len(secret) >= 26
    assert all(secret not in str(row) for row in OneTimeLink.objects.values())
    assert all(secret not in str(body) for body in event_bodies(practice_id=practice.id))


@pytest.mark.parametrize("purpose", [OWNER, DEMO, "", "anything"])
def test_a_link_is_good_for_its_own_purpose_only(clinician: Member, purpose: str) -> None:
    secret = invitation(clinician)
    with pytest.raises(LinkSpent):
        practice_api.spend_link(secret=secret, purpose=purpose)
    assert practice_api.look_at_link(secret=secret, purpose=INVITATION)


@pytest.mark.parametrize("secret", ["", "0" * 26, "' OR 1=1 --", "x" * 5000, "\x00"])
def test_a_secret_that_was_never_made_opens_nothing(clinician: Member, secret: str) -> None:
    invitation(clinician)
    with pytest.raises(LinkSpent):
        practice_api.look_at_link(secret=secret, purpose=INVITATION)


def test_the_setup_link_lives_for_half_an_hour_on_the_machines_clock(installation: None) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert practice_api.look_at_link(secret=secret, purpose=OWNER)
    age(timedelta(minutes=29))
    assert practice_api.look_at_link(secret=secret, purpose=OWNER)
    age(timedelta(minutes=2))
    with pytest.raises(LinkSpent):
        practice_api.spend_link(secret=secret, purpose=OWNER)


def test_the_setup_link_is_dead_for_ever_once_an_owner_exists(
    practice: PracticeRecord, owner: Member
) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    assert practice_api.look_at_link(secret=secret, purpose=OWNER)
    practice_api.open_account(member_id=owner.id, email="dana@example.org", by="system:test")
    assert practice_api.owner_exists()
    with pytest.raises(LinkSpent):
        practice_api.look_at_link(secret=secret, purpose=OWNER)
    with pytest.raises(LinkSpent):
        practice_api.spend_link(secret=secret, purpose=OWNER)


def test_a_new_owners_link_from_the_host_is_a_fact_that_names_who_asked(practice: PracticeRecord) -> None:
    secret = practice_api.make_owner_link(practice_id=practice.id, member_id=None, host_user="root")
    made = [
        body for body in event_bodies(practice_id=practice.id) if body["kind"] == "practice.owner_link_made"
    ]
    assert [body["host_user"] for body in made] == ["root"]
    assert practice_api.spend_link(secret=secret, purpose=OWNER).practice_id == practice.id


def test_an_account_is_opened_once_and_serves_many_practices(owner: Member, clinician: Member) -> None:
    first = practice_api.open_account(member_id=owner.id, email=" Dana@Example.org ", by="system:test")
    again = practice_api.open_account(member_id=owner.id, email="dana@example.org", by="system:test")
    assert first.id == again.id
    assert first.email == "dana@example.org"
    assert practice_api.memberships(account_id=first.id, practice_ids=(owner.practice_id,)) == (
        (owner.practice_id, owner.id),
    )
    assert practice_api.member_of_account(practice_id=owner.practice_id, account_id=first.id) == owner.id


def test_whoever_left_is_nobodys_account(owner: Member, clinician: Member) -> None:
    account = practice_api.open_account(member_id=clinician.id, email="ben@example.org", by="system:test")
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    assert practice_api.member_of_account(practice_id=owner.practice_id, account_id=account.id) is None
    assert practice_api.memberships(account_id=account.id, practice_ids=(owner.practice_id,)) == ()
