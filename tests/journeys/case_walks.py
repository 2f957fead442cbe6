"""Longer looks at a case and what stands around it, as journeys take them."""

from __future__ import annotations

import base64
import html
import re
import time
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import segno

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person


def case_page(person: Person) -> httpx.Response:
    """The page of the one open case, found through the list as a person would."""
    listed = person.browser.get(f"/p/{person.slug}/incidents/")
    found = re.search(rf"/p/{person.slug}/incidents/(case_[0-9a-z]+)/", listed.text)
    assert found, listed.text[:1500]
    return person.browser.get(found[0])


def facts_of(page: httpx.Response) -> dict[str, str]:
    """What the worksheet says was known when the phone was reported, by its name."""
    assert page.status_code == 200
    found = re.findall(r'<li><span>([^<]+)</span><span class="end[^"]*">([^<]*)</span></li>', page.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def card_leads_to(address: str, dana: Person) -> None:
    """The card's page: its code leads there, and so does what the phone system says in two languages."""
    card = html.unescape(dana.browser.get(f"/p/{dana.slug}/card/").text)
    assert segno.make(address, error="m").svg_inline(omitsize=True) in card
    short = address.partition("://")[2]
    assert "Text for your phone system" in card
    assert re.search(rf'<p lang="en">Did you lose a work phone[^<]* open {short}\. [^<]*no password', card)
    assert re.search(rf'<p lang="es">¿Perdió un teléfono[^<]* abra {short}\. [^<]*ni contraseña', card)


def undo_an_erase(clinic: Clinic, dana: Person, erin: Person, phone: str) -> None:
    """Order, approve, and stop it while it counts down: nothing is erased, and that is sealed."""
    base = str(case_page(dana).url)
    dana.post(case_page(dana), f"{base}erase/", name=phone)
    ((command_id,),) = clinic.read("SELECT id FROM fleet_command WHERE request_type = 'EraseDevice'")
    command = UUID(str(command_id))
    counting = erin.post(case_page(erin), f"{base}approve/{command}/")
    assert f"{urlsplit(base).path}stop/{command}/" in counting.text
    stopped = dana.post(case_page(dana), f"{base}stop/{command}/")
    assert "Stopped. Nothing was erased." in stopped.text
    wait_for(
        lambda: [item for item in clinic.sealed("fleet.command_proof_advanced")
                 if (item["command_id"], item["proof"]) == (str(command), "cancelled")],
        "the stop to be sealed",
    )  # fmt: skip
    assert clinic.phone(phone)["erased_times"] == 0


def says_where_the_ledger_stood(clinic: Clinic, text: str) -> None:
    """A document's text names the very size and root of a signed checkpoint."""
    stood = re.search(r"(\d+) entries, root ([0-9a-f]{64})", text.replace("\n", ""))
    assert stood, text[-1500:]
    ((note,),) = clinic.read("SELECT note FROM ledger_checkpoint WHERE size = ?", int(stood[1]))
    _origin, size, root = bytes(note).decode().splitlines()[:3]
    assert (size, base64.b64decode(root).hex()) == (stood[1], stood[2])


def report_as_a_stranger(clinic: Clinic) -> None:
    """Ben's phone, on the open page: small, without a cookie, few questions, never a fast answer."""
    code = clinic.world["lost_code"]
    with httpx.Client(base_url=clinic.world["people_url"]) as stranger:
        page = stranger.get(f"/l/{code}")
        assert "set-cookie" not in page.headers
        assert len(page.content) < 50_000
        # Three things are asked for, a colleague's code beside them; the form's own mark is hidden.
        (form,) = [one for one in re.findall(r"<form.*?</form>", page.text, re.S) if 'name="when"' in one]
        asked = re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', form)
        assert set(asked) == {"who", "when", "callback", "code", "form"}
        assert len(re.findall(r"<button|<input[^>]*type=.submit", form)) == 1, "one button"
        started = time.monotonic()
        answer = stranger.post(
            f"/l/{code}", data={"who": "ben sample", "when": "now", "callback": "555-0100"}
        )
        assert answer.status_code == 200, answer.text[:500]
        assert "Nothing is erased" in answer.text
        # Never a fast answer, which would tell something; and the whole of it within the minute promised.
        assert 1.0 <= time.monotonic() - started < 60


def says_how_fast_doors_closed(clinic: Clinic, case: httpx.Response, case_ref: str) -> None:
    """Each door has a receipt, and the case's page says the time that ours took."""
    (doors,) = wait_for(lambda: clinic.sealed("response.doors_closed"), "the doors' receipts to be sealed")
    assert doors["case_ref"] == case_ref
    closed_doors = {door["app"]: (door["closed"], door["ms"]) for door in doors["doors"]}
    assert closed_doors["Billing portal"] == (False, None)
    shut, took = closed_doors["Harbor Records"]
    # The goal is 0.3 s from the commit; what was measured is held to twenty times that, and shown.
    assert shut
    assert 0 <= took <= 6_000
    quick = "under a tenth of a second" if took < 100 else f"{took / 1000:.1f} seconds"
    assert f"Every door we control closed in {quick}." in html.unescape(case.text)
    assert ("under 0.1 s" if took < 100 else f"{took / 1000:.1f} s") in case.text


def opened_from(clinic: Clinic, ben: Person, phone: str, network: str) -> bool:
    """Open Ben's notes once more; whether the gate has written down that it was from there."""
    assert clinic.act(phone, "open", path="/notes", cookie=ben.cookie)["status"] == 200
    rows = clinic.read("SELECT 1 FROM access_decision WHERE outcome = 'allow' AND network = ?", network)
    return bool(rows)
