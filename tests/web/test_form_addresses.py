"""An address that only takes a form says so, with a way back."""

from __future__ import annotations

from django.test import Client

from pocketward.practice.api import PracticeRecord
from tests.web.clinic import Clinic


def test_asking_for_it_gives_a_page_and_does_nothing(
    practice: PracticeRecord, owners_browser: Client
) -> None:
    clinic = Clinic(practice)
    clinic.phone("Ward iPhone 3")
    case_ref = clinic.lose("Ward iPhone 3")
    place = f"/p/{practice.slug}/incidents/{case_ref}/"
    answer = owners_browser.get(f"{place}confirm/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    html = answer.content.decode()
    assert "This address only takes a form." in html
    assert f'href="{place}"' in html
    spanish = owners_browser.get(f"{place}confirm/", HTTP_ACCEPT_LANGUAGE="es").content.decode()
    assert "Volver" in spanish and ">Back<" not in spanish
    assert owners_browser.put(f"{place}confirm/").content == b""
