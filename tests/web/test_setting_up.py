"""A practice sets itself up through pages: doors, networks, rules, roles and its own details."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from pocketward.access import api as access_api
from pocketward.access.models import SnapshotRow
from pocketward.access.publishing import PERSON
from pocketward.fleet.models import PushCertificate
from pocketward.kernel import clock
from pocketward.policy import api as policy_api
from pocketward.posture.feed import read_feed, shipped_feed
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import event_bodies
from pocketward.web import proving
from pocketward.web.setup.levels import level_choices
from tests.fleet.apple import push_certificates
from tests.practice.test_grants import let_in
from tests.web.clinic import Clinic
from tests.web.conftest import Browser

EHR = {
    "name": "Harbor Records", "door": "proxied", "hosts": "ehr.example.org\n", "notes": "/notes /charts",
    "calendar": "/calendar", "billing": "/billing", "url": "", "session_hours": "12", "mode": "enforce",
}  # fmt: skip


@pytest.fixture(autouse=True)
def ready(practice: PracticeRecord, owner: Member) -> None:
    """An authority and the first access rules, as the owner link makes them."""
    access_api.prepare_practice(practice_id=practice.id, by="system:test")


@pytest.fixture
def place(practice: PracticeRecord) -> str:
    return f"/p/{practice.slug}/setup/"


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sign-in is too old, or was not with a passkey."""
    monkeypatch.setattr(proving, "DEMO", "none")
    later = clock.true_now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "true_now", lambda: later)


def told(practice: PracticeRecord) -> list[dict[str, Any]]:
    return list(event_bodies(practice_id=practice.id))


def added(practice: PracticeRecord, browser: Client, place: str, **parts: str) -> str:
    answer = browser.post(f"{place}records/add/", EHR | parts)
    assert answer.status_code == 302, answer.content.decode()
    app = next(app for app in access_api.apps(practice_id=practice.id) if app.name == (EHR | parts)["name"])
    return f"{place}records/{app.id}/"


def test_a_record_system_is_added_changed_watched_enforced_and_taken_away(
    practice: PracticeRecord, owner: Member, owners_browser: Client, place: str
) -> None:
    one = added(practice, owners_browser, place)
    (app,) = access_api.apps(practice_id=practice.id)
    assert app.paths == (
        ("/notes", "notes"), ("/charts", "notes"), ("/calendar", "calendar"), ("/billing", "billing"),
    )  # fmt: skip
    page = owners_browser.get(f"{place}records/").content.decode()
    assert "Records in Harbor Records are closed for this device." in page
    assert "Nothing through this address." in page
    assert "/crl.crl" in page
    owners_browser.post(one, EHR | {"hosts": "charts.example.org"})
    assert access_api.apps(practice_id=practice.id)[0].hosts == ("charts.example.org",)
    owners_browser.post(f"{one}mode/")
    assert access_api.apps(practice_id=practice.id)[0].mode == "watch"
    assert "is only watched" in owners_browser.get(f"/p/{practice.slug}/").content.decode()
    assert "would have refused 0 times" in owners_browser.get(one).content.decode()
    owners_browser.post(f"{one}mode/")
    owners_browser.post(f"{one}remove/")
    assert access_api.apps(practice_id=practice.id) == ()
    assert owners_browser.get(one).status_code == 404
    kinds = [body["kind"] for body in told(practice)]
    wanted = ["app_registered", "app_changed", "app_mode_changed", "app_mode_changed", "app_removed"]
    assert [kind for kind in kinds if kind.startswith("access.app_")] == [f"access.{kind}" for kind in wanted]
    assert told(practice)[-1]["actor"] == f"member:{owner.id}"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"name": ""}, "Give the record system a name"),
        ({"hosts": ""}, "needs 1 to 8 host names"),
        ({"notes": "notes"}, "does not begin like an address"),
        ({"session_hours": "many"}, "between 1 and 24 hours"),
        ({"door": "wide open"}, "how its door can be shut"),
    ],
)
def test_a_fault_of_the_form_is_said_and_what_was_typed_stays(
    practice: PracticeRecord, owners_browser: Client, place: str, parts: dict[str, str], said: str
) -> None:
    answer = owners_browser.post(f"{place}records/add/", EHR | parts)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert said in page
    assert "/calendar" in page
    assert access_api.apps(practice_id=practice.id) == ()


