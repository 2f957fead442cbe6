"""The owner link makes a practice that its gate can be used for, and nobody takes over an account with it."""

from __future__ import annotations

from contextvars import Context

import pytest
from django.test import Client

from pocketward.access import api as access
from pocketward.access.sign_in import entry
from pocketward.pki import api as pki_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import practice_scope

FORM = {
    "practice": "Lakeview Counseling", "zone": "America/Chicago", "name": "Lea Lake",
    "email": "lea@example.org", "level": "0",
}  # fmt: skip


def start(browser: Client, **changes: str) -> int:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    assert browser.get(f"/start/{secret}").status_code == 200
    return int(browser.post(f"/start/{secret}", FORM | changes).status_code)


def test_a_new_practice_has_an_authority_rules_and_its_owner_on_call(installation: None) -> None:
    assert Context().run(start, Client(HTTP_HOST="localhost")) == 302
    (practice,) = practice_api.practices()
    assert (practice.zone, practice.adoption_level) == ("America/Chicago", 0)

    def look() -> None:
        with practice_scope(practice.id):
            assert pki_api.has_authority(practice_id=practice.id)
            assert ("clinician", "notes", True) in access.role_matrix(practice_id=practice.id)
            (owner,) = practice_api.on_call_list(practice_id=practice.id)
            assert owner.full_name == "Lea Lake"

    Context().run(look)


def test_the_first_run_link_is_dead_once_somebody_has_an_account(installation: None) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    assert Context().run(start, Client(HTTP_HOST="localhost")) == 302
    answer = Client(HTTP_HOST="localhost").post(f"/start/{secret}", FORM)
    assert answer.status_code == 410
    assert len(practice_api.practices()) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "lea@"}, "email"), ({"email": f"{'l' * 250}@example.org"}, "name"),
        ({"name": "=lea"}, "name"), ({"name": "Lea\u202eLake"}, "name"), ({"name": "l" * 121}, "name"),
        ({"practice": "p" * 121}, "practice"), ({"practice": "Lake\u202eview"}, "practice"),
    ],
)  # fmt: skip
def test_a_start_that_cannot_be_kept_leaves_the_link_good_and_no_practice(
    installation: None, wrong: dict[str, str], field: str
) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    browser = Client(HTTP_HOST="localhost")
    answer = Context().run(browser.post, f"/start/{secret}", FORM | wrong)
    assert answer.status_code == 400
    page = answer.context["page"]
    assert [error.field for error in page.errors] == [field]
    assert dict(page.values) == FORM | wrong
    assert practice_api.practices() == ()
    assert Context().run(browser.post, f"/start/{secret}", FORM).status_code == 302
    assert len(practice_api.practices()) == 1


def test_a_server_that_dies_in_the_middle_of_the_start_leaves_no_practice_without_an_owner(
    installation: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")

    def die(**given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killing, pytest.raises(KeyboardInterrupt):
        killing.setattr(entry, "prepare_practice", die)
        Context().run(Client(HTTP_HOST="localhost").post, f"/start/{secret}", FORM)
    assert practice_api.practices() == ()
    assert not practice_api.owner_exists()
    assert Context().run(Client(HTTP_HOST="localhost").post, f"/start/{secret}", FORM).status_code == 302


def test_the_start_is_refused_over_plain_http_from_elsewhere(installation: None) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    far = Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.7")
    assert far.post(f"/start/{secret}", FORM).status_code == 400
    assert practice_api.practices() == ()
    assert practice_api.look_at_link(secret=secret, purpose=practice_api.OWNER_LINK)


@pytest.mark.django_db
def test_a_server_that_dies_while_somebody_joins_leaves_their_invitation_good(
    practice: PracticeRecord, clinician: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = practice_api.invite_member(member_id=clinician.id, by="system:test")

    def die(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killing, pytest.raises(KeyboardInterrupt):
        killing.setattr(entry, "_verify_email", die)
        Client(HTTP_HOST="localhost").post(f"/join/{secret}")
    assert practice_api.account_of_email(email=clinician.email) is None
    assert Client(HTTP_HOST="localhost").post(f"/join/{secret}").status_code == 302


@pytest.mark.django_db
def test_an_invitation_never_opens_the_account_of_a_person_of_another_practice(
    practice: PracticeRecord, owner: Member
) -> None:
    practice_api.open_account(member_id=owner.id, email=owner.email, by="system:test")

    def invited() -> str:
        other = practice_api.create_practice(name="Lakeview Counseling", by="system:test")
        with practice_scope(other.id):
            same = practice_api.add_member(
                practice_id=other.id, full_name="Not Dana", email=owner.email, by="system:test"
            )
            return practice_api.invite_member(member_id=same.id, by="system:test")

    secret = Context().run(invited)
    browser = Client(HTTP_HOST="localhost")
    answer = browser.post(f"/join/{secret}")
    assert b"has an account here" in answer.content
    assert browser.get(f"/p/{practice.slug}/")["Location"].startswith("/sign-in/")
    assert practice_api.look_at_link(secret=secret, purpose=practice_api.INVITATION)
