"""Reporting a lost phone: no cookie, no script, the same answer after the same time, whoever is named."""

from __future__ import annotations

import re
from contextvars import Context
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from pocketward.access import api as access_api
from pocketward.fleet import api as fleet_api
from pocketward.kernel import clock
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from pocketward.response import api as response_api
from pocketward.response.models import LossReport
from pocketward.web.lost.form import LONGEST_NAME, read_answers
from tests.web.clinic import Clinic, fill

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def stranger() -> Client:
    """A browser that never signed in."""
    return Client(HTTP_HOST="localhost", enforce_csrf_checks=True)


def address(practice: PracticeRecord, language: str = "en") -> str:
    return f"/l/{practice.lost_code}?lang={language}"


def send(browser: Client, practice: PracticeRecord, who: str, language: str = "en", **more: str) -> str:
    posted = {"who": who, "when": "today", "callback": "555-0155", "wish": "report", **more}
    answer = browser.post(address(practice, language), posted)
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    return answer.content.decode()


def without_what_was_typed(html: str, who: str) -> str:
    plain = html.replace(who, "WHO")
    return re.sub(r"\d+:\d\d [ap]m", "TIME", plain)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "That was too much at once."), ("es", "Fue demasiado de una vez.")]
)
def test_a_body_that_is_too_large_is_answered_with_a_page_and_one_line_in_the_log(
    practice: PracticeRecord, stranger: Client, caplog: pytest.LogCaptureFixture, language: str, said: str
) -> None:
    answer = stranger.post(address(practice, language), "who=" + "x" * 2_700_000, FORM)
    assert answer.status_code == 413
    assert said in answer.content.decode()
    assert not answer.cookies
    (line,) = [item for item in caplog.records if item.levelname != "DEBUG"]
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    many = stranger.post(address(practice, language), "&".join(f"a{at}=" for at in range(1100)), FORM)
    assert many.status_code == 413
    assert LossReport.objects.count() == 0


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_sets_no_cookie_and_runs_no_script(
    practice: PracticeRecord, stranger: Client, language: str
) -> None:
    answer = stranger.get(address(practice, language))
    html = answer.content.decode()
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html), "nothing of a third party"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "<script" not in html
    assert len(html.encode()) < 20_000
    assert html.count('<input id="who"') == 1
    assert "<textarea" not in html


def test_one_match_closes_and_says_only_what_it_always_says(
    practice: PracticeRecord, stranger: Client
) -> None:
    clinic = Clinic(practice)
    ana = practice_api.add_member(practice_id=practice.id, full_name="Ana Ejemplo", by="system:test")
    device = clinic.phone("Ana’s iPhone 15", member=ana)
    known = send(stranger, practice, "Ana Ejemplo")
    unknown = send(stranger, practice, "Nobody Here")
    assert device in access_api.held_devices(practice_id=practice.id)
    assert without_what_was_typed(known, "Ana Ejemplo") == without_what_was_typed(unknown, "Nobody Here")
    assert "If this name matches one person here, we close every record we can on that phone" in known


def test_an_empty_name_is_asked_for_again_and_nothing_typed_is_lost(
    practice: PracticeRecord, stranger: Client
) -> None:
    html = send(stranger, practice, " ", callback="555-0155")
    assert 'aria-invalid="true"' in html
    assert 'value="555-0155"' in html


def test_what_was_typed_can_be_changed_and_sent_again(practice: PracticeRecord, stranger: Client) -> None:
    html = send(stranger, practice, "Ana Ejemlo", wish="edit")
    assert 'value="Ana Ejemlo"' in html
    assert "Close records now" in html


def test_i_have_it_again_pages_and_opens_nothing(practice: PracticeRecord, stranger: Client) -> None:
    fill(practice)
    held = access_api.held_devices(practice_id=practice.id)
    html = send(stranger, practice, "Grace Placeholder", wish="again")
    assert "Records stay closed until a person here has opened them." in html
    assert access_api.held_devices(practice_id=practice.id) == held


def test_a_form_sent_by_another_site_is_shown_to_a_person_first(
    practice: PracticeRecord, clinician: Member, stranger: Client
) -> None:
    Clinic(practice).phone("Ben’s iPhone 16", member=clinician)
    posted = {"who": "Ben Sample", "when": "today", "wish": "report"}
    answer = stranger.post(address(practice), posted, headers={"Sec-Fetch-Site": "cross-site"})
    assert "Close records now" in answer.content.decode()
    assert access_api.held_devices(practice_id=practice.id) == {}


def test_without_a_code_the_only_practice_answers(practice: PracticeRecord, stranger: Client) -> None:
    answer = stranger.get("/lost")
    assert answer["Location"].startswith(f"/l/{practice.lost_code}")


def test_with_two_practices_the_code_on_the_card_is_asked_for(
    practice: PracticeRecord, stranger: Client
) -> None:
    html = stranger.get("/lost").content.decode()
    assert practice.name not in html
    second = _second_practice()
    html = stranger.get("/lost").content.decode()
    assert "Type the code on the card" in html
    assert practice.name not in html
    assert second.name not in html
    assert stranger.get("/lost?code=nope").status_code == 404


