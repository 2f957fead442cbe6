"""The page of Apple's push certificate: a request is made and downloaded, its certificate brought back."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pocketward.fleet import api as fleet
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from tests.fleet.test_push_requests import apple_signs
from tests.web.conftest import Browser


@pytest.fixture
def place(practice: PracticeRecord) -> str:
    return f"/p/{practice.slug}/setup/push-certificate/"


def bring(browser: Client, place: str, certificate: str) -> tuple[int, str]:
    form = {"certificate": SimpleUploadedFile("a.pem", certificate.encode()), "account": "it@example.org"}
    answer = browser.post(place, form)
    return answer.status_code, answer.content.decode()


def test_the_owner_makes_a_request_downloads_it_and_brings_the_certificate(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    page = owners_browser.get(place).content.decode()
    assert "No request is waiting for a certificate." in page
    assert "Pocketward is not one and cannot sign it" in page
    assert owners_browser.get(f"{place}request.csr").status_code == 404
    assert owners_browser.post(f"{place}request/").status_code == 302
    page = owners_browser.get(place).content.decode()
    assert "Request 1 waits for its certificate." in page
    assert "PRIVATE KEY" not in page
    file = owners_browser.get(f"{place}request.csr")
    assert file["Content-Disposition"] == 'attachment; filename="push-request-1.csr"'
    assert file["Cache-Control"] == "no-store"
    text = file.content.decode()
    assert text.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert bring(owners_browser, place, apple_signs(text))[0] == 302
    page = owners_browser.get(place).content.decode()
    assert "Phones can be reached until" in page
    assert "choose Renew on the entry with the same UID, never Create" in page


def test_a_certificate_of_an_older_request_is_told_which_one_waits(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    owners_browser.post(f"{place}request/")
    older = owners_browser.get(f"{place}request.csr").content.decode()
    owners_browser.post(f"{place}request/")
    status, page = bring(owners_browser, place, apple_signs(older))
    assert status == 400
    assert "This certificate belongs to request 1 of" in page
    assert "What waits is request 2 of" in page
    assert "request id" not in page


def test_of_a_wrong_certificate_nobody_reads_of_a_request_that_does_not_wait(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    status, page = bring(owners_browser, place, "no certificate")
    assert status == 400
    assert "No request is waiting for a certificate." in page
    assert "Bring the certificate that Apple’s page made of a request from here, or its key along." in page
    assert "that waits here" not in page


def test_the_it_lead_may_and_other_officers_only_look(
    practice: PracticeRecord, owner: Member, browser_of: Browser, place: str
) -> None:
    people = {
        role: practice_api.add_member(
            practice_id=practice.id, full_name=f"{role} person", email=f"{role}@example.org",
            role_names=(role,), by="system:test",
        )
        for role in ("it_lead", "privacy_officer", "auditor")
    }  # fmt: skip
    officer = browser_of(people["privacy_officer"])
    assert officer.post(f"{place}request/").status_code == 403
    assert bring(officer, place, "x")[0] == 403
    main = officer.get(place).content.decode().partition("<main")[2]
    assert "multipart" not in main and "The request" not in main
    assert browser_of(people["it_lead"]).post(f"{place}request/").status_code == 302
    assert officer.get(f"{place}request.csr").status_code == 403
    assert browser_of(people["auditor"]).get(f"{place}request.csr").status_code == 403


def test_a_request_of_one_practice_is_not_there_for_another(
    practice: PracticeRecord, owners_browser: Client, place: str
) -> None:
    from contextvars import Context

    fleet.make_push_request(practice_id=practice.id, by="system:test")
    other = Context().run(practice_api.create_practice, name="Lakeview Counseling", by="system:test")
    assert owners_browser.get(place.replace(practice.slug, other.slug) + "request.csr").status_code == 404
    assert Context().run(_waiting_in, other) is None


def _waiting_in(practice: PracticeRecord) -> object:
    from pocketward.spine.api import practice_scope

    with practice_scope(practice.id):
        return fleet.push_request(practice_id=practice.id)
