"""Whoever is invited in Spanish reads Spanish from the first page on, whatever the browser speaks."""

from __future__ import annotations

from contextvars import Context

import pytest
from django.test import Client

from pocketward.access import api as access
from pocketward.practice import api as practice_api
from pocketward.practice.api import Member, PracticeRecord
from tests.access.browsing import join
from tests.access.test_first_run import FORM


@pytest.fixture
def nurse(practice: PracticeRecord, owner: Member) -> Member:
    """Somebody who reads Spanish."""
    return practice_api.add_member(
        practice_id=practice.id, full_name="Ana Ejemplo", email="ana@example.org", language="es",
        role_names=("clinician",), by="system:test",
    )  # fmt: skip


def test_the_invitation_and_the_first_pages_are_wholly_in_the_persons_language(nurse: Member) -> None:
    browser = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en-US")
    secret = access.invite(member_id=nurse.id, by="system:test")
    invited = browser.get(f"/join/{secret}")
    assert (invited["Content-Language"], "Go on" in invited.content.decode()) == ("es", False)
    assert browser.post(f"/join/{secret}").status_code == 302
    said = {
        "/account/passkey/": ("Cree su llave de acceso.", "passkey"),
        "/account/": ("Sus llaves de acceso y sesiones", "Your passkeys"),
        "/account/recovery/": ("Códigos de recuperación", "Recovery codes"),
        "/account/password/": ("Una contraseña, con código.", "password, with"),
    }
    for address, (spanish, english) in said.items():
        page = browser.get(address).content.decode()
        assert 'lang="es"' in page, address
        body = page.split("<main", 1)[1].split("</main>", 1)[0]
        assert spanish in body, (address, body)
        assert english not in body or address == "/account/passkey/", address
    long = browser.post("/account/passkey/", {"credential": "{}", "name": "x" * 61})
    assert long.status_code == 400
    assert "El nombre es demasiado largo: 60 letras como máximo." in long.content.decode()
    assert f'value="{"x" * 61}"' in long.content.decode()
    refused = browser.post("/account/passkey/", {"credential": "{}", "name": "x"})
    assert (refused.status_code, refused["Content-Language"]) == (400, "es")


def test_a_refused_invitation_speaks_it_too(practice: PracticeRecord, nurse: Member) -> None:
    old = practice_api.invite_member(member_id=nurse.id, by="system:test")
    browser = Client(HTTP_HOST="localhost")
    join(nurse, browser)
    refused = Client(HTTP_HOST="localhost").post(f"/join/{old}")
    assert (refused.status_code, refused["Content-Language"]) == (400, "es")


def test_an_owner_who_begins_in_spanish_goes_on_in_spanish(installation: None) -> None:
    secret = practice_api.make_owner_link(practice_id=None, member_id=None, host_user="test")
    browser = Client(HTTP_HOST="localhost")

    def start() -> int:
        return int(browser.post(f"/start/{secret}?lang=es", FORM).status_code)

    assert Context().run(start) == 302
    assert browser.get("/account/passkey/")["Content-Language"] == "es"
