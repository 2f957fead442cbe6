"""Practices and the kind of world that their database was born as."""

from __future__ import annotations

import pytest

from pocketward.practice import api as practice_api
from pocketward.practice.errors import NoSuchPractice, WorldIsFixed
from pocketward.spine.api import event_bodies, practice_scope


def test_a_world_is_what_it_was_born_as_for_ever(installation: None) -> None:
    practice_api.be_born(world="demo")
    assert practice_api.world() == "demo"
    with pytest.raises(WorldIsFixed):
        practice_api.be_born(world="real")
    assert practice_api.world() == "demo"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Harbor Street Clinic", "harbor-street-clinic"), ("Dr. O'Neil & Söhne", "dr-o-neil-s-hne"),
     ("診療所", "practice"), ("x" * 200, "x" * 50), ("--", "practice")],
)  # fmt: skip
def test_a_practice_gets_an_address_that_is_free_and_plain(installation: None, name: str, slug: str) -> None:
    first = practice_api.create_practice(name=name[:120], by="system:test")
    second = practice_api.create_practice(name=name[:120], by="system:test")
    assert (first.slug, second.slug) == (slug, f"{slug}-2")
    assert practice_api.practice_by_slug(slug=slug).id == first.id


def test_the_short_lost_phone_address_is_read_in_either_case_and_names_one_practice(
    installation: None,
) -> None:
    made = [practice_api.create_practice(name=f"Clinic {number}", by="system:test") for number in range(5)]
    assert len({one.lost_code for one in made}) == 5
    for one in made:
        assert practice_api.practice_by_lost_code(code=f" {one.lost_code.upper()} ").id == one.id


@pytest.mark.parametrize("code", ["", "zzzzzz", "%", "' OR 1=1"])
def test_a_code_that_no_practice_has_names_none(installation: None, code: str) -> None:
    practice_api.create_practice(name="Clinic", by="system:test")
    with pytest.raises(NoSuchPractice):
        practice_api.practice_by_lost_code(code=code)


def test_a_new_practice_is_its_own_first_fact(installation: None) -> None:
    made = practice_api.create_practice(name="  Harbor   Street ", by="member:x")
    with practice_scope(made.id):
        (fact,) = event_bodies(practice_id=made.id)
    assert (fact["kind"], fact["name"], fact["actor"]) == (
        "practice.practice_created",
        "Harbor Street",
        "member:x",
    )
    assert fact["world"] == "demo"
