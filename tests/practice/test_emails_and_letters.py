"""An e-mail is one address and one person's; a name holds no letter that cannot be seen."""

from __future__ import annotations

import pytest
from django.utils import translation

from pocketward.practice import api as practice_api
from pocketward.practice import people
from pocketward.practice.api import Member, PracticeRecord
from pocketward.practice.errors import DetailsRefused, EmailRefused, PracticeError
from pocketward.spine.api import practice_scope


@pytest.fixture(autouse=True)
def here(practice: PracticeRecord) -> object:
    """Everything happens in this practice."""
    with practice_scope(practice.id):
        yield


def add(practice: PracticeRecord, name: str, email: str) -> Member:
    return practice_api.add_member(practice_id=practice.id, full_name=name, email=email, by="system:test")


def test_an_email_is_one_persons_and_the_refusal_says_whose(
    practice: PracticeRecord, clinician: Member
) -> None:
    with pytest.raises(EmailRefused, match="Ben Sample’s already"):
        add(practice, "Eve Example", clinician.email.upper())
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    with pytest.raises(EmailRefused, match="They have left"):
        add(practice, "Eve Example", clinician.email)
    assert not practice_api.find_members(practice_id=practice.id, text="Eve Example")


def test_what_is_refused_is_said_in_the_language_of_the_page(
    practice: PracticeRecord, clinician: Member
) -> None:
    with translation.override("es"), pytest.raises(EmailRefused, match=r"ya es de Ben Sample\. Dé a cada"):
        add(practice, "Eve Example", clinician.email)
    practice_api.mark_left(member_id=clinician.id, by="system:test")
    with translation.override("es"), pytest.raises(EmailRefused, match="Ya no trabaja aquí"):
        add(practice, "Eve Example", clinician.email)
    with translation.override("es"), pytest.raises(PracticeError, match="ningún rol llamado superuser"):
        practice_api.give_role(member_id=clinician.id, role="superuser", by="system:test")


def test_an_email_that_was_taken_in_the_same_moment_is_refused_alike(
    practice: PracticeRecord, clinician: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, refuse = [], people.refuse_email

    def late(practice_id: object, email: str) -> None:
        told.append(email)
        if len(told) > 1:
            refuse(practice.id, email)

    monkeypatch.setattr(people, "refuse_email", late)
    with pytest.raises(EmailRefused, match="Ben Sample"):
        add(practice, "Eve Example", clinician.email)
    assert len(told) == 2


@pytest.mark.parametrize("text", ["not-mail", "z@example.org bcc: x@y.z", "a@b@c.org", "@example.org"])
def test_what_is_no_email_address_is_refused(practice: PracticeRecord, text: str) -> None:
    with pytest.raises(PracticeError):
        add(practice, "Eve Example", text)
    with pytest.raises(PracticeError, match="Row 2"):
        practice_api.import_people(
            practice_id=practice.id, data=f"full_name,email\nEve Example,{text}\n".encode(), by="system:test"
        )


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\x07"])
def test_names_hold_no_letter_that_is_unseen(practice: PracticeRecord, letter: str) -> None:
    with pytest.raises(PracticeError):
        add(practice, f"Eve{letter}Example", "")
    with pytest.raises(DetailsRefused):
        practice_api.add_site(practice_id=practice.id, name=f"East{letter}side", by="system:test")
    with pytest.raises(DetailsRefused):
        practice_api.add_site(
            practice_id=practice.id, name="East", address=f"1 Main{letter}St", by="system:test"
        )
