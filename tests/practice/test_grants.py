"""A technician of the IT provider is let in by an owner, for a time, and is no member of the workforce."""

from __future__ import annotations

from contextvars import Context
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import AccountRecord, Member, PracticeRecord
from pocketward.practice.errors import GrantRefused, PracticeError
from pocketward.practice.models import ServiceGrant
from pocketward.spine.api import event_bodies, practice_scope


def let_in(
    owner: Member, *, days: float = 30, email: str = "tess@helpdesk.example", provider: str = "Harbor IT"
) -> UUID:
    return practice_api.give_service_grant(
        practice_id=owner.practice_id, provider=provider, full_name="Tess Technician", email=email,
        until=clock.now() + timedelta(days=days), by_member_id=owner.id,
    )  # fmt: skip


def with_account(owner: Member) -> tuple[UUID, AccountRecord]:
    """A technician who has come by their invitation."""
    member_id = let_in(owner)
    account = practice_api.open_account(member_id=member_id, email="tess@helpdesk.example", by="system:test")
    return member_id, account


def is_here(practice: PracticeRecord, account: AccountRecord, at: datetime | None = None) -> bool:
    """Whether the account is somebody in this practice, asked both ways."""
    with clock.frozen(at or clock.now()):
        one = practice_api.member_of_account(practice_id=practice.id, account_id=account.id)
        found = practice_api.memberships(account_id=account.id, practice_ids=(practice.id,))
    assert bool(found) == (one is not None)
    return one is not None


def test_a_technician_is_here_while_the_grant_lives_and_not_after(
    practice: PracticeRecord, owner: Member
) -> None:
    _member_id, account = with_account(owner)
    assert is_here(practice, account)
    assert not is_here(practice, account, clock.now() + timedelta(days=31))


def test_an_ended_grant_is_over_at_once_and_both_are_sealed(practice: PracticeRecord, owner: Member) -> None:
    member_id, account = with_account(owner)
    (grant,) = practice_api.service_grants(practice_id=practice.id)
    assert practice_api.end_service_grant(grant_id=grant.id, by=f"member:{owner.id}")
    assert not is_here(practice, account)
    assert not practice_api.end_service_grant(grant_id=grant.id, by=f"member:{owner.id}")
    bodies = [body for body in event_bodies(practice_id=practice.id) if "service_grant" in str(body["kind"])]
    assert [(body["kind"], body["member_id"], body["actor"]) for body in bodies] == [
        ("practice.service_grant_given", str(member_id), f"member:{owner.id}"),
        ("practice.service_grant_ended", str(member_id), f"member:{owner.id}"),
    ]  # fmt: skip
    assert bodies[0]["provider"] == "Harbor IT"


def test_a_technician_holds_one_role_while_let_in_and_is_not_counted_among_the_people(
    practice: PracticeRecord, owner: Member
) -> None:
    member_id = let_in(owner)
    person = practice_api.get_member(member_id=member_id)
    assert person.roles == {"service_technician"}
    assert person.is_technician and not person.is_officer
    assert member_id not in {one.id for one in practice_api.members(practice_id=practice.id)}
    assert practice_api.find_members(practice_id=practice.id, text="tess@helpdesk.example") == ()
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert practice_api.get_member(member_id=member_id).roles == frozenset()
    with pytest.raises(PracticeError, match="no role"):
        practice_api.give_role(member_id=member_id, role="owner", by="system:test")
    with pytest.raises(PracticeError, match="no role"):
        practice_api.give_role(member_id=owner.id, role="service_technician", by="system:test")


def test_only_an_owner_lets_somebody_in(practice: PracticeRecord, owner: Member) -> None:
    lead = practice_api.add_member(
        practice_id=practice.id, full_name="Ida Lead", role_names=("it_lead",), by="system:test"
    )
    with pytest.raises(GrantRefused, match="Only an owner"):
        let_in(lead)


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_grant_ends_within_ninety_days(practice: PracticeRecord, owner: Member, days: int) -> None:
    with pytest.raises(GrantRefused) as refused:
        let_in(owner, days=days)
    assert refused.value.field == "until"


@pytest.mark.parametrize(
    ("email", "provider", "field"), [("nobody", "Harbor IT", "email"), ("a@b", "", "provider")]
)
def test_a_technician_has_a_name_a_firm_and_an_e_mail(
    practice: PracticeRecord, owner: Member, email: str, provider: str, field: str
) -> None:
    with pytest.raises(GrantRefused) as refused:
        let_in(owner, email=email, provider=provider)
    assert refused.value.field == field


def test_somebody_who_works_here_is_not_let_in_as_a_technician(
    practice: PracticeRecord, owner: Member, clinician: Member
) -> None:
    with pytest.raises(GrantRefused, match="works here"):
        let_in(owner, email=clinician.email.upper())


def test_a_technician_comes_back_under_a_new_grant_and_never_under_two(
    practice: PracticeRecord, owner: Member
) -> None:
    member_id, account = with_account(owner)
    with pytest.raises(GrantRefused, match="let in already"):
        let_in(owner)
    with clock.frozen(clock.now() + timedelta(days=40)):
        assert let_in(owner) == member_id
        assert practice_api.get_member(member_id=member_id).account_id == account.id
        first, second = practice_api.service_grants(practice_id=practice.id)
        assert (first.ended_at, second.ended_at) == (None, second.until)
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceGrant.objects.create(
                practice_id=practice.id, member_id=member_id, given_by="system:test", until=clock.now()
            )


def test_a_grant_of_one_practice_opens_no_other(practice: PracticeRecord, owner: Member) -> None:
    _member_id, account = with_account(owner)
    other = Context().run(practice_api.create_practice, name="Lakeview Counseling", by="system:test")

    def seen() -> object:
        with practice_scope(other.id):
            here = practice_api.member_of_account(practice_id=other.id, account_id=account.id)
            return here, practice_api.service_grants(practice_id=other.id)

    assert Context().run(seen) == (None, ())
