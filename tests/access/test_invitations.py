"""An invitation is no way into an account that works, and its secret is for the person invited alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from pytest_django import Settings

from pocketward.access import api as access
from pocketward.access.sign_in.errors import AlreadySignsIn, OwnerComesBackOnTheServer
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.practice.errors import LinkSpent
from pocketward.spine.api import event_bodies, run_due
from pocketward.spine.models import Job


def give_passkey(person: Member, kind: str = Authenticator.Type.WEBAUTHN) -> None:
    """An account with a way in."""
    account = practice_api.open_account(member_id=person.id, email=person.email, by="system:test")
    Authenticator.objects.create(user_id=account.id, type=kind, data={})


def join(secret: str) -> int:
    """What a stranger's browser is answered."""
    return int(Client(HTTP_HOST="localhost").post(f"/join/{secret}").status_code)


@pytest.mark.parametrize("kind", [Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP])
def test_nobody_who_can_sign_in_is_invited(practice: PracticeRecord, clinician: Member, kind: str) -> None:
    give_passkey(clinician, kind)
    with pytest.raises(AlreadySignsIn):
        access.invite(member_id=clinician.id, by="system:test")
    kinds = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    assert "practice.member_invited" not in kinds


def test_an_old_invitation_opens_no_account_that_works_and_stays_unspent(
    practice: PracticeRecord, clinician: Member
) -> None:
    secret = practice_api.invite_member(member_id=clinician.id, by="system:test")
    give_passkey(clinician)
    assert join(secret) == 400
    assert practice_api.look_at_link(secret=secret, purpose=practice_api.INVITATION)


def test_whoever_made_no_passkey_yet_may_be_invited_again(
    practice: PracticeRecord, clinician: Member
) -> None:
    assert join(access.invite(member_id=clinician.id, by="system:test")) == 302
    assert join(access.invite(member_id=clinician.id, by="system:test")) == 302


def test_a_lost_passkey_is_replaced_and_everybody_else_is_told(
    practice: PracticeRecord, owner: Member, clinician: Member, settings: Settings
) -> None:
    third = practice_api.add_member(
        practice_id=practice.id, full_name="Grace Pattern", email="grace@example.org",
        role_names=("security_officer",), by="system:test",
    )  # fmt: skip
    give_passkey(clinician)
    secret = access.invite(member_id=clinician.id, by=f"member:{third.id}", new_sign_in=True)
    assert Client(HTTP_HOST="localhost").get(f"/join/{secret}").status_code == 200
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host="mail.example.org"))
    while run_due():
        pass
    assert sorted(letter.to[0] for letter in mail.outbox) == [clinician.email, owner.email]
    assert join(secret) == 302
    assert join(secret) == 410
    kinds = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    assert "practice.new_sign_in_invited" in kinds


def test_an_owners_sign_in_is_replaced_on_the_server_only(practice: PracticeRecord, owner: Member) -> None:
    give_passkey(owner)
    with pytest.raises(OwnerComesBackOnTheServer):
        access.invite(member_id=owner.id, by="system:test", new_sign_in=True)


def test_with_mail_the_secret_reaches_the_invited_person_alone(
    practice: PracticeRecord, owner: Member, clinician: Member, settings: Settings
) -> None:
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host="mail.example.org"))
    assert access.invite(member_id=clinician.id, by=f"member:{owner.id}") == ""
    while run_due():
        pass
    (letter,) = mail.outbox
    assert letter.to == [clinician.email]
    secret = letter.body.split("/join/")[1].split()[0]
    assert all(secret not in str(row) for row in Job.objects.values())
    assert all(secret not in str(body) for body in event_bodies(practice_id=practice.id))
    assert join(secret) == 302
    with pytest.raises(LinkSpent):
        access.look_at_invitation(secret=secret)
