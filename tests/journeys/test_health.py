"""A phone's health opens and closes records; who may open what; what staff and officers can look up."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person, fact_lines, ledger_lines, says_what_is_held
from tests.journeys.tampering import edited_copy

BEN, ANA, CARLA = "Ben's iPhone", "Ana's iPhone", "Carla's iPhone"
HOUR = 3600


def of_phone(clinic: Clinic, label: str, kind: str) -> list[dict[str, Any]]:
    """The sealed facts of one kind about one phone."""
    ((device,),) = clinic.read("SELECT id FROM fleet_device WHERE label = ?", label)
    return [item for item in clinic.sealed(kind) if UUID(item["device_id"]) == UUID(str(device))]


def posture(clinic: Clinic, label: str) -> str:
    rows = clinic.read(
        "SELECT p.posture FROM posture_deviceposture p JOIN fleet_device d ON d.id = p.device_id "
        "WHERE d.label = ?",
        label,
    )
    return str(rows[0][0]) if rows else ""


def person(clinic: Clinic, name: str) -> Iterator[Person]:
    made = Person(clinic, name)
    made.join()
    yield made
    made.browser.close()


@pytest.fixture(scope="module")
def dana(clinic: Clinic) -> Iterator[Person]:
    yield from person(clinic, "Dana Example")


@pytest.fixture(scope="module")
def ana(clinic: Clinic) -> Iterator[Person]:
    wait_for(lambda: posture(clinic, ANA) == "not-compliant", "Ana's phone to be judged")
    yield from person(clinic, "Ana Model")


@pytest.fixture(scope="module")
def ben(clinic: Clinic) -> Iterator[Person]:
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    yield from person(clinic, "Ben Sample")


@pytest.fixture(scope="module")
def carla(clinic: Clinic) -> Iterator[Person]:
    wait_for(lambda: posture(clinic, CARLA) == "compliant", "Carla's phone to be compliant")
    yield from person(clinic, "Carla Specimen")


def opened(clinic: Clinic, phone: str, who: Person, path: str = "/notes") -> int:
    """What the phone's browser gets: 200, or 302 to where it is told why not."""
    status: int = clinic.act(phone, "open", path=path, cookie=who.cookie)["status"]
    return status


def refusals(clinic: Clinic) -> list[dict[str, object]]:
    return [item for item in clinic.sealed("access.decision_made") if item["outcome"] == "refuse"]


def check_again(who: Person) -> None:
    """Press "check again" on the person's own page."""
    page = who.browser.get(f"/p/{who.slug}/me/phone/")
    assert page.status_code == 200, page.text[:500]
    answer = who.post(page, f"/p/{who.slug}/me/phone/check/")
    assert answer.status_code == 200, answer.text[:500]


def own_page(who: Person, language: str, place: str = "phone/") -> str:
    """A page about one's own phone, as it reads in this language."""
    answer = who.browser.get(f"/p/{who.slug}/me/{place}", params={"lang": language})
    assert answer.status_code == 200, answer.text[:500]
    return html.unescape(answer.text)


@pytest.mark.acceptance("S86")
@pytest.mark.acceptance("S46", part="posture")
def test_a_phone_without_a_passcode_is_closed_and_opens_by_itself_when_it_has_one(
    clinic: Clinic, ana: Person
) -> None:
    assert opened(clinic, ANA, ana) == 302
    made = wait_for(lambda: clinic.sealed("posture.posture_changed"), "the verdict to be sealed")
    codes = {check["code"] for item in made for check in item["checks"] if check["result"] == "fail"}
    assert "encrypted_without_passcode" in codes
    # Encrypted, and yet open to whoever finds it: said in both languages, with why.
    told = {
        "en": (
            "Not protected: no passcode",
            "Anyone who finds it can open it. The encryption opens with it.",
        ),
        "es": (
            "Sin protección: no hay código",
            "Quien lo encuentre puede abrirlo. El cifrado se abre con él.",
        ),
    }
    for language, (title, consequence) in told.items():
        assert title in own_page(ana, language)
        fix = own_page(ana, language, "fix/data_protection/")
        assert title in fix
        assert consequence in fix
    clinic.act(ANA, "set", passcode=True)
    check_again(ana)
    wait_for(lambda: posture(clinic, ANA) == "compliant", "Ana's phone to be compliant")
    for language, (title, consequence) in told.items():
        # A phone that is protected has no such page: it leads back to the phone, which says nothing of it.
        for shown in (own_page(ana, language), own_page(ana, language, "fix/data_protection/")):
            assert title not in shown
            assert consequence not in shown
    ana.sign_in_to_records(ANA)
    wait_for(lambda: opened(clinic, ANA, ana) == 200, "records to open for Ana", 10)
    assert wait_for(lambda: clinic.sealed("access.records_opened"), "the opening to be sealed")


