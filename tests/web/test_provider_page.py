"""The IT provider's page, and the practice as its technician sees it: little, for a time, then nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from pocketward.access import api as access
from pocketward.fleet import api as fleet
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from tests.web.clinic import Clinic
from tests.web.conftest import Browser
from tests.web.test_every_address import OF_A_PRACTICE, STAFF, address

FORM = {"provider": "Harbor IT", "full_name": "Tess Technician", "email": "tess@helpdesk.example"}


@pytest.fixture
def place(practice: PracticeRecord) -> str:
    return f"/p/{practice.slug}/people/provider/"


@pytest.fixture
def technician(practice: PracticeRecord, owner: Member) -> Member:
    """Let in before the first phone joined."""
    member_id = practice_api.give_service_grant(
        practice_id=practice.id, until=clock.now() + timedelta(days=30), by_member_id=owner.id, **FORM
    )
    return practice_api.get_member(member_id=member_id)


@pytest.fixture
def technicians_browser(browser_of: Browser, technician: Member) -> Client:
    return browser_of(technician)


@pytest.fixture
def phone(practice: PracticeRecord, technician: Member, clinician: Member) -> UUID:
    clinic = Clinic(practice)
    found = clinic.phone("Ben’s iPhone 16", member=clinician)
    clinic.report(found)
    return found


def day(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def text(browser: Client, where: str) -> str:
    return browser.get(where).content.decode()


def order(phone: UUID, owner: Member) -> UUID:
    """The owner, the only officer, asks for the erase of a phone; there is no mail for a stop link."""
    return fleet.order_erase(device_id=phone, case_ref="", by_member_id=owner.id, strength="passkey")


def test_the_owner_lets_a_technician_in_and_the_practice_sees_it(
    practice: PracticeRecord, owner: Member, owners_browser: Client, place: str
) -> None:
    answer = owners_browser.post(place, FORM | {"until": day(30)})
    assert "shown once" in answer.content.decode()
    assert "1 person from outside is let in." in answer.content.decode()
    page = text(owners_browser, place)
    assert "1 person from outside is let in." in page
    assert "Has not signed in here yet" in page
    assert "Tess Technician, Harbor IT" in text(owners_browser, f"/p/{practice.slug}/people/roles/")
    (grant,) = practice_api.service_grants(practice_id=practice.id)
    assert owners_browser.post(f"{place}{grant.id}/invite/").status_code == 200
    assert owners_browser.post(f"{place}{grant.id}/end/").status_code == 302
    assert "Nobody from outside is let in." in text(owners_browser, place)
    assert owners_browser.post(f"{place}{grant.id}/invite/").status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"until": "2020-01-01"}, "Choose a last day"), ({"until": "soon"}, "Choose a last day"),
     ({"until": "2999-01-01"}, "Choose a last day"), ({"email": "nobody"}, "own work e-mail"),
     ({"email": "DANA@example.org"}, "works here")],
)  # fmt: skip
def test_what_cannot_be_is_said_and_keeps_what_was_typed(
    owners_browser: Client, place: str, changed: dict[str, str], said: str
) -> None:
    answer = owners_browser.post(place, FORM | {"until": day(30)} | changed)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert 'value="Tess Technician"' in answer.content.decode()


def test_other_officers_see_it_and_may_end_but_not_give(
    practice: PracticeRecord, owner: Member, browser_of: Browser, place: str, technician: Member
) -> None:
    lead = practice_api.add_member(
        practice_id=practice.id, full_name="Ida Lead", email="ida@example.org", role_names=("it_lead",),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(lead)
    assert 'name="full_name"' not in text(browser, place)
    assert browser.post(place, FORM | {"until": day(30)}).status_code == 403
    (grant,) = practice_api.service_grants(practice_id=practice.id)
    assert browser.post(f"{place}{grant.id}/end/").status_code == 302
    assert not practice_api.service_grants(practice_id=practice.id)[0].is_live(clock.now())


OPEN = ("phones", "phones-csv", "guard")
# Open to a technician, but nothing with the id of these tests is there.
NOT_FOUND = ("order-approve", "phone")


def test_a_technician_sees_phones_and_the_guard_and_nothing_else(
    practice: PracticeRecord, technicians_browser: Client, phone: UUID
) -> None:
    home = f"/p/{practice.slug}/"
    assert technicians_browser.get(home)["Location"] == f"{home}setup/guard/"
    for pattern in OF_A_PRACTICE:
        got = technicians_browser.get(address(pattern, practice.slug)).status_code
        posted = technicians_browser.post(address(pattern, practice.slug)).status_code
        if pattern.name in OPEN:
            assert (got, posted) == (200, 405), pattern.name
        elif pattern.name in (*STAFF, *NOT_FOUND):
            assert {got, posted} <= {404, 405}, pattern.name
        elif pattern.name == "change-approve":
            assert (got, posted) == (405, 400)
        elif pattern.name != "home":
            assert {got, posted} <= {403, 405}, pattern.name


def test_the_bar_says_who_is_at_work_here_and_no_link_leads_where_they_may_not(
    practice: PracticeRecord, technicians_browser: Client, phone: UUID
) -> None:
    here = f"/p/{practice.slug}/"
    one = f"{here}phones/{public_id('dev', phone)}/"
    for where in (f"{here}phones/", one, f"{here}setup/guard/"):
        page = text(technicians_browser, where)
        assert "<b>Tess Technician</b> of Harbor IT is working at" in page
        for closed in ("incidents/", "proof/", "people/", "search/", "me/"):
            assert f'="{here}{closed}' not in page, (where, closed)
        assert f'="{one}history/' not in page and f'="{one}acts/' not in page


def test_a_technician_approves_what_the_only_officer_ordered(
    practice: PracticeRecord, owner: Member, technicians_browser: Client, phone: UUID
) -> None:
    command_id = order(phone, owner)
    guard = f"/p/{practice.slug}/setup/guard/"
    page = text(technicians_browser, guard)
    assert "Ben’s iPhone 16: Erase it" in page
    assert "Propose these limits" not in page and "/stop/" not in page
    assert technicians_browser.post(f"{guard}orders/{command_id}/approve/").status_code == 302
    assert fleet.get_command(command_id=command_id).state in ("queued", "pushed")
    assert technicians_browser.post(f"{guard}orders/{command_id}/approve/").status_code == 404


def test_the_owner_sees_the_order_and_cannot_approve_it(
    practice: PracticeRecord, owner: Member, owners_browser: Client, technicians_browser: Client, phone: UUID
) -> None:
    command_id = order(phone, owner)
    guard = f"/p/{practice.slug}/setup/guard/"
    page = text(owners_browser, guard)
    assert "Ben’s iPhone 16: Erase it" in page
    assert f"{command_id}/approve/" not in page
    assert "Tess Technician of Harbor IT, approves only" in page
    answer = owners_browser.post(f"{guard}orders/{command_id}/approve/")
    assert "second officer must approve" in answer.content.decode()
    # No other officer is promised where there is none.
    acts = text(owners_browser, f"/p/{practice.slug}/phones/{public_id('dev', phone)}/acts/")
    assert "It leaves only after your IT provider approves it." in acts
    home = text(owners_browser, f"/p/{practice.slug}/tasks/")
    assert "An erase of Ben’s iPhone 16 waits for approval" in home
    assert "Your IT provider must approve it; until then it can be stopped." in home
    assert "nother officer" not in acts + home
    (stop,) = re.findall(rf'action="([^"]*/stop/{command_id}/)"', page)
    assert owners_browser.post(stop).status_code == 302
    assert fleet.get_command(command_id=command_id).state == "cancelled"
    assert str(command_id) not in text(technicians_browser, guard)


@pytest.mark.parametrize("ending", ["revoked", "expired"])
def test_when_the_grant_is_over_nothing_of_the_practice_is_there(
    practice: PracticeRecord, owner: Member, technicians_browser: Client, phone: UUID, ending: str
) -> None:
    assert technicians_browser.get(f"/p/{practice.slug}/phones/").status_code == 200
    if ending == "revoked":
        (grant,) = practice_api.service_grants(practice_id=practice.id)
        practice_api.end_service_grant(grant_id=grant.id, by=f"member:{owner.id}")
    with clock.frozen(clock.now() + timedelta(days=0 if ending == "revoked" else 31)):
        for pattern in OF_A_PRACTICE:
            where = address(pattern, practice.slug)
            for method in (technicians_browser.get, technicians_browser.post):
                assert method(where).status_code in (404, 405), pattern.name


def test_a_technician_has_no_page_among_the_people(
    practice: PracticeRecord, owners_browser: Client, technician: Member
) -> None:
    place = f"/p/{practice.slug}/people/"
    assert owners_browser.get(f"{place}{public_id('mem', technician.id)}/").status_code == 404
    assert "Tess" not in text(owners_browser, place)
    assert "service_technician" not in text(owners_browser, f"{place}add/")


def test_an_invitation_of_a_grant_that_is_over_opens_nothing(
    practice: PracticeRecord, owner: Member, technician: Member
) -> None:
    secret = practice_api.invite_member(member_id=technician.id, by="system:test")
    (grant,) = practice_api.service_grants(practice_id=practice.id)
    practice_api.end_service_grant(grant_id=grant.id, by="system:test")
    answer = Client(HTTP_HOST="localhost").post(f"/join/{secret}")
    assert answer.status_code == 400
    assert practice_api.get_member(member_id=technician.id).account_id is None


def test_a_technician_opens_no_record_system(
    practice: PracticeRecord, technicians_browser: Client, phone: UUID
) -> None:
    app = access.register_app(
        practice_id=practice.id, name="Chart", door="proxied", hosts=("ehr.example.org",), by="system:test"
    )
    assert technicians_browser.get(f"/open/{app.id}").status_code == 404
