"""The places where a practice works: kept on its details page, and said of each person."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord, SiteRecord
from pocketward.practice.errors import DetailsRefused, NoSuchSite
from pocketward.spine.api import event_bodies, practice_scope

KINDS = (
    "practice.site_added", "practice.site_changed", "practice.site_ended", "practice.member_site_changed",
)  # fmt: skip


@pytest.fixture
def main_street(practice: PracticeRecord) -> SiteRecord:
    return practice_api.add_site(
        practice_id=practice.id, name="Main Street", address="1 Main Street", by="system:test"
    )


def names(practice: PracticeRecord) -> list[str]:
    return [site.name for site in practice_api.sites(practice_id=practice.id)]


def told(practice: PracticeRecord) -> list[dict[str, Any]]:
    return list(event_bodies(practice_id=practice.id, kinds=KINDS))


def post(browser: Client, practice: PracticeRecord, **values: str) -> int:
    return browser.post(f"/p/{practice.slug}/setup/practice/sites/", values).status_code


def test_an_officer_adds_names_anew_and_closes_a_site_each_an_entry(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    assert post(owners_browser, practice, act="add", site_name="Harbor  Street", site_address="5 Quay") == 302
    (site,) = practice_api.sites(practice_id=practice.id)
    page = owners_browser.get(f"/p/{practice.slug}/setup/practice/").content.decode()
    assert 'value="Harbor Street"' in page
    assert "The site is added." in page
    key = public_id("site", site.id)
    assert post(owners_browser, practice, act="change", site=key, site_name="Harbor", site_address="") == 302
    assert names(practice) == ["Harbor"]
    assert post(owners_browser, practice, act="end", site=key) == 302
    assert names(practice) == []
    assert post(owners_browser, practice, act="end", site=key) == 404
    assert [(one["kind"], one["name"]) for one in told(practice)] == [
        ("practice.site_added", "Harbor Street"), ("practice.site_changed", "Harbor"),
        ("practice.site_ended", "Harbor"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", " ", "x" * 121, "main  STREET", "a\x00b"])
def test_a_name_that_cannot_be_is_refused_where_it_was_typed(
    practice: PracticeRecord, owners_browser: Client, main_street: SiteRecord, name: str
) -> None:
    assert post(owners_browser, practice, act="add", site_name=name) == 400
    with pytest.raises(DetailsRefused):
        practice_api.add_site(practice_id=practice.id, name=name, by="system:test")
    assert names(practice) == ["Main Street"]


def test_a_closed_sites_name_is_free_again(practice: PracticeRecord, main_street: SiteRecord) -> None:
    practice_api.end_site(site_id=main_street.id, by="system:test")
    practice_api.add_site(practice_id=practice.id, name="Main Street", by="system:test")
    assert names(practice) == ["Main Street"]


def test_a_persons_page_says_and_changes_where_they_work(
    practice: PracticeRecord, owners_browser: Client, clinician: Member, main_street: SiteRecord
) -> None:
    place = f"/p/{practice.slug}/people/{public_id('mem', clinician.id)}/"
    assert "no site in particular" in owners_browser.get(place).content.decode()
    key = public_id("site", main_street.id)
    assert owners_browser.post(f"{place}site/", {"site": key}).status_code == 302
    page = owners_browser.get(place).content.decode()
    assert f'<option value="{key}" selected>Main Street' in page
    assert '<span class="end">Main Street</span>' in page
    (entry,) = [one for one in told(practice) if one["kind"] == "practice.member_site_changed"]
    assert (entry["full_name"], entry["site"]) == (clinician.full_name, "Main Street")
    # With the site, nobody is there any more.
    practice_api.end_site(site_id=main_street.id, by="system:test")
    assert practice_api.get_member(member_id=clinician.id).site_id is None
    assert owners_browser.post(f"{place}site/", {"site": key}).status_code == 404


def test_a_person_reads_where_they_are_noted_to_work(
    practice: PracticeRecord, owners_browser: Client, owner: Member, main_street: SiteRecord
) -> None:
    practice_api.set_site(member_id=owner.id, site_id=main_street.id, by="system:test")
    assert "Main Street" in owners_browser.get(f"/p/{practice.slug}/me/held/").content.decode()


def test_another_practices_site_is_none_of_ours(
    practice: PracticeRecord, owners_browser: Client, clinician: Member
) -> None:
    other = practice_api.create_practice(name="Other Clinic", by="system:test")
    with practice_scope(other.id):
        theirs = practice_api.add_site(practice_id=other.id, name="Theirs", by="system:test")
    key = public_id("site", theirs.id)
    assert post(owners_browser, practice, act="change", site=key, site_name="Ours") == 404
    assert post(owners_browser, practice, act="end", site=key) == 404
    place = f"/p/{practice.slug}/people/{public_id('mem', clinician.id)}/site/"
    assert owners_browser.post(place, {"site": key}).status_code == 404
    with pytest.raises(NoSuchSite):
        practice_api.set_site(member_id=clinician.id, site_id=theirs.id, by="system:test")