@pytest.mark.acceptance("S48")
def test_a_posture_that_flips_in_a_session_closes_the_next_request(clinic: Clinic, ana: Person) -> None:
    assert opened(clinic, ANA, ana) == 200
    clinic.act(ANA, "set", passcode=False)
    check_again(ana)
    wait_for(lambda: posture(clinic, ANA) == "not-compliant", "the flip")
    wait_for(lambda: opened(clinic, ANA, ana) == 302, "the next request to be refused", 5)
    assert wait_for(lambda: clinic.sealed("access.records_closed"), "the closing to be sealed")
    clinic.act(ANA, "set", passcode=True)
    check_again(ana)
    wait_for(lambda: opened(clinic, ANA, ana) == 200, "records to open again", 20)


@pytest.mark.acceptance("S85")
def test_a_phone_that_is_not_encrypted_is_refused(clinic: Clinic, ana: Person) -> None:
    clinic.act(ANA, "set", encrypted=False)
    check_again(ana)
    wait_for(lambda: opened(clinic, ANA, ana) == 302, "the unencrypted phone to be refused", 20)
    wait_for(
        lambda: any(
            check["code"] == "not_encrypted"
            for item in clinic.sealed("posture.posture_changed")
            for check in item["checks"]
        ),
        "the verdict to be sealed",
    )
    clinic.act(ANA, "set", encrypted=True)
    check_again(ana)
    wait_for(lambda: opened(clinic, ANA, ana) == 200, "records to open again", 20)


@pytest.mark.acceptance("S29")
def test_a_scheduler_reads_the_calendar_and_not_the_notes(clinic: Clinic, carla: Person) -> None:
    carla.sign_in_to_records(CARLA, path="/calendar")
    assert opened(clinic, CARLA, carla, "/calendar") == 200
    assert opened(clinic, CARLA, carla, "/notes") == 302
    assert opened(clinic, CARLA, carla, "/billing") == 302
    made = wait_for(
        lambda: [item for item in refusals(clinic) if item["member_id"] == carla.member_id],
        "the refusal to be sealed",
    )
    assert made


@pytest.mark.acceptance("S24")
def test_any_decision_is_explained_to_an_officer_by_its_id_factor_by_factor(
    clinic: Clinic, dana: Person, carla: Person
) -> None:
    networks = f"/p/{dana.slug}/setup/networks/"
    dana.post(dana.browser.get(networks), networks, zone="clinic-wifi", cidrs="127.0.0.0/8")
    wait_for(lambda: clinic.sealed("access.network_named"), "the network's name to be sealed")

    def refused_from_there() -> str:
        place = clinic.act(CARLA, "open", path="/notes", cookie=carla.cookie)["location"]
        decision = str(place).rstrip("/").rpartition("/")[2]
        page = dana.browser.get(f"/p/{dana.slug}/decisions/{decision}/")
        return decision if page.status_code == 200 and "clinic-wifi" in page.text else ""

    decision = wait_for(refused_from_there, "a refusal from that network")
    wait_for(
        lambda: [item for item in refusals(clinic) if item["decision"] == decision],
        "the refusal to be sealed",
    )
    page = dana.browser.get(f"/p/{dana.slug}/decisions/{decision}/")
    assert decision in page.text
    text = html.unescape(page.text)
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)</dd>", text))
    assert told["Who"] == "Carla Specimen"
    assert told["On"] == CARLA
    assert "notes" in told["Wanted"]
    facts = dict(re.findall(r"<li><span>([^<]+)</span><span class=\"end break\">([^<]*)</span></li>", text))
    assert facts["Roles"] == "scheduler"
    assert facts["Signed in"].startswith("passkey")
    assert facts["Device posture"] == "compliant"
    assert facts["Last heard"] not in ("", "never")
    assert facts["Network"] == "clinic-wifi"
    assert facts["Part of the records"] == "notes"
    checks = {name.removeprefix("Check ") for name in facts if name.startswith("Check ")}
    assert checks == {item["id"] for item in checks_of(clinic, CARLA)}
    assert {"passcode_set", "data_protection", "os_patched", "heard_from", "identity_valid"} <= checks


def checks_of(clinic: Clinic, label: str) -> list[dict[str, Any]]:
    """The stored results of a phone's checks."""
    rows = clinic.read(
        "SELECT p.checks FROM posture_deviceposture p JOIN fleet_device d ON d.id = p.device_id "
        "WHERE d.label = ?",
        label,
    )
    return list(json.loads(rows[0][0]))


