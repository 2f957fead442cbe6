"""An officer closes a phone's records on its page, opens them again, or reports it as lost."""

from __future__ import annotations

from contextvars import Context
from uuid import UUID

import pytest
from django.test import Client

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.incidents import api as incidents_api
from pocketward.kernel.ids import public_id
from pocketward.ledger import api as ledger_api
from pocketward.overview import api as overview_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.spine.api import practice_scope
from tests.web.clinic import Clinic
from tests.web.conftest import Browser

NAME, WHY = "Ben’s iPhone 16", "Handed in for repair."


@pytest.fixture
def phone(practice: PracticeRecord, owner: Member, clinician: Member) -> UUID:
    clinic = Clinic(practice)
    made = clinic.phone(NAME, member=clinician)
    clinic.report(made)
    return made


@pytest.fixture
def place(practice: PracticeRecord, phone: UUID) -> str:
    return f"/p/{practice.slug}/phones/{public_id('dev', phone)}/"


def text(browser: Client, where: str) -> str:
    return browser.get(where).content.decode()


def held(practice: PracticeRecord) -> set[UUID]:
    return set(access_api.held_devices(practice_id=practice.id))


def test_an_officer_closes_records_with_a_reason_and_opens_them_again(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, place: str
) -> None:
    shown = text(owners_browser, f"{place}acts/")
    assert "Close records on this phone" in shown
    assert "Every door we control closes on it at once" in shown
    done = owners_browser.post(f"{place}acts/", {"act": "close_records", "reason": WHY})
    assert done.status_code == 302
    assert held(practice) == {phone}
    overview = text(owners_browser, place)
    assert "Records are closed on Ben’s iPhone 16." in overview
    assert "Closed by an officer: Dana" in overview
    assert f"Why: {WHY}" in overview
    overview_api.catch_up(practice_id=practice.id)
    assert "Closed by an officer" in text(owners_browser, f"/p/{practice.slug}/phones/")
    assert "Closed by an officer" not in text(owners_browser, f"/p/{practice.slug}/phones/?status=ok")
    shown = text(owners_browser, f"{place}acts/")
    assert "Open records on this phone again" in shown
    assert "Close records on this phone" not in shown
    assert owners_browser.post(f"{place}acts/", {"act": "open_records"}).status_code == 302
    assert held(practice) == set()
    assert fleet_api.get_device(device_id=phone).must_report_since is not None
    assert "Closed by an officer" not in text(owners_browser, place)
    ledger_api.seal_pending()
    told = text(owners_browser, f"{place}history/")
    assert f"put a hold on {NAME}: {WHY}" in told
    assert f"lifted the hold on {NAME}" in told


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 201])
def test_a_reason_that_will_not_do_comes_back_in_its_dialog(
    practice: PracticeRecord, owners_browser: Client, phone: UUID, place: str, reason: str
) -> None:
    answer = owners_browser.post(f"{place}acts/", {"act": "close_records", "reason": reason})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "Write why, in 5 to 200 letters." in html
    assert "the log" not in html
    assert 'id="do-close_records" data-open-now' in html
    assert held(practice) == set()


def test_reporting_it_as_lost_leads_to_a_confirmed_case_and_locks(
    practice: PracticeRecord, owners_browser: Client, owner: Member, phone: UUID, place: str
) -> None:
    done = owners_browser.post(f"{place}acts/", {"act": "report_lost", "when": "now"})
    case_ref = fleet_api.get_device(device_id=phone).lost_case_ref
    assert done["Location"] == f"/p/{practice.slug}/incidents/{case_ref}/"
    shown = text(owners_browser, done["Location"])
    assert "Reported, and confirmed by you." in shown
    assert "Last had it just before the report." in shown
    report = response_api.get_report(case_ref=case_ref)
    assert (report.reported_by, report.confirmed_at is not None) == (f"member:{owner.id}", True)
    sent = {item.request_type for item in fleet_api.commands(device_id=phone)}
    assert "EnableLostMode" in sent
    assert "Report it as lost" not in text(owners_browser, f"{place}acts/")
    incidents_api.decide_breach(
        case_ref=case_ref, verdict="breach", reason="Nobody knows who has it now.", by_member_id=owner.id
    )
    incidents_api.close_case(case_ref=case_ref, by_member_id=owner.id)
    # Its case is over and it is not back: whatever happens to it now is a loss of its own.
    assert "Report it as lost" in text(owners_browser, f"{place}acts/")
    again = owners_browser.post(f"{place}acts/", {"act": "report_lost", "when": "now"})["Location"]
    assert again != done["Location"]
    assert owners_browser.post(f"{again}reverse/").status_code == 302
    assert f"Another report, or an officer, still closes {NAME}." in text(owners_browser, again)


@pytest.mark.parametrize("act", ["close_records", "open_records", "report_lost"])
@pytest.mark.parametrize("role", ["clinician", "scheduler", "billing", "compliance_lead", "auditor"])
def test_nobody_but_an_officer_does_it(
    practice: PracticeRecord, phone: UUID, place: str, browser_of: Browser, role: str, act: str
) -> None:
    person = practice_api.add_member(
        practice_id=practice.id, full_name="Rae Role", email="rae@example.org", role_names=(role,),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(person)
    assert browser.get(f"{place}acts/").status_code in (302, 403)
    assert browser.post(f"{place}acts/", {"act": act, "reason": WHY}).status_code in (302, 403)
    assert held(practice) == set()


def test_the_phone_of_another_practice_is_not_there(
    practice: PracticeRecord, owners_browser: Client, phone: UUID
) -> None:
    def elsewhere() -> UUID:
        other = practice_api.create_practice(name="Lakeview Counseling", by="system:test")
        with practice_scope(other.id):
            return Clinic(other).phone("Their iPhone")

    there = public_id("dev", Context().run(elsewhere))
    answer = owners_browser.post(
        f"/p/{practice.slug}/phones/{there}/acts/", {"act": "close_records", "reason": WHY}
    )
    assert answer.status_code == 404


def test_the_page_of_record_systems_says_when_a_gate_that_hears_nothing_refuses(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    shown = text(owners_browser, f"/p/{practice.slug}/setup/records/")
    assert "has heard nothing from this server for 30 seconds refuses every request" in shown


def test_home_tells_officers_that_an_owner_link_was_made(
    practice: PracticeRecord, owners_browser: Client, owner: Member
) -> None:
    assert "A link that lets in an owner was made" not in text(owners_browser, f"/p/{practice.slug}/tasks/")
    practice_api.make_owner_link(practice_id=practice.id, member_id=owner.id, host_user="root")
    assert "A link that lets in an owner was made" in text(owners_browser, f"/p/{practice.slug}/tasks/")
