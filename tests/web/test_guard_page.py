"""The guard's page: what the limits are, who counts, what waits; two officers change it between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from pocketward.access import api as access
from pocketward.access.models import DecisionRow, DeviceAccess
from pocketward.fleet import api as fleet
from pocketward.kernel import clock
from pocketward.kernel.ids import public_id
from pocketward.policy import api as policy
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.rollout import api as rollout
from pocketward.spine.api import event_bodies
from pocketward.web import proving
from tests.factories.officers import signed_in_officer
from tests.web.clinic import Clinic
from tests.web.conftest import Browser

LIMITS = {"per_hour": "4", "percent_per_day": "10", "least_per_day": "3"}
APPS = policy.template().replace(
    "required_apps: []", "required_apps:\n  - {id: org.example.notes, name: Notes, app_store: 123456}"
)


@pytest.fixture
def place(practice: PracticeRecord) -> str:
    return f"/p/{practice.slug}/setup/guard/"


@pytest.fixture
def second(practice: PracticeRecord) -> Member:
    return signed_in_officer(practice.id, "Grace Placeholder", "grace@example.org")


@pytest.fixture
def seconds_browser(browser_of: Browser, second: Member) -> Client:
    return browser_of(second)


@pytest.fixture
def open_phones(practice: PracticeRecord, owner: Member, second: Member) -> list[UUID]:
    """Four phones that pass every check."""
    access.prepare_practice(practice_id=practice.id, by="system:test")
    clinic = Clinic(practice)
    found = [clinic.phone(f"Ward phone {number}", member=owner) for number in range(4)]
    for device_id in found:
        clinic.report(device_id, os_version="26.6.1", build_version="23G83")
    return found


def text(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def test_limits_are_proposed_by_one_approved_by_another_and_count_a_day_later(
    owner: Member, owners_browser: Client, seconds_browser: Client, place: str
) -> None:
    assert "2 an hour" in text(owners_browser, place)
    assert owners_browser.post(f"{place}propose/", LIMITS).status_code == 302
    (proposal,) = fleet.guard_proposals(practice_id=owner.practice_id)
    way = f"{place}proposals/{proposal.id}/"
    assert f"{way}approve/" not in text(owners_browser, place)
    assert "second officer must approve" in owners_browser.post(f"{way}approve/").content.decode()
    assert f"{way}approve/" in text(seconds_browser, place)
    assert seconds_browser.post(f"{way}approve/").status_code == 302
    assert "Counts tomorrow" in text(seconds_browser, place) or "Counts " in text(seconds_browser, place)
    assert fleet.guard_options().per_hour == 2
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert fleet.guard_options().per_hour == 4
        assert fleet.guard_proposals(practice_id=owner.practice_id) == ()


def test_any_officer_takes_a_proposal_back_before_it_counts(
    practice: PracticeRecord, owner: Member, owners_browser: Client, seconds_browser: Client, place: str
) -> None:
    owners_browser.post(f"{place}propose/", LIMITS)
    (proposal,) = fleet.guard_proposals(practice_id=practice.id)
    seconds_browser.post(f"{place}proposals/{proposal.id}/approve/")
    assert owners_browser.post(f"{place}proposals/{proposal.id}/cancel/").status_code == 302
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert fleet.guard_options().per_hour == 2
    assert owners_browser.post(f"{place}proposals/{proposal.id}/cancel/").status_code == 400
    kinds = [body["kind"] for body in event_bodies(practice_id=practice.id)]
    assert "fleet.guard_options_cancelled" in kinds


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"per_hour": "1000"}, "no guard"),
        ({"per_hour": "-1"}, "whole number"),
        ({"least_per_day": ""}, "whole number"),
        ({"percent_per_day": "٣"}, "whole number"),
    ],
)
def test_figures_that_are_none_or_leave_no_guard_are_refused(
    owners_browser: Client, place: str, changed: dict[str, str], said: str
) -> None:
    answer = owners_browser.post(f"{place}propose/", LIMITS | changed)
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_a_new_officer_is_said_to_count_after_a_day(
    practice: PracticeRecord, owner: Member, owners_browser: Client, open_phones: list[UUID], place: str
) -> None:
    with clock.frozen(clock.now() + timedelta(hours=1)):
        practice_api.add_member(
            practice_id=practice.id, full_name="Eve Invited", role_names=("it_lead",), by="system:test"
        )
        signed_in_officer(practice.id, "Eve New", "eve@example.org")
        page = text(owners_browser, place)
    assert page.count("counts after 24 hours, as an officer and with this sign-in") == 1
    assert page.count("has never signed in, so cannot approve") == 1
    assert "A new officer counts as approver after 24 hours" in page


def test_the_only_officer_reads_that_mail_is_needed(owners_browser: Client, place: str) -> None:
    assert "needs mail, for the stop link" in text(owners_browser, place)


def test_one_officer_reads_what_is_true_for_one(
    owners_browser: Client, place: str, settings: Settings
) -> None:
    page = text(owners_browser, place)
    assert "There is one officer, and nobody who could approve an erase or stop it: set up mail" in page
    assert "You are the only officer: it counts 24 hours after you propose it." in page
    ours = settings.POCKETWARD
    settings.POCKETWARD = replace(ours, mail=replace(ours.mail, host="127.0.0.1"))
    page = text(owners_browser, place)
    assert "waits here for 15 minutes and then leaves, unless it is stopped." in page
    assert "15 minutes, with a stop link" in page
    for untrue in (
        "until somebody else approves it",
        "A second officer approves, and",
        "for a second officer.",
    ):
        assert untrue not in page
    assert owners_browser.post(f"{place}propose/", LIMITS).status_code == 302
    assert "Counts tomorrow" in text(owners_browser, place) or "Counts " in text(owners_browser, place)


def test_two_officers_read_what_is_true_for_two(
    owners_browser: Client, open_phones: list[UUID], place: str
) -> None:
    page = text(owners_browser, place)
    assert "waits here until somebody else approves it." in page
    assert "A second officer approves, and it counts 24 hours later." in page
    assert "There is one officer" not in page


def test_an_auditor_does_not_see_it(
    practice: PracticeRecord, owner: Member, browser_of: Browser, place: str
) -> None:
    auditor = practice_api.add_member(
        practice_id=practice.id, full_name="Ada Auditor", email="ada@example.org", role_names=("auditor",),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(auditor)
    assert browser.get(place).status_code == 403
    assert place not in text(browser, f"/p/{practice.slug}/setup/rules/")


def test_an_old_sign_in_weakens_nothing_but_may_call_off(
    practice: PracticeRecord, owner: Member, owners_browser: Client, second: Member, place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    owners_browser.post(f"{place}propose/", LIMITS)
    (proposal,) = fleet.guard_proposals(practice_id=practice.id)
    monkeypatch.setattr(proving, "DEMO", "none")
    later = clock.true_now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "true_now", lambda: later)
    for way in ("propose/", f"proposals/{proposal.id}/approve/"):
        answer = owners_browser.post(f"{place}{way}", LIMITS)
        assert "use your passkey first" in answer.content.decode()
    assert owners_browser.post(f"{place}proposals/{proposal.id}/cancel/").status_code == 302


def test_rules_that_close_many_phones_wait_on_the_guards_page(
    practice: PracticeRecord, owners_browser: Client, seconds_browser: Client, open_phones: list[UUID],
    place: str,
) -> None:  # fmt: skip
    edit = f"/p/{practice.slug}/setup/rules/edit/"
    form = {"text": APPS, "based_on": "0", "reason": "notes for everybody"}
    look = owners_browser.post(edit, form | {"do": "look"}).content.decode()
    assert "it waits for a second officer" in look
    kept = owners_browser.post(edit, form | {"do": "keep"})
    assert kept["Location"] == place
    assert policy.policy(practice_id=practice.id).number == 0
    page = text(owners_browser, place)
    assert "Would close 4 of 4 phones at once. notes for everybody" in page
    (change,) = rollout.waiting_changes(practice_id=practice.id)
    assert seconds_browser.post(f"{place}changes/{change.id}/approve/").status_code == 302
    assert "In force today" in text(seconds_browser, place)
    assert seconds_browser.post(f"{place}changes/{change.id}/cancel/").status_code == 302
    assert rollout.waiting_changes(practice_id=practice.id) == ()


def test_a_matrix_that_closes_many_phones_waits_there_too(
    practice: PracticeRecord, owner: Member, owners_browser: Client, open_phones: list[UUID], place: str
) -> None:
    DeviceAccess.objects.update(open=True)
    practice_api.give_role(member_id=owner.id, role="clinician", by="system:test")
    answer = owners_browser.post(f"/p/{practice.slug}/setup/access/", {"may": [], "reason": "nobody"})
    assert answer["Location"] == place
    assert any(can for _role, _what, can in access.role_matrix(practice_id=practice.id))
    assert "Other roles and records" in text(owners_browser, place)


def test_an_app_in_use_taken_off_the_list_waits_there_with_its_name(
    practice: PracticeRecord, owner: Member, owners_browser: Client, open_phones: list[UUID], place: str
) -> None:
    app = access.register_app(
        practice_id=practice.id, name="Chart app", door="proxied", hosts=("ehr.example.org",),
        paths=(("/", "notes"),), by="system:test",
    )  # fmt: skip
    DeviceAccess.objects.update(open=True)
    for device_id in open_phones:
        DecisionRow.objects.create(
            practice_id=practice.id, made_at=clock.now(), outcome="allow", mode="enforce", client="enrolled",
            device_id=device_id, app_id=app.id, stored=b"",
        )  # fmt: skip
    answer = owners_browser.post(f"/p/{practice.slug}/setup/records/{app.id}/remove/")
    assert answer["Location"] == place
    assert "Take Chart app off the list" in text(owners_browser, place)
    assert not access.get_app(app_id=app.id).is_removed


def test_the_fourth_person_who_leaves_in_a_day_waits_there(
    practice: PracticeRecord, owner: Member, owners_browser: Client, second: Member, place: str
) -> None:
    access.prepare_practice(practice_id=practice.id, by="system:test")
    clinic = Clinic(practice)
    staff = [
        practice_api.add_member(
            practice_id=practice.id, full_name=f"Nurse {number}", role_names=("clinician",), by="system:test"
        )
        for number in range(4)
    ]
    for person in staff:
        clinic.phone(f"{person.full_name}’s phone", member=person)
    for person in staff:
        owners_browser.get(place)
        DeviceAccess.objects.update(open=True)
        answer = owners_browser.post(f"/p/{practice.slug}/people/{public_id('mem', person.id)}/leave/")
        assert answer.status_code == 302
    assert answer["Location"] == place
    page = text(owners_browser, place)
    assert "Nurse 3 leaves: every role ends" in page
    assert "3 phones that other changes closed in the last 24 hours are counted with it." in page
    assert [person.full_name for person in practice_api.members(practice_id=practice.id)] == [
        "Dana Example", "Grace Placeholder", "Nurse 3",
    ]  # fmt: skip