@pytest.mark.acceptance("S128")
@pytest.mark.acceptance("S122")
def test_the_ledger_page_lists_enrollments_and_the_phone_page_five_facts(
    clinic: Clinic, dana: Person
) -> None:
    joined = len(clinic.sealed("fleet.device_enrolled"))
    ledger = f"/p/{dana.slug}/proof/ledger/"
    lines = ledger_lines(dana.browser.get(f"{ledger}?kind=fleet.device_enrolled"))
    assert f"{BEN} joined" in lines
    assert all(line.endswith(" joined") for line in lines), lines
    assert len(lines) == joined < len(ledger_lines(dana.browser.get(f"{ledger}?kind=all")))
    of_enrolling = ledger_lines(dana.browser.get(f"{ledger}?kind=enrollments"))
    assert set(lines) < set(of_enrolling)
    assert not [line for line in of_enrolling if "judged" in line or "signed in" in line], of_enrolling
    assert dana.browser.get(f"{ledger}?kind=fleet.device_enroled").status_code == 404
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    page = dana.page_of_phone(BEN)
    assert re.search(r"Last heard (\d+ (sec|min|hr) ago|just now)\.", html.unescape(page.text))
    facts = fact_lines(page)
    for name, value in FIVE.items():
        told, age, source = facts[name]
        assert value in told, (name, facts)
        assert re.fullmatch(r"(\d+ (sec|min|hr) ago|just now)", age), (name, facts)
        assert source, (name, facts)
    assert "23G83" in facts["Tampering"][2]


# What a healthy phone of the practice has told, each by a line of its own.
FIVE = {
    "Encryption": "On", "Supported iOS": "iOS 26", "Tampering": "No sign seen", "Passcode": "Set",
    "Screen lock time": "at once", "Work apps": "All installed",
}  # fmt: skip


@pytest.mark.acceptance("S131")
def test_a_failed_sign_in_is_recorded(clinic: Clinic, dana: Person) -> None:
    stranger = Person(clinic, "Erin Placeholder")
    page = stranger.browser.get("/sign-in/")
    wrong = stranger.passkey.sign_in(stranger._options(page))
    answer = stranger.post(page, "/sign-in/", credential=json.dumps(wrong))
    assert answer.status_code in (200, 400, 403)
    stranger.browser.close()
    assert wait_for(lambda: clinic.sealed("access.sign_in_failed"), "the failure to be sealed")
    ledger = f"/p/{dana.slug}/proof/ledger/"
    failed = ledger_lines(dana.browser.get(f"{ledger}?kind=failed-sign-ins"))
    assert len(failed) == len(clinic.sealed("access.sign_in_failed"))
    assert all(line.endswith("failed to sign in (passkey)") for line in failed), failed
    dana.sign_in(f"/p/{dana.slug}/")
    wait_for(lambda: clinic.sealed("access.signed_in_to_console"), "the sign-in to be sealed")
    signed_in = ledger_lines(dana.browser.get(f"{ledger}?kind=sign-ins"))
    assert set(failed) < set(signed_in), signed_in


@pytest.mark.acceptance("S13")
def test_removing_the_privacy_officer_is_a_finding_and_every_holder_stays_on_record(
    clinic: Clinic, dana: Person
) -> None:
    """Phones are here, so that who is an officer changes with a second officer's yes only."""
    people, guard = f"/p/{dana.slug}/people/", f"/p/{dana.slug}/setup/guard/"
    grace = Person(clinic, "Grace Pattern")
    grace.join()

    def page_of(name: str) -> str:
        listed = dana.browser.get(people).text
        found = re.search(rf'({people}mem_[0-9a-z]+/)"[^>]*>\s*{name}', listed)
        assert found, listed[:3000]
        return found[1]

    def set_roles(name: str, *roles: str) -> None:
        place = page_of(name)
        answer = dana.post(dana.browser.get(place), f"{place}roles/", role=list(roles))
        assert answer.status_code == 200, answer.text[:500]
        page = grace.browser.get(guard)
        approve = re.search(rf"{guard}changes/[0-9a-f-]+/approve/", page.text)
        assert approve, page.text[:3000]
        grace.post(page, approve[0])

    assert "Nobody is Privacy officer" not in dana.browser.get(people).text
    set_roles("Dana Example", "owner")
    ended = wait_for(lambda: clinic.sealed("practice.role_ended"), "the end of the role to be sealed")
    assert (ended[-1]["role"], ended[-1]["vacant"]) == ("privacy_officer", True)
    wait_for(lambda: "Nobody is Privacy officer" in dana.browser.get(people).text, "the finding on the list")
    assert "Vacant since" in dana.browser.get(f"{people}roles/").text
    set_roles("Grace Pattern", "security_officer", "privacy_officer")
    wait_for(lambda: "Nobody is Privacy officer" not in dana.browser.get(people).text, "the finding to end")
    given = ("privacy_officer", "Grace Pattern")
    wait_for(
        lambda: given in {(i["role"], i["full_name"]) for i in clinic.sealed("practice.role_given")},
        "the new holder to be sealed",
    )
    history = dana.browser.get(f"{people}roles/").text
    line = re.search(r'<th scope="row">Privacy officer</th>(.*?)</tr>', history, re.S)
    assert line, history[:3000]
    now, before = line[1].split("</td><td>")
    assert "Grace Pattern" in now
    assert "Dana Example" in before
    assert re.search(r"\w+ \d+ – \w+ \d+", before), before
    grace.browser.close()