def _second_practice() -> PracticeRecord:
    # In an empty context: the fixture's scope must not be the new practice's.
    return Context().run(practice_api.create_practice, name="Lakeview Counseling", by="system:test")


@given(
    posted=st.dictionaries(st.sampled_from(["who", "when", "callback", "wish", "x"]), st.text(max_size=300))
)
def test_any_answers_become_one_short_line_each(posted: dict[str, str]) -> None:
    answers = read_answers(posted)
    assert len(answers.who) <= LONGEST_NAME
    assert answers.who == " ".join(answers.who.split())
    assert answers.who.isprintable()
    assert set(answers.callback) <= set("0123456789+()-. x#*")
    assert answers.when in ("now", "today", "earlier", "unknown")


def test_the_lost_phone_itself_is_marked(
    practice: PracticeRecord, clinician: Member, stranger: Client
) -> None:
    device = Clinic(practice).phone("Ben’s iPhone 16", member=clinician)
    send(stranger, practice, "ben@example.org")
    assert fleet_api.get_device(device_id=device).lost_at is not None


def test_behind_a_proxy_with_the_secret_each_sender_is_their_own_network(
    practice: PracticeRecord, stranger: Client, settings: Settings
) -> None:
    settings.POCKETWARD = replace(settings.POCKETWARD, proxy_secret="the-proxys-secret")
    clinic = Clinic(practice)
    for at in range(4):
        person = practice_api.add_member(
            practice_id=practice.id, full_name=f"Pat {at} Model", by="system:test"
        )
        clinic.phone(f"Pat {at}’s iPhone", member=person)

    def report(at: int, address_: str, secret: str) -> None:
        stranger.post(
            address(practice), {"who": f"Pat {at} Model", "when": "now"},
            headers={"Pocketward-Proxy-Secret": secret, "X-Forwarded-For": address_},
        )  # fmt: skip

    # A made-up header changes nothing: these come from one network, whose limit is two.
    for at in range(3):
        report(at, f"203.0.113.{at}", "guessed")
    assert len(access_api.held_devices(practice_id=practice.id)) == 2
    report(3, "203.0.113.3", "the-proxys-secret")
    assert len(access_api.held_devices(practice_id=practice.id)) == 3


def test_past_the_limit_the_same_words_are_said_and_a_colleagues_code_closes(
    practice: PracticeRecord, clinician: Member, stranger: Client
) -> None:
    clinic = Clinic(practice)
    for at in range(4):
        person = practice_api.add_member(
            practice_id=practice.id, full_name=f"Pat {at} Model", by="system:test"
        )
        clinic.phone(f"Pat {at}’s iPhone", member=person)
    said = [
        without_what_was_typed(send(stranger, practice, f"Pat {at} Model"), f"Pat {at} Model")
        for at in range(3)
    ]
    assert len(set(said)) == 1
    assert len(access_api.held_devices(practice_id=practice.id)) == 2
    made = response_api.make_colleague_code(
        practice_id=practice.id, by_member_id=clinician.id, strength="passkey"
    )
    closed = send(stranger, practice, "Pat 3 Model", code=f"{made.code[:4]}-{made.code[4:]}")
    assert without_what_was_typed(closed, "Pat 3 Model") == said[0]
    assert made.code not in closed
    assert len(access_api.held_devices(practice_id=practice.id)) == 3


def test_a_page_loaded_again_is_the_same_report_and_other_words_are_another(
    practice: PracticeRecord, clinician: Member, stranger: Client
) -> None:
    Clinic(practice).phone("Ben’s iPhone 16", member=clinician)
    asked = stranger.get(address(practice)).content.decode()
    tokens = set(re.findall(r'name="form" value="([0-9a-z]+)"', asked))
    assert len(tokens) == 1
    (token,) = tokens
    assert token not in stranger.get(address(practice)).content.decode(), "another form has another token"
    first = clock.now()
    with clock.frozen(first):
        said = send(stranger, practice, "Ben Sample", form=token)
    with clock.frozen(first + timedelta(minutes=50)):
        assert send(stranger, practice, "Ben Sample", form=token) == said
        assert _count() == 1
        send(stranger, practice, "Nobody Here", form=token)
        send(stranger, practice, "Nobody Here", form=token)
        assert _count() == 2
        send(stranger, practice, "Ben Sample", form=token, wish="again")
        send(stranger, practice, "Ben Sample", form=token, wish="again")
        assert _count() == 3
    with clock.frozen(first + timedelta(minutes=61)):
        send(stranger, practice, "Ben Sample", form=token)
        assert _count() == 4


def test_without_a_token_every_report_is_a_new_one(practice: PracticeRecord, stranger: Client) -> None:
    for token in ("", "<>"):
        send(stranger, practice, "Nobody Here", form=token)
    assert _count() == 2


def _count() -> int:
    return LossReport.objects.count()
