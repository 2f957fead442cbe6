"""A case whose report fits nobody, several, or somebody without a phone says which of these it is."""

from __future__ import annotations

import re

from django.test import Client

from pocketward.ledger import api as ledger_api
from pocketward.practice import api as practice_api
from pocketward.practice.api import PracticeRecord
from pocketward.spine.api import run_due
from tests.web.clinic import Clinic


def place(practice: PracticeRecord, case_ref: str) -> str:
    return f"/p/{practice.slug}/incidents/{case_ref}/"


def test_a_report_that_fits_several_says_how_many_and_one_without_a_phone_says_that(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    for address in ("one@example.org", "two@example.org"):
        practice_api.add_member(
            practice_id=practice.id, full_name="Pat Twice", email=address, by="system:test"
        )
    practice_api.add_member(practice_id=practice.id, full_name="Uma Nophone", by="system:test")
    clinic = Clinic(practice)
    several, phoneless = clinic.lose("Pat Twice"), clinic.lose("Uma Nophone")
    run_due()
    ledger_api.seal_pending()
    html = owners_browser.get(place(practice, several)).content.decode()
    assert "Somebody reported a loss for “Pat Twice”. 2 here fit that name." in html
    html = owners_browser.get(place(practice, phoneless)).content.decode()
    assert "It fits one person here, who had no phone then." in html


def test_the_box_of_whose_phone_says_what_its_buttons_do(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    html = owners_browser.get(place(practice, Clinic(practice).lose("Nobody Here"))).content.decode()
    assert "“Close records on it” holds that person’s phones, or that tablet," in html
    assert "It holds their phones" not in html
    # The button stands beside the field that it belongs to.
    assert re.search(
        r'<div class="pw-filters"><span class="grow"><input[^>]+id="who-q"[^>]*></span><button', html
    )