@pytest.mark.acceptance("S43")
@pytest.mark.acceptance("S48")
def test_a_silent_phone_is_refused_with_how_long_it_has_been_silent(
    clinic: Clinic, dana: Person, ben: Person
) -> None:
    # It has spoken in more than one round, each time for as long again.
    assert clinic.command("demo", "clock", str(25 * HOUR)).returncode == 0
    end = (datetime.now(UTC) + timedelta(hours=25 + 35)).isoformat()
    wait_for(
        lambda: of_phone(clinic, BEN, "posture.posture_changed")[-1]["fresh_until"] > end,
        "Ben's phone to speak again",
    )
    clinic.act(BEN, "offline")
    closed = len(of_phone(clinic, BEN, "access.records_closed"))
    # Thirty hours of silence are within the limit of thirty-six: who signs in afresh gets in.
    assert clinic.command("demo", "clock", str(55 * HOUR)).returncode == 0
    ben.sign_in(f"/p/{ben.slug}/me/")
    ben.sign_in_to_records(BEN)
    assert opened(clinic, BEN, ben) == 200
    # Seven hours on the sign-in is still good, and the phone has been silent for too long.
    assert clinic.command("demo", "clock", str(62 * HOUR)).returncode == 0
    refused = wait_for(
        lambda: (
            (found := clinic.act(BEN, "open", path="/notes", cookie=ben.cookie))["status"] == 302 and found
        ),
        "the silent phone to be refused",
    )
    assert "/refused/" in refused["location"]
    tells_how_long_it_was_silent(clinic, dana, ben, refused["location"])
    # Nobody asked: the timer closed it for the pages and the ledger too.
    wait_for(lambda: posture(clinic, BEN) == "unknown", "the silence to be judged", 180)
    wait_for(
        lambda: len(of_phone(clinic, BEN, "access.records_closed")) == closed + 1, "the closing to be sealed"
    )
    # It speaks again: records open by themselves, under the same sign-in.
    clinic.act(BEN, "online")
    check_again(ben)
    wait_for(lambda: opened(clinic, BEN, ben) == 200, "records to open again", 20)
    clinic.command("demo", "clock", "0")


def tells_how_long_it_was_silent(clinic: Clinic, dana: Person, ben: Person, location: str) -> None:
    """The refusal's page, the sealed decision and the officer's page of it all tell of the silence."""
    decision = location.rstrip("/").rpartition("/")[2]
    shown = html.unescape(ben.browser.get(location).text)
    said = re.search(r"We have not heard from this phone since (\w+ )?\d+:\d\d", shown)
    assert said, shown[:3000]
    assert "Connect to Wi-Fi and keep the phone unlocked for a minute." in shown
    (sealed,) = wait_for(
        lambda: [item for item in refusals(clinic) if item["decision"] == decision],
        "the refusal to be sealed",
    )
    assert sealed["member_id"] == ben.member_id
    assert set(sealed["reasons"]) == {"not_heard_from"}
    told = html.unescape(dana.sign_in(f"/p/{dana.slug}/decisions/{decision}/").text)
    assert re.search(r"Last heard [^.<]*\d+:\d\d, 3[67] hours ago; the limit is 3[56] hours\.", told), told[
        :4000
    ]


@pytest.mark.acceptance("S140")
def test_an_edited_row_is_found_and_staff_see_what_is_held(
    clinic: Clinic, carla: Person, tmp_path_factory: pytest.TempPathFactory
) -> None:
    held = carla.browser.get(f"/p/{carla.slug}/me/held/")
    assert held.status_code == 200
    says_what_is_held(clinic, held, "Carla Specimen", "carla@example.org", CARLA)
    assert clinic.sealed("fleet.device_enrolled")
    assert clinic.command("ledger", "verify", "--demo").returncode == 0
    copy = tmp_path_factory.mktemp("tampered") / "home"
    index = edited_copy(clinic.home, copy)
    found = clinic.command_at(copy, "ledger", "verify", "--demo")
    assert found.returncode == 1, found.stdout
    assert found.stdout.strip() == (
        f"Harbor Street Clinic: CHANGED. First bad entry: {index}. "
        f"The content of entry {index} is not what was sealed."
    )