def test_the_proxy_gets_the_authority_that_issues_access_identities_and_no_key(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    pem = owners_browser.get(f"{place}records/access-authority.pem").content.decode()
    assert pem.startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE KEY" not in pem


@pytest.mark.parametrize(
    ("cidrs", "fault"),
    [
        ("203.0.113.7/28", "203.0.113.7/28 is one address in a network. Write 203.0.113.0/28 for all of it"),
        ("198.51.100.0/24 0.0.0.0/0", "0.0.0.0/0 is too wide: the widest that is taken is /8."),
        ("2001:db8::/8", "2001:db8::/8 is one address in a network."),
        ("::/0", "::/0 is too wide: the widest that is taken is /16."),
        ("our wifi", "our is no address, such as 203.0.113.0/28."),
        (" ".join(f"192.0.2.{at}" for at in range(33)), "Write at most 32 addresses."),
    ],
)
def test_what_is_wrong_with_the_addresses_of_a_network_is_named(
    practice: PracticeRecord, owners_browser: Client, place: str, cidrs: str, fault: str
) -> None:
    answer = owners_browser.post(f"{place}networks/", {"zone": "clinic-wifi", "cidrs": cidrs})
    assert answer.status_code == 400
    assert f'<a href="#cidrs">{fault}' in answer.content.decode()
    assert access_api.networks(practice_id=practice.id) == ()
    wide = owners_browser.post(f"{place}networks/", {"zone": "clinic-wifi", "cidrs": "10.0.0.0/8"})
    assert wide.status_code == 302


def test_a_network_is_named_and_a_permit_lasts_until_a_day_and_shows_on_home(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    added(practice, owners_browser, place)
    (app,) = access_api.apps(practice_id=practice.id)
    owners_browser.post(f"{place}networks/", {"zone": "Clinic-WiFi", "cidrs": "192.0.2.0/28"})
    (network,) = access_api.networks(practice_id=practice.id)
    assert network.zone == "clinic-wifi"
    day = (clock.now() + timedelta(days=20)).date().isoformat()
    form = {"app": str(app.id), "network": "clinic-wifi", "reason": "front desk computer", "until": day}
    for wrong in (
        {"until": ""},
        {"reason": " "},
        {"app": "x"},
        {"network": "elsewhere"},
        {"until": "2099-01-01"},
    ):
        assert owners_browser.post(f"{place}networks/permit/", form | wrong).status_code == 400
    assert owners_browser.post(f"{place}networks/permit/", form).status_code == 302
    (permit,) = access_api.permits(practice_id=practice.id)
    home = owners_browser.get(f"/p/{practice.slug}/").content.decode()
    assert "Not checked: devices on clinic-wifi open Harbor Records" in home
    owners_browser.post(f"{place}networks/permit/{permit.id}/end/")
    assert access_api.permits(practice_id=practice.id) == ()
    assert "Ways past the checks" not in owners_browser.get(f"/p/{practice.slug}/").content.decode()
    owners_browser.post(f"{place}networks/forget/", {"zone": "clinic-wifi"})
    assert access_api.networks(practice_id=practice.id) == ()


def test_rules_are_looked_at_before_they_are_kept_and_the_wrong_line_is_named(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    clinic = Clinic(practice)
    phone = clinic.phone("Ben’s iPhone")
    newest = read_feed(shipped_feed()).releases[0]
    clinic.report(phone, os_version=newest.version, build_version=min(newest.builds))
    text = policy_api.template()
    wrong = owners_browser.post(f"{place}rules/edit/", {"text": text.replace(": 6 ", ": 600 "), "do": "look"})
    assert wrong.status_code == 400
    assert "Line 6: " in wrong.content.decode()
    eight = text.replace("min_length: 6", "min_length: 8").replace(
        "required_apps: []", "required_apps:\n- {id: org.example.x, name: X}"
    )
    look = owners_browser.post(f"{place}rules/edit/", {"text": eight, "do": "look", "based_on": "0"})
    page = look.content.decode()
    assert "2 rules would change; 1 of 1 phone feels it." in page
    assert "at least 8 digits or letters" in page
    assert "Ben’s iPhone" in page
    assert policy_api.policy(practice_id=practice.id).number == 0
    form = {"text": eight, "do": "keep", "based_on": "0", "reason": "the insurer asks for 8"}
    assert owners_browser.post(f"{place}rules/edit/", form | {"reason": ""}).status_code == 400
    assert owners_browser.post(f"{place}rules/edit/", form).status_code == 302
    assert policy_api.policy(practice_id=practice.id).number == 1
    again = owners_browser.post(f"{place}rules/edit/", form | {"text": text})
    assert "Somebody else changed the rules meanwhile" in again.content.decode()
    page = owners_browser.get(f"{place}rules/").content.decode()
    assert "the insurer asks for 8" in page
    assert "Dana Example" in page


@pytest.mark.parametrize("text", ["", "  \n", "# nothing is asked\n", "{}"])
def test_an_emptied_file_of_rules_is_refused(
    practice: PracticeRecord, owners_browser: Client, place: str, text: str
) -> None:
    form = {"text": text, "based_on": "0", "reason": "no rules any more"}
    for do in ("look", "keep"):
        answer = owners_browser.post(f"{place}rules/edit/", form | {"do": do})
        assert answer.status_code == 400
        assert "must begin with version: 1" in answer.content.decode()
    assert policy_api.policy(practice_id=practice.id).number == 0


def test_a_rule_that_the_file_leaves_out_is_asked_all_the_same_and_the_page_says_so(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    asked = "Asked although the file leaves it out"
    bare = owners_browser.post(f"{place}rules/edit/", {"text": "version: 1\n", "do": "look"}).content.decode()
    assert asked in bare
    assert all(line in unescape(bare) for line in policy_api.policy_sentences(practice_id=practice.id))
    whole = owners_browser.post(f"{place}rules/edit/", {"text": policy_api.template(), "do": "look"})
    assert asked not in whole.content.decode()


def test_the_matrix_is_changed_and_exported(
    practice: PracticeRecord, clinician: Member, owners_browser: Client, place: str
) -> None:
    rows = owners_browser.get(f"{place}access/matrix.csv").content.decode().splitlines()
    assert rows[0] == "role,resource,may_open,rules,when"
    assert len(rows) == 1 + 9 * 3
    assert "technician" not in owners_browser.get(f"{place}access/").content.decode().lower()
    assert any(row.startswith("scheduler,notes,no,,") for row in rows)
    assert any(
        row.startswith("clinician,notes,yes,clinician-records,they signed in with a passkey") for row in rows
    )
    form = {
        "may": ["clinician:notes", "scheduler:calendar", "billing:billing"],
        "reason": "nurses have their own",
    }
    assert owners_browser.post(f"{place}access/", form).status_code == 302
    matrix = access_api.role_matrix(practice_id=practice.id)
    assert sorted((role, what) for role, what, can in matrix if can) == [
        ("billing", "billing"), ("clinician", "notes"), ("scheduler", "calendar"),
    ]  # fmt: skip
    assert (
        owners_browser.post(f"{place}access/", {"may": ["owner:everything"], "reason": "x"}).status_code
        == 400
    )
    outsider = {"may": ["service_technician:notes"], "reason": "x"}
    assert owners_browser.post(f"{place}access/", outsider).status_code == 400
    assert "nurses have their own" in owners_browser.get(f"{place}access/").content.decode()


def test_details_the_order_of_calls_and_old_algorithms_are_kept(
    practice: PracticeRecord, owner: Member, clinician: Member, owners_browser: Client, place: str
) -> None:
    form = {
        "name": "Harbor Street Clinic", "zone": "America/Chicago", "language": "es", "level": "1",
        "front_desk_phone": "555-0142", "emergency_phone": "555-0143",
    }  # fmt: skip
    assert owners_browser.post(f"{place}practice/", form | {"zone": "Nowhere"}).status_code == 400
    assert owners_browser.post(f"{place}practice/", form).status_code == 302
    now = practice_api.get_practice(practice_id=practice.id)
    assert (now.zone, now.adoption_level, now.password_allowed) == ("America/Chicago", 1, False)
    order = {"on_call": [str(clinician.id), str(owner.id), "", ""]}
    assert owners_browser.post(f"{place}practice/on-call/", order).status_code == 302
    called = practice_api.on_call(practice_id=practice.id)
    assert [person.id for person in called] == [clinician.id, owner.id]
    assert owners_browser.post(f"{place}practice/on-call/", {"on_call": ["x"]}).status_code == 400
    owners_browser.post(f"{place}practice/legacy/", {"allow": "yes"})
    assert told(practice)[-1]["kind"] == "pki.legacy_algorithms_allowed"
    assert "single DES" in owners_browser.get(f"{place}practice/").content.decode()


def test_what_weakens_protection_needs_a_passkey_used_just_now(
    practice: PracticeRecord, owners_browser: Client, place: str, request: pytest.FixtureRequest
) -> None:
    one = added(practice, owners_browser, place)
    request.getfixturevalue("unproven")
    before = len(told(practice))
    for address, form in (
        (one, EHR | {"hosts": "other.example.org"}),
        (f"{one}mode/", {}),
        (f"{place}networks/", {"zone": "wifi", "cidrs": "192.0.2.0/28"}),
        (f"{place}networks/permit/", {"app": "x"}),
        (f"{place}access/", {"may": ["owner:notes"], "reason": "x"}),
        (f"{place}practice/legacy/", {"allow": "yes"}),
        (
            f"{place}rules/edit/",
            {"text": policy_api.template("solo"), "do": "keep", "based_on": "0", "reason": "x"},
        ),
    ):
        answer = owners_browser.post(address, form)
        assert answer.status_code == 400, address
        assert "use your passkey first" in answer.content.decode(), address
        assert "/sign-in/?next=" in answer.content.decode(), address
    assert len(told(practice)) == before
    # What closes never waits for a passkey.
    assert owners_browser.post(f"{one}remove/").status_code == 302


def test_an_auditor_reads_doors_rules_and_matrix_and_sees_no_form(
    practice: PracticeRecord, owners_browser: Client, browser_of: Browser, place: str
) -> None:
    one = added(practice, owners_browser, place)
    auditor = practice_api.add_member(
        practice_id=practice.id, full_name="Ada Auditor", email="ada@example.org", role_names=("auditor",),
        by="system:test",
    )  # fmt: skip
    browser = browser_of(auditor)
    for address in (f"{place}records/", one, f"{place}networks/", f"{place}rules/", f"{place}access/"):
        page = browser.get(address)
        assert page.status_code == 200, address
        main = page.content.decode().partition("<main")[2]
        assert 'type="submit"' not in main, address
    assert browser.get(f"{place}practice/").status_code == 403


def test_the_checklist_says_what_waiting_costs_and_follows_the_level(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    page = owners_browser.get(place).content.decode()
    for words in (
        "Record systems",
        "Read the rules",
        "Say who is called",
        "A mail server",
        "A backup",
        "Until then",
    ):
        assert words in page
    assert "Apple’s push certificate" in page.partition("<main")[2]
    details = {"name": "Harbor", "zone": "America/Chicago", "language": "en", "level": "0"}
    owners_browser.post(f"{place}practice/", details)
    steps = owners_browser.get(place).content.decode().partition('class="pw-card setup"')[2]
    assert "The first phone" not in steps


def test_a_push_certificate_that_has_ended_is_a_step_to_do_again(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    push_certificates.upload(practice.id)
    assert "In place until" in owners_browser.get(place).content.decode()
    PushCertificate.objects.update(not_after=clock.now() - timedelta(days=1))
    page = owners_browser.get(place).content.decode()
    assert "In place until" not in page
    assert "Until then no iPhone or iPad can join" in page


def test_each_level_says_what_of_it_works_today(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    hints = {item.value: f"{item.label} {item.hint}" for item in level_choices(2)}
    assert "other MDMs cannot be connected yet" in hints["1"]
    assert "Android phones cannot be managed yet" in hints["3"]
    page = owners_browser.get(f"{place}practice/").content.decode()
    assert all(item.hint in page for item in level_choices(2))
    with translation.override("es"):
        assert "Todavía no se administran teléfonos Android" in level_choices(2)[3].hint


def test_a_new_record_system_is_only_watched_unless_enforcing_is_chosen(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    page = owners_browser.get(f"{place}records/add/").content.decode()
    chosen = re.findall(r'name="mode" value="(\w+)"( checked)?', page)
    assert chosen == [("watch", " checked"), ("enforce", "")]
    form = {name: value for name, value in EHR.items() if name != "mode"}
    assert owners_browser.post(f"{place}records/add/", form).status_code == 302
    (app,) = access_api.apps(practice_id=practice.id)
    assert app.mode == "enforce", "what says nothing is closed"


def test_a_technician_from_outside_has_no_role_at_the_gate(practice: PracticeRecord, owner: Member) -> None:
    technician = let_in(owner)
    # Nothing publishes one by itself; a report about them does.
    access_api.require_fresh_passkey(member_id=technician)
    row = SnapshotRow.objects.get(practice_id=practice.id, kind=PERSON, key=str(technician))
    assert b"service_technician" not in bytes(row.body)
    mine = SnapshotRow.objects.get(practice_id=practice.id, kind=PERSON, key=str(owner.id))
    assert b"privacy_officer" in bytes(mine.body)
