"""The list of phones: the question stands in the address, an act on many touches the frozen list only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.fleet.models import Command
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.overview import api as overview_api
from pocketward.posture.models import DevicePosture
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import open_tasks
from pocketward.spine.reactions import OUR_FAULT
from pocketward.web.phones.csv_file import harmless
from tests.factories.many_phones import many_phones
from tests.web.clinic import Clinic, fill

CountedQueries = Callable[..., AbstractContextManager[Any]]
WITH_FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def place(practice: PracticeRecord, rest: str = "") -> str:
    return f"/p/{practice.slug}/phones/{rest}"


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'<td class="c-name">.*?<a href="[^"]+">([^<]+)</a>', html)


@pytest.fixture
def ward(practice: PracticeRecord) -> PracticeRecord:
    """A practice of 120 phones."""
    many_phones(practice.id, 120)
    overview_api.rebuild(practice_id=practice.id)
    return practice


@settings(max_examples=10, deadline=None, suppress_health_check=WITH_FIXTURES)
@given(
    picked=st.sets(st.integers(0, 7), min_size=1),
    sent_later=st.sets(st.integers(0, 7)),
    removed=st.sets(st.integers(0, 7)),
)
def test_an_act_on_many_never_touches_a_phone_outside_the_frozen_list(
    practice: PracticeRecord,
    owner: Member,
    owners_browser: Client,
    picked: set[int],
    sent_later: set[int],
    removed: set[int],
) -> None:
    devices, before = many_phones(practice.id, 8), set(Command.objects.values_list("id", flat=True))
    overview_api.rebuild(practice_id=practice.id)
    pick = [public_id("dev", devices[number]) for number in picked]
    shown = owners_browser.post(place(practice, "bulk/"), {"pick": pick}).content.decode()
    token = re.findall(r'name="frozen" value="([^"]+)"', shown)[0]
    for number in removed:
        fleet_api.remove_device(device_id=devices[number], by_member_id=owner.id)
    many_phones(practice.id, 1)
    overview_api.rebuild(practice_id=practice.id)
    later = [public_id("dev", devices[number]) for number in sent_later]
    for _ in ("once", "twice"):
        owners_browser.post(place(practice, "bulk/"), {"frozen": token, "pick": later, "all": "1"})
    asked = list(Command.objects.exclude(pk__in=before).values_list("device_id", flat=True))
    assert sorted(asked) == sorted([devices[number] for number in picked - removed] * 2)


def test_all_that_fit_are_frozen_as_they_are_at_that_moment(
    ward: PracticeRecord, owners_browser: Client
) -> None:
    html = page(owners_browser, place(ward, "?owner=practice"))
    fits = int(re.findall(r"Ask all (\d+) that fit", html)[0])
    address = re.findall(r'id="phones" method="post" action="([^"]+)"', html)[0]
    frozen = owners_browser.post(address, {"all": "1"}).content.decode()
    assert f"Ask {fits} phones to check in." in frozen
    assert frozen.count("<li><span>") == fits > overview_api.PER_PAGE


def test_asking_all_of_them_at_once_closes_nobodys_records(
    ward: PracticeRecord, owners_browser: Client
) -> None:
    before = set(DevicePosture.objects.values_list("device_id", "posture"))
    frozen = owners_browser.post(place(ward, "bulk/"), {"all": "1"}).content.decode()
    token = re.findall(r'name="frozen" value="([^"]+)"', frozen)[0]
    owners_browser.post(place(ward, "bulk/"), {"frozen": token})
    assert Command.objects.count() > 200
    assert set(DevicePosture.objects.values_list("device_id", "posture")) == before
    assert not [key for key, _ in open_tasks(ward.id) if key.startswith(OUR_FAULT)]


def test_a_page_holds_50_and_the_address_holds_the_question(
    ward: PracticeRecord, owners_browser: Client
) -> None:
    first = page(owners_browser, place(ward, "?q=ward&amp;sort=name".replace("&amp;", "&")))
    assert len(names(first)) == overview_api.PER_PAGE
    assert "1 to 50 of 120" in first
    onward = re.findall(r'<a href="(\?[^"]*page=2[^"]*)"', first)[0].replace("&amp;", "&")
    assert {"q=ward", "sort=name", "page=2"} == set(onward.lstrip("?").split("&"))
    second = page(owners_browser, place(ward, onward))
    assert not set(names(first)) & set(names(second))
    assert "101 to 120 of 120" in page(owners_browser, place(ward, "?q=ward&page=99"))


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("?q=zzz", "None of 120 phones fits: “zzz”."),
        (
            "?view=personal&status=closed&kind=ipad",
            "None of 120 phones fits: Records closed, iPad, Personal.",
        ),
        ("?q=%25", "None of 120 phones fits: “%”."),
    ],
)
def test_an_empty_list_says_why_and_shows_the_way_out(
    ward: PracticeRecord, owners_browser: Client, question: str, why: str
) -> None:
    html = page(owners_browser, place(ward, question))
    assert why in html
    assert '<a href="?">Show all</a>' in html


@pytest.mark.parametrize("rest", ["", "?view=shared", "?q=ward&sort=heard&page=2", "phones.csv"])
def test_a_list_costs_as_many_statements_for_120_phones_as_for_6(
    practice: PracticeRecord,
    owners_browser: Client,
    rest: str,
    django_assert_max_num_queries: CountedQueries,
) -> None:
    many_phones(practice.id, 6)
    overview_api.rebuild(practice_id=practice.id)
    page(owners_browser, place(practice, rest))
    with django_assert_max_num_queries(30) as few:
        page(owners_browser, place(practice, rest))
    many_phones(practice.id, 120)
    overview_api.rebuild(practice_id=practice.id)
    with django_assert_max_num_queries(len(few)):
        page(owners_browser, place(practice, rest))


def test_a_csv_is_of_the_question_and_runs_nothing(practice: PracticeRecord, owners_browser: Client) -> None:
    clinic = Clinic(practice)
    for label in ("=1+1", "+4", "-4", "@x", "Rounds iPad 1"):
        clinic.phone(label)
    rows = page(owners_browser, place(practice, "phones.csv?sort=name")).splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["'+4", "'-4", "'=1+1", "'@x", "Rounds iPad 1"]
    assert len(page(owners_browser, place(practice, "phones.csv?q=rounds")).splitlines()) == 2


def test_the_list_and_the_phones_own_page_say_the_same(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    fill(practice)
    html = page(owners_browser, place(practice))
    lines = re.findall(
        r'data-s="(\w+)".*?<a href="([^"]+)">([^<]+)</a></td><td class="why">([^<]*)</td>', html
    )
    assert len(lines) == 6
    for status, address, name, why in lines:
        own = page(owners_browser, address)
        assert f'data-s="{status}"' in own, name
        assert why in own, name


def test_home_says_so_when_a_phone_was_heard_from_in_the_future(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    clinic = Clinic(practice)
    device = clinic.phone("Rounds iPad 1")
    with clock.frozen(clock.now() + timedelta(hours=2)):
        clinic.report(device)
    html = page(owners_browser, f"/p/{practice.slug}/")
    assert "This server’s clock is wrong" in html
    assert "Set this server’s clock" in html


def test_home_counts_a_large_practice_without_listing_it(
    practice: PracticeRecord, owners_browser: Client, clinician: Member
) -> None:
    access_api.prepare_practice(practice_id=practice.id, by="system:test")
    many_phones(practice.id, 130, weak_every=10, silent_every=65)
    overview_api.rebuild(practice_id=practice.id)
    html = page(owners_browser, f"/p/{practice.slug}/")
    assert "115 of 130 phones are protected." in html
    assert "pw-roll" not in html


def test_search_finds_people_phones_and_cases(practice: PracticeRecord, owners_browser: Client) -> None:
    fill(practice)
    html = page(owners_browser, f"/p/{practice.slug}/search/?q=grace")
    assert [group for group in ("People", "Phones", "Incidents") if f">{group}</h2>" in html] == [
        "People", "Phones", "Incidents",
    ], html  # fmt: skip


@given(cell=st.text(max_size=20) | st.sampled_from(["=cmd|' /C calc'!A0", "\t=1", "\r=1", "\n=1", "@x"]))
def test_no_cell_of_a_list_is_run_by_a_spreadsheet_and_none_is_lost(cell: str) -> None:
    kept = harmless(cell)
    assert kept.removeprefix("'") == cell.removeprefix("'")
    assert not kept.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_people_come_out_of_a_list_as_they_were_imported(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    refused = owners_browser.post(
        f"/p/{practice.slug}/people/import/",
        {
            "file": SimpleUploadedFile(
                "people.csv", b"full_name,email\n\"=cmd|' /C calc'!A0\",x@example.org\n"
            )
        },
    )
    assert refused.status_code == 400
    assert "begins like a formula" in refused.content.decode()
    taken = owners_browser.post(
        f"/p/{practice.slug}/people/import/",
        {
            "file": SimpleUploadedFile(
                "people.csv", 'full_name,email\n"O’Neil, Ann",ann@example.org\n'.encode()
            )
        },
    )
    assert taken.status_code in (200, 302)
    (ann,) = practice_api.find_members(practice_id=practice.id, text="ann@example.org")
    # A label may be anything: here the list itself keeps the spreadsheet from running it.
    Clinic(practice).phone("=cmd|' /C calc'!A0", member=ann)
    text = owners_browser.get(f"/p/{practice.slug}/phones/phones.csv").content.decode()
    (line,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (line["phone"], line["person"]) == ("'=cmd|' /C calc'!A0", "O’Neil, Ann")
