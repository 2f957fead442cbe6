"""Pages inside a practice: they answer their people, turn roles away, and hide other practices."""

from __future__ import annotations

import importlib
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from pocketward.fleet import api as fleet_api
from pocketward.kernel.ids import public_id
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.spine.api import Event
from pocketward.web.ledger.sentences import known_kinds
from tests.web.clinic import fill
from tests.web.conftest import Browser

PAGES = (
    "", "phones/", "phones/phones.csv", "phones/add/", "people/", "people/add/", "people/roles/",
    "people/import/", "proof/ledger/", "setup/", "setup/push-certificate/", "setup/records/",
    "setup/records/add/", "setup/networks/", "setup/rules/", "setup/rules/edit/", "setup/access/",
    "setup/access/matrix.csv", "setup/practice/", "card/", "search/?q=dana", "me/", "me/phone/",
    "me/held/", "me/?lang=es", "me/held/?lang=es",
)  # fmt: skip


def base(practice: PracticeRecord) -> str:
    return f"/p/{practice.slug}/"


@pytest.mark.parametrize("place", PAGES)
def test_an_owner_sees_each_page(practice: PracticeRecord, owners_browser: Client, place: str) -> None:
    answer = owners_browser.get(base(practice) + place)
    assert answer.status_code == 200, answer.content[:400]
    assert answer["Cache-Control"] == "no-store"
    assert " style=" not in answer.content.decode()


@pytest.mark.parametrize("place", PAGES)
def test_nobody_sees_a_page_without_signing_in(practice: PracticeRecord, place: str) -> None:
    answer = Client(HTTP_HOST="localhost").get(base(practice) + place)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


def test_a_clinician_is_led_to_their_own_page(
    practice: PracticeRecord, clinician: Member, browser_of: Browser
) -> None:
    answer = browser_of(clinician).get(base(practice) + "phones/")
    assert answer["Location"] == f"{base(practice)}me/"


def test_a_clinician_may_not_add_people(
    practice: PracticeRecord, clinician: Member, browser_of: Browser
) -> None:
    answer = browser_of(clinician).post(base(practice) + "people/add/", {"full_name": "Eve Example"})
    assert answer.status_code == 403
    assert len(practice_api.members(practice_id=practice.id)) == 1


def test_another_practice_is_not_there(practice: PracticeRecord, owners_browser: Client) -> None:
    assert owners_browser.get("/p/nowhere/").status_code == 404


def test_the_start_leads_to_the_one_practice(practice: PracticeRecord, owners_browser: Client) -> None:
    assert owners_browser.get("/")["Location"] == base(practice)


def test_a_person_is_added_invited_and_given_roles(practice: PracticeRecord, owners_browser: Client) -> None:
    answer = owners_browser.post(
        base(practice) + "people/add/",
        {"full_name": "Ana Ejemplo", "email": "ana@example.org", "language": "es", "role": ["clinician"]},
    )
    place = answer["Location"]
    assert "Ana Ejemplo works here now." in owners_browser.get(place).content.decode()
    invited = owners_browser.post(f"{place}invite/").content.decode()
    assert "/join/" in invited
    owners_browser.post(f"{place}roles/", {"role": ["scheduler", "billing"]})
    ana = practice_api.find_members(practice_id=practice.id, text="ana@example.org")[0]
    assert ana.roles == {"scheduler", "billing"}


def test_a_person_who_can_sign_in_is_invited_only_to_a_new_sign_in(
    practice: PracticeRecord, clinician: Member, owners_browser: Client
) -> None:
    account = practice_api.open_account(member_id=clinician.id, email=clinician.email, by="system:test")
    Authenticator.objects.create(user_id=account.id, type=Authenticator.Type.WEBAUTHN, data={})
    place = f"{base(practice)}people/{public_id('mem', clinician.id)}/"
    refused = owners_browser.post(f"{place}invite/")
    assert refused.status_code == 400
    assert "/join/" not in refused.content.decode()
    assert "Passkey lost" in owners_browser.get(place).content.decode()
    assert "/join/" in owners_browser.post(f"{place}invite/", {"new_sign_in": "1"}).content.decode()


def test_the_last_owner_cannot_give_up_the_role(
    practice: PracticeRecord, owner: Member, owners_browser: Client
) -> None:
    people = owners_browser.get(base(practice) + "people/").content.decode()
    place = people.split('<td class="c-name"><a href="')[1].split('"')[0]
    answer = owners_browser.post(f"{place}roles/", {"role": []})
    assert answer.status_code == 400
    assert "owner" in practice_api.get_member(member_id=owner.id).roles


