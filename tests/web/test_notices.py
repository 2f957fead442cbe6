"""Pages that only say something say the consequence, and one click does the one thing to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path

from pocketward.access import api as access_api
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.web import urls
from tests.web.conftest import Browser


def breaks(request: HttpRequest) -> HttpResponse:
    """A page with a fault of ours."""
    raise RuntimeError("the secret of the server")


@pytest.fixture
def stranger() -> Iterator[Client]:
    """A browser, at a server one of whose pages has a fault."""
    urls.urlpatterns.append(path("breaks/", breaks))
    clear_url_caches()
    yield Client(HTTP_HOST="localhost", raise_request_exception=False)
    urls.urlpatterns.pop()
    clear_url_caches()


def test_after_a_fault_of_ours_one_click_tries_once_more(stranger: Client) -> None:
    answer = stranger.get("/breaks/?q=%22%3E<script>")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert 'href="/breaks/?q=%22%3E%3Cscript%3E"' in page
    assert "Try once more" in page
    assert "secret" not in page
    # What was sent cannot be sent again by a link.
    sent = stranger.post("/breaks/").content.decode()
    assert 'href="/"' in sent
    spanish = stranger.get("/breaks/?lang=es").content.decode()
    assert "Intentarlo otra vez" in spanish


def test_an_invitation_names_the_practice_and_whom_to_call(
    practice: PracticeRecord, clinician: Member
) -> None:
    practice_api.change_practice(
        practice_id=practice.id, name=practice.name, zone=practice.zone, language="en",
        front_desk_phone="555-0142", emergency_phone="", password_allowed=False, adoption_level=2,
        by="system:test",
    )  # fmt: skip
    secret = practice_api.invite_member(member_id=clinician.id, by="system:test")
    page = Client(HTTP_HOST="localhost").get(f"/join/{secret}").content.decode()
    assert "Ben, join Harbor Street Clinic." in page
    assert 'href="tel:5550142"' in page


def test_a_setup_link_says_how_long_it_works_wherever_its_reader_is(
    practice: PracticeRecord, owner: Member
) -> None:
    secret = practice_api.make_owner_link(practice_id=practice.id, member_id=owner.id, host_user="tests")
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        page = Client(HTTP_HOST="localhost").get(f"/start/{secret}").content.decode()
    assert "This link works once, for another 2" in page


def test_a_review_says_in_words_what_was_opened(
    practice: PracticeRecord, owner: Member, clinician: Member, browser_of: Browser
) -> None:
    access_api.prepare_practice(practice_id=practice.id, by="system:test")
    app = access_api.register_app(
        practice_id=practice.id, name="Chart app", door="proxied", hosts=("ehr.localhost",),
        paths=(("/", "notes"),), by="system:test",
    )  # fmt: skip
    grant = access_api.open_emergency(
        practice_id=practice.id, member_id=clinician.id, app_id=app.id, reason="patient_waiting",
        strength="passkey", auth_at=clock.true_now(),
    )  # fmt: skip
    browser = browser_of(owner)
    home = f"/p/{practice.slug}/"
    assert "Emergency access waits" not in browser.get(home).content.decode()
    access_api.end_emergency(grant_id=grant.id, by="system:test")
    assert f"{home}emergency/{grant.id}/" in browser.get(home).content.decode()
    page = browser.get(f"{home}emergency/reviews/").content.decode()
    assert "Today at" in page
    assert "“A patient is waiting.” No record was opened." in page
    # Nobody reviews their own use while there is another officer.
    assert "Emergency access waits" not in browser_of(clinician).get(home, follow=True).content.decode()
