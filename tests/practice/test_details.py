"""The practice's own details and its on-call order, written down with who and what."""

from __future__ import annotations

import pytest

from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.practice.errors import DetailsRefused, PracticeError
from pocketward.spine.api import event_bodies


def change(practice: PracticeRecord, **parts: object) -> tuple[str, ...]:
    now = practice_api.get_practice(practice_id=practice.id)
    names = (
        "name", "zone", "language", "front_desk_phone", "emergency_phone", "password_allowed",
        "adoption_level",
    )  # fmt: skip
    whole = {name: getattr(now, name) for name in names} | parts
    return practice_api.change_practice(practice_id=practice.id, by="system:test", **whole)  # type: ignore[arg-type]


def test_a_change_says_what_was_before_and_after(practice: PracticeRecord) -> None:
    assert change(practice, zone="America/Denver", password_allowed=False) == ("zone", "password_allowed")
    last = list(event_bodies(practice_id=practice.id))[-1]
    assert last["kind"] == "practice.practice_changed"
    assert last["before"] == ["America/New_York", "True"]
    assert last["after"] == ["America/Denver", "False"]
    assert change(practice) == ()


def test_the_lost_phone_address_and_the_slug_stay_whatever_the_name(practice: PracticeRecord) -> None:
    change(practice, name="Harbor Street Family Clinic")
    now = practice_api.get_practice(practice_id=practice.id)
    assert (now.slug, now.lost_code) == (practice.slug, practice.lost_code)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("name", " "), ("zone", "Moon/Sea"), ("language", "fr"), ("front_desk_phone", "call me"),
        ("adoption_level", 4),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(practice: PracticeRecord, part: str, value: object) -> None:
    with pytest.raises(DetailsRefused) as refused:
        change(practice, **{part: value})
    assert refused.value.field == part


def test_people_are_called_in_the_order_given_and_officers_after_them(
    practice: PracticeRecord, owner: Member, clinician: Member
) -> None:
    practice_api.set_on_call(practice_id=practice.id, member_ids=(clinician.id,), by="system:test")
    assert [person.id for person in practice_api.on_call(practice_id=practice.id)] == [clinician.id, owner.id]
    practice_api.set_on_call(practice_id=practice.id, member_ids=(owner.id, clinician.id), by="system:test")
    called = practice_api.on_call_list(practice_id=practice.id)
    assert [person.id for person in called] == [owner.id, clinician.id]
    with pytest.raises(PracticeError):
        practice_api.set_on_call(practice_id=practice.id, member_ids=(owner.id, owner.id), by="system:test")