def test_a_broken_csv_adds_nobody_and_names_the_row(practice: PracticeRecord, owners_browser: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = SimpleUploadedFile("people.csv", b"full_name,email\nAna Ejemplo,ana@example.org\n,nobody")
    answer = owners_browser.post(base(practice) + "people/import/", {"file": upload})
    assert answer.status_code == 400
    assert "Row 3" in answer.content.decode()
    assert len(practice_api.members(practice_id=practice.id)) == 1


def test_a_csv_import_without_a_file_asks_for_one_and_the_page_names_the_roles(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    place = base(practice) + "people/import/"
    page = owners_browser.get(place).content.decode()
    for role in practice_api.ASSIGNABLE:
        assert f"<code>{role}</code>" in page
    answer = owners_browser.post(place, {})
    assert answer.status_code == 400
    said = answer.content.decode()
    assert "Choose a file first: nothing was imported." in said
    assert "must name the columns" not in said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("Ana Ejemplo,ana@example.org", "1 person added. "),
        ("Ana Ejemplo,ana@example.org\nBo Prueba,bo@example.org", "2 people added. "),
        ("Ana Ejemplo,ana@example.org\nAna Ejemplo,ana@example.org", "1 person added. 1 was here already."),
    ],
)
def test_an_import_counts_people_as_people_do(
    practice: PracticeRecord, owners_browser: Client, rows: str, said: str
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = SimpleUploadedFile("people.csv", f"full_name,email\n{rows}".encode())
    place = base(practice) + "people/import/"
    page = owners_browser.post(place, {"file": upload}, follow=True).content.decode()
    assert said.strip() in page
    assert "0 were" not in page


def test_every_phone_and_person_of_a_full_clinic_has_its_page(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    fill(practice)
    for place in ("phones/", "people/"):
        html = owners_browser.get(base(practice) + place).content.decode()
        links = re.findall(r'class="c-name"[^>]*>(?:<svg.*?</svg>)?<a href="([^"]+)"', html)
        assert len(links) >= 5
        for link in links:
            assert owners_browser.get(link).status_code == 200
            if place == "phones/":
                assert owners_browser.get(f"{link}acts/").status_code == 200
                assert owners_browser.get(f"{link}history/").status_code == 200
    assert owners_browser.get(base(practice)).status_code == 200
    ledger = owners_browser.get(base(practice) + "proof/ledger/").content.decode()
    assert "not-compliant" not in ledger
    number, said = re.findall(r'href="[^"]*proof/ledger/(\d+)/">([\d,]+)<', ledger)[0]
    assert said == f"{int(number):,}"
    entry = owners_browser.get(f"{base(practice)}proof/ledger/{number}/").content.decode()
    assert f"<title>Entry {said}" in entry
    for outside in ("0", "999999"):
        assert owners_browser.get(f"{base(practice)}proof/ledger/{outside}/").status_code == 404


def test_a_csv_names_every_phone_with_its_state(practice: PracticeRecord, owners_browser: Client) -> None:
    fill(practice)
    rows = owners_browser.get(base(practice) + "phones/phones.csv").content.decode().splitlines()
    assert len(rows) == 7
    assert any("Exam 4 iPad,Not heard from" in row for row in rows)


def test_asking_many_phones_acts_on_the_list_the_server_froze(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    fill(practice)
    devices = {device.label: device.id for device in fleet_api.devices(practice_id=practice.id)}
    picked = public_id("dev", devices["Rounds iPad 1"])
    page = owners_browser.post(base(practice) + "phones/bulk/", {"pick": [picked]}).content.decode()
    frozen = re.findall(r'name="frozen" value="([^"]+)"', page)[0]
    other = public_id("dev", devices["Exam 4 iPad"])
    owners_browser.post(base(practice) + "phones/bulk/", {"frozen": frozen, "pick": [other]})
    asked = {
        label
        for label, device_id in devices.items()
        if any(item.ordered_by.startswith("member:") for item in fleet_api.commands(device_id=device_id))
    }
    assert asked == {"Rounds iPad 1"}


def test_a_phone_is_not_erased_without_its_name(practice: PracticeRecord, owners_browser: Client) -> None:
    fill(practice)
    device = fleet_api.devices_by_label(practice_id=practice.id, label="Rounds iPad 1")[0]
    place = f"{base(practice)}phones/{public_id('dev', device.id)}/acts/"
    answer = owners_browser.post(place, {"act": "erase", "name": "Rounds iPad"})
    assert answer.status_code == 400
    assert "Nothing was ordered" in answer.content.decode()
    assert not [
        item for item in fleet_api.commands(device_id=device.id) if item.request_type == "EraseDevice"
    ]


def test_adding_a_phone_shows_its_code_once(practice: PracticeRecord, owners_browser: Client) -> None:
    answer = owners_browser.post(
        base(practice) + "phones/add/",
        {"label": "Rounds iPad 4", "kind": "ipad", "ownership": "practice", "member": ""},
        follow=True,
    )
    html = answer.content.decode()
    assert "/enroll/" in html
    assert "<svg" in html
    progress = re.findall(r'hx-get="([^"]+)"', html)[-1]
    assert owners_browser.get(progress).status_code == 200
    later = owners_browser.get(progress.removesuffix("progress/")).content.decode()
    assert "/enroll/" not in later


def test_every_kind_of_event_has_a_sentence() -> None:
    for domain in ("practice", "fleet", "pki", "posture", "access", "response", "incidents", "ledger"):
        importlib.import_module(f"pocketward.{domain}.events")
    kinds = {event.kind for event in Event.__subclasses__() if hasattr(event, "kind")}
    assert sorted(kind for kind in kinds - known_kinds() if not kind.startswith(("test.", "tests."))) == []


def test_each_pill_of_the_ledger_finds_something(practice: PracticeRecord, owners_browser: Client) -> None:
    fill(practice)
    for kind in ("", "all", "changes", "phones", "incidents"):
        html = owners_browser.get(f"{base(practice)}proof/ledger/?kind={kind}").content.decode()
        assert '<td class="what">' in html, kind


def test_an_email_that_is_in_use_is_told_and_what_was_typed_stays(
    practice: PracticeRecord, clinician: Member, owners_browser: Client
) -> None:
    typed = {"full_name": "Eve Example", "email": clinician.email.upper(), "job_title": "Nurse, night"}
    answer = owners_browser.post(base(practice) + "people/add/", typed)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert f"This e-mail is {clinician.full_name}’s already." in text
    assert all(value in text for value in typed.values())


def test_a_phone_gets_no_name_with_letters_unseen(practice: PracticeRecord, owners_browser: Client) -> None:
    posted = {"label": "Rounds\u202e iPad", "kind": "ipad", "ownership": "practice", "member": ""}
    answer = owners_browser.post(base(practice) + "phones/add/", posted)
    assert answer.status_code == 400
    assert "/enroll/" not in answer.content.decode()
