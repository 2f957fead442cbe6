"""The whole story over real sockets: a phone enrolls, opens records, is lost, contained, erased."""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from tests.journeys.case_walks import (
    card_leads_to,
    case_page,
    facts_of,
    opened_from,
    report_as_a_stranger,
    says_how_fast_doors_closed,
    says_where_the_ledger_stood,
    undo_an_erase,
)
from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person
from tests.journeys.proxies import steal_identity, thief

BEN, ANA, NEW, TABLET = "Ben's iPhone", "Ana's iPhone", "Ben's new iPhone", "Rounds iPad 1"


@pytest.fixture(scope="module")
def ben(clinic: Clinic) -> Iterator[Person]:
    """Ben, who has joined with a passkey and signed in to the records on his phone."""
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    person = Person(clinic, "Ben Sample")
    person.join()
    yield person
    person.browser.close()


@pytest.fixture(scope="module")
def officers(clinic: Clinic) -> Iterator[tuple[Person, Person]]:
    """Dana, who owns the practice, and Erin, the IT lead; each with a passkey of their own."""
    dana, erin = Person(clinic, "Dana Example"), Person(clinic, "Erin Placeholder")
    dana.join()
    erin.join()
    yield dana, erin
    dana.browser.close()
    erin.browser.close()


def posture(clinic: Clinic, label: str) -> str:
    rows = clinic.read(
        "SELECT p.posture FROM posture_deviceposture p JOIN fleet_device d ON d.id = p.device_id "
        "WHERE d.label = ?",
        label,
    )
    return str(rows[0][0]) if rows else ""


def test_a_phone_enrolls_over_tls_and_its_state_is_known(clinic: Clinic) -> None:
    wait_for(lambda: posture(clinic, BEN) == "compliant", "Ben's phone to be compliant")
    phone = clinic.phone(BEN)
    assert phone["enrolled"]
    assert phone["has_access_identity"]
    assert phone["schema_faults"] == []
    assert phone["managed_apps"] == {"org.example.harbor-records": "Managed"}
    assert wait_for(lambda: clinic.sealed("fleet.device_enrolled"), "the enrollment to be sealed")


@pytest.mark.acceptance("S1", part="apple")
def test_phones_and_tablets_stand_in_one_list_with_the_same_filters_and_the_same_words(
    clinic: Clinic, officers: tuple[Person, Person]
) -> None:
    dana, _ = officers
    wait_for(lambda: posture(clinic, TABLET) == "compliant", "the tablet to be compliant")
    wait_for(lambda: posture(clinic, ANA) == "not-compliant", "Ana's phone to fail its check")

    def listed(**asked: str) -> dict[str, tuple[str, str]]:
        """Name -> (status word, kind) of what the list shows for this question."""
        page = html.unescape(dana.browser.get(f"/p/{dana.slug}/phones/", params=asked).text)
        rows = re.findall(
            r'<td class="c-st">.*?</svg>([^<]+)</span></td><td class="c-name">.*?>([^<]+)</a>.*?'
            r'<td class="c-kind[^"]*">([^<]+)</td>',
            page,
        )
        return {name: (word, kind) for word, name, kind in rows}

    everything = wait_for(lambda: (got := listed())[TABLET][0] == "Protected" and got, "the list to catch up")
    assert everything[BEN] == ("Protected", "iPhone")
    assert everything[TABLET] == ("Protected", "iPad")
    assert everything[ANA] == ("Needs a fix", "iPhone")
    assert set(listed(kind="ipad")) == {TABLET}
    assert set(listed(kind="iphone")) == set(everything) - {TABLET}
    # One filter and one word, whatever the kind; both kinds answer to it.
    assert {BEN, TABLET} <= set(listed(status="ok")) < set(everything)
    assert set(listed(status="ok", kind="ipad")) == {TABLET}
    assert set(listed(status="fix")) == {ANA}
    assert listed(status="fix", kind="ipad") == {}
    assert set(listed(q="rounds")) == {TABLET}
    # The tablet fails the same check with the same word, and is right again with the same.
    clinic.act(TABLET, "set", passcode=False)
    place = re.search(rf'(/p/{dana.slug}/phones/dev_[0-9a-z]+/)">{TABLET}<', list_page(dana))
    assert place
    dana.post(dana.browser.get(place[1]), f"{place[1]}check/")
    wait_for(lambda: listed(status="fix").keys() == {ANA, TABLET}, "the tablet to need a fix")
    assert listed(status="fix", kind="ipad")[TABLET] == ("Needs a fix", "iPad")
    clinic.act(TABLET, "set", passcode=True)
    dana.post(dana.browser.get(place[1]), f"{place[1]}check/")
    wait_for(lambda: listed(status="fix").keys() == {ANA}, "the tablet to be protected again")
    joined = {item["label"]: item["device_kind"] for item in clinic.sealed("fleet.device_enrolled")}
    assert (joined[BEN], joined[TABLET]) == ("iphone", "ipad")


def list_page(person: Person) -> str:
    return html.unescape(person.browser.get(f"/p/{person.slug}/phones/").text)


def test_records_open_on_a_healthy_phone_and_not_on_one_without_a_passcode(
    clinic: Clinic, ben: Person
) -> None:
    ben.sign_in_to_records(BEN)
    opened = clinic.act(BEN, "open", path="/notes", cookie=ben.cookie)
    assert opened["status"] == 200, opened
    assert "Pretend records" in opened["text"]
    # Somebody copies the access certificate off the phone: with Ben's session it opens the records, now.
    steal_identity(clinic, BEN)
    assert thief(clinic, BEN).get("/notes", ("Cookie", ben.cookie))[0] == 200
    wait_for(lambda: posture(clinic, ANA) == "not-compliant", "Ana's phone to fail its check")
    refused = clinic.act(ANA, "open", path="/notes")
    assert refused["status"] == 302
    assert "/refused/" in refused["location"]
    assert wait_for(lambda: clinic.sealed("access.gate_session_started"), "the sign-ins to be sealed")


@pytest.mark.acceptance("S158")
@pytest.mark.acceptance("S159")
@pytest.mark.acceptance("S161")
@pytest.mark.acceptance("S94", part="proxy")
@pytest.mark.acceptance("S167", part="proxy")
def test_a_loss_report_closes_records_at_once_and_the_phone_locks_when_an_officer_confirms(
    clinic: Clinic, ben: Person, officers: tuple[Person, Person]
) -> None:
    dana, _ = officers
    code = clinic.world["lost_code"]
    card_leads_to(f"{clinic.world['people_url']}/l/{code}", dana)
    networks = f"/p/{dana.slug}/setup/networks/"
    dana.post(dana.browser.get(networks), networks, zone="clinic-wifi", cidrs="127.0.0.0/8")
    wait_for(lambda: opened_from(clinic, ben, BEN, "clinic-wifi"), "records opened from the clinic's network")
    report_as_a_stranger(clinic)
    closed = clinic.act(BEN, "open", path="/notes", cookie=ben.cookie)
    assert closed["status"] == 302
    (report,) = wait_for(lambda: clinic.sealed("response.loss_reported"), "the report to be sealed")
    assert report["outcome"] == "closed"
    assert wait_for(lambda: clinic.sealed("access.hold_placed"), "the hold to be sealed")
    assert wait_for(lambda: clinic.sealed("pki.certificate_held"), "the certificate's hold to be sealed")
    assert wait_for(lambda: clinic.sealed("incidents.case_opened"), "the case")
    # Whoever sent that is not known: nothing was locked by it.
    assert not clinic.read(
        "SELECT 1 FROM fleet_command WHERE request_type IN ('EnableLostMode', 'DeviceLock')"
    )
    assert not clinic.phone(BEN)["lost_mode"]
    case = case_page(dana)
    says_how_fast_doors_closed(clinic, case, report["case_ref"])
    # The rest is filled in from facts: when it last spoke, from where, and what of the records it opened.
    known = facts_of(dana.browser.get(f"{case.url}exposure/"))
    assert re.search(r"\d+:\d\d", known["Last word from it"]), known
    assert known["Last network"] == "clinic-wifi"
    assert re.fullmatch(r"Harbor Records \(notes\), .*\d+:\d\d.*", known["Records last opened"]), known
    assert "Harbor Records" in known["Signed in to"]
    dana.post(case, f"{case.url}confirm/")
    locks_by_the_officers_word(clinic)


def locks_by_the_officers_word(clinic: Clinic) -> None:
    """The confirmation is sealed, the phone is locked, its answer is a receipt, an officer has mail."""
    assert wait_for(lambda: clinic.sealed("response.loss_confirmed"), "the confirmation to be sealed")
    locked = wait_for(lambda: clinic.phone(BEN)["lost_mode"], "the phone to be in lost mode")
    assert "lost" in locked["Message"]
    steps = wait_for(
        lambda: [item for item in clinic.sealed("response.step_advanced") if item["step"] == "lock"
                 and item["state"] == "done"],
        "the lock to be acknowledged",
    )  # fmt: skip
    assert steps[0]["receipt"] == "The phone says that lost mode is on."
    assert wait_for(lambda: clinic.lab("/mail"), "an officer's mail")
    assert all("Ben" not in mail["text"] + mail["subject"] for mail in clinic.lab("/mail"))


@pytest.mark.acceptance("S165")
def test_two_officers_erase_the_phone_and_the_erase_is_proven(
    clinic: Clinic, officers: tuple[Person, Person]
) -> None:
    dana, erin = officers
    page = case_page(dana)
    base = str(page.url)
    # What is recommended, and why, stands beside the act.
    basis = "Whose it is: practice-owned. Encrypted: yes. Passcode: yes."
    assert re.search(f"It is encrypted behind a passcode: it can still be found.*{basis}", page.text)
    undo_an_erase(clinic, dana, erin, BEN)
    asked = dana.post(case_page(dana), f"{base}erase/", name=BEN)
    assert "Nothing leaves before a second officer approves it" in asked.text
    ((command_id, state),) = clinic.read(
        "SELECT id, state FROM fleet_command WHERE request_type = 'EraseDevice' AND state <> 'cancelled'"
    )
    assert state == "requested"
    own = dana.post(case_page(dana), f"{base}approve/{UUID(str(command_id))}/")
    assert own.status_code == 400
    approved = erin.post(case_page(erin), f"{base}approve/{UUID(str(command_id))}/")
    assert "It can be stopped for 60 seconds" in approved.text, approved.text[:1500]
    assert clinic.phone(BEN)["erased_times"] == 0
    move_clock(clinic, 90)
    wait_for(lambda: clinic.phone(BEN)["erased_times"] == 1, "the phone to erase itself")
    acknowledged = wait_for(
        lambda: [item for item in clinic.sealed("fleet.command_proof_advanced")
                 if item["request_type"] == "EraseDevice" and item["proof"] == "acknowledged"],
        "the acknowledgement to be sealed",
    )  # fmt: skip
    assert acknowledged
    # Apple's answer that the token is gone is the proof from outside the phone; the chase asks for it.
    move_clock(clinic, 3 * 3600)
    (proven,) = wait_for(lambda: clinic.sealed("fleet.erase_proven"), "the proof to be sealed")
    assert proven["proven_by"] == "push service says it is gone"
    rungs = [row[0] for row in clinic.read(
        "SELECT proof FROM fleet_commandproof p JOIN fleet_command c ON c.id = p.command_id "
        "WHERE c.request_type = 'EraseDevice' AND c.state <> 'cancelled' ORDER BY p.id"
    )]  # fmt: skip
    # A phone that is here already, for another question, fetches it before its own push goes out.
    assert [rung for rung in rungs if rung != "pushed"] == [
        "requested", "authorized", "queued", "delivered", "acknowledged", "corroborated"
    ]  # fmt: skip
    assert "pushed" not in rungs or rungs.index("pushed") == rungs.index("queued") + 1


def move_clock(clinic: Clinic, seconds: int) -> None:
    done = clinic.command("demo", "clock", str(seconds))
    assert done.returncode == 0, done.stderr


@pytest.mark.acceptance("S168")
def test_the_worksheet_holds_facts_and_gaps_and_a_person_goes_through_it(
    clinic: Clinic, officers: tuple[Person, Person]
) -> None:
    dana, _ = officers
    sheet = f"{case_page(dana).url}exposure/"
    page = dana.browser.get(sheet)
    assert "Was what is on it encrypted?" in page.text
    assert "SecurityInfo" in page.text
    assert "Harbor-Records" in page.text
    assert "Last network" in page.text
    saved = dana.post(
        page, sheet, **{"stolen": "unknown", "records_kept": "no", "note-records_kept": "None."}
    )
    assert saved.status_code == 200, saved.text[:800]

    def both() -> list[dict[str, Any]]:
        found = clinic.sealed("incidents.exposure_answered")
        return found if {"stolen", "records_kept"} <= {item["question"] for item in found} else []

    answered = wait_for(both, "the answers to be sealed")
    given = {item["question"]: item["answer"] for item in answered}
    assert given["records_kept"] == "no"
    assert given["stolen"] == "unknown"
    assert {item["actor"] for item in answered} == {f"member:{dana.member_id}"}


@pytest.mark.acceptance("S172", part="printable")
def test_the_written_steps_can_be_printed(clinic: Clinic, officers: tuple[Person, Person]) -> None:
    dana, _ = officers
    place = f"/p/{dana.slug}/incidents/steps/lost_device"
    page = html.unescape(dana.browser.get(f"{place}/").text)
    answer = dana.browser.get(f"{place}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for words in (
        "Close records",
        "Call the people on the on-call list",
        "Erase it, or remove the work data",
    ):
        assert words in page
        assert words in " ".join(text.split())
    (taken,) = wait_for(lambda: clinic.sealed("response.playbook_taken"), "the taking to be sealed")
    assert taken["playbook"] == "lost_device"
    assert taken["digest"] == hashlib.sha256(answer.content).hexdigest()


@pytest.mark.acceptance("S166")
def test_the_incident_is_a_document_with_what_was_done(
    clinic: Clinic, officers: tuple[Person, Person]
) -> None:
    dana, _ = officers
    answer = dana.browser.get(f"{case_page(dana).url}report.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert len(answer.content) < 300_000
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    says_where_the_ledger_stood(clinic, text)
    for words in (
        BEN, "Erase device: corroborated", "Harbor Records", "Was what is on it encrypted?", "We advised",
        "Known then", "Facts at the time of the report",
    ):  # fmt: skip
        assert words in text
    assert wait_for(lambda: clinic.sealed("incidents.case_exported"), "the export to be sealed")


@pytest.mark.acceptance("S170")
@pytest.mark.acceptance("S171", part="session-certificate")
def test_a_replacement_enrolls_fresh_and_the_old_session_and_certificate_stay_shut(
    clinic: Clinic, ben: Person, officers: tuple[Person, Person]
) -> None:
    dana, _ = officers
    old_cookie = ben.cookie
    assert clinic.act(BEN, "open", path="/notes", cookie=old_cookie)["status"] == 302
    page = dana.browser.get(f"/p/{dana.slug}/phones/add/")
    member = re.search(r'<option value="(mem_[0-9a-z]+)"[^>]*>\s*Ben Sample', page.text)
    assert member, page.text[:3000]
    ticket = dana.post(
        page, f"/p/{dana.slug}/phones/add/", label=NEW, kind="iphone", ownership="practice", member=member[1]
    )
    address = re.search(r"https://localhost:\d+/device/prac_[0-9a-z]+/enroll/[0-9a-z]+", ticket.text)
    assert address, ticket.text[:3000]
    clinic.lab("/phones", name=NEW, serial="F2LX0077")
    clinic.act(NEW, "enroll", url=address[0])
    wait_for(lambda: posture(clinic, NEW) == "compliant", "the replacement to be compliant", 60)
    assert clinic.act(NEW, "open", path="/notes", cookie=ben.cookie)["status"] == 302
    # The report ended every session of Ben's: he proves himself anew.
    ben.sign_in(f"/p/{ben.slug}/me/")
    ben.sign_in_to_records(NEW)
    assert clinic.act(NEW, "open", path="/notes", cookie=ben.cookie)["status"] == 200
    # Ben's new session is good; with the copied certificate of the lost phone neither it nor the old one is.
    for cookie in (old_cookie, ben.cookie):
        status, headers, _ = thief(clinic, BEN).get("/notes", ("Cookie", cookie))
        assert (status, "/refused/" in headers.get("location", "")) == (302, True), headers
    enrolled = wait_for(
        lambda: [item for item in clinic.sealed("fleet.device_enrolled") if item["label"] == NEW],
        "the replacement to be sealed",
    )
    assert enrolled
    assert clinic.sealed("access.gate_session_ended")
    assert clinic.sealed("pki.certificate_held")
    # The erase was proven before: both of the lost phone's certificates are revoked, for good.
    old = clinic.read(
        "SELECT c.purpose, c.state FROM pki_certificate c JOIN fleet_device d ON d.id = c.device_id "
        "WHERE d.label = ?",
        BEN,
    )
    assert {row[0] for row in old} == {"access", "management"}
    assert {row[1] for row in old} == {"revoked"}
    revoked = [item for item in clinic.sealed("pki.certificate_revoked") if item["case_ref"]]
    assert {item["purpose"] for item in revoked} == {"access", "management"}


def test_the_lost_phone_leaves_the_list_only_by_saying_that_its_case_is_open(
    clinic: Clinic, officers: tuple[Person, Person]
) -> None:
    dana, _ = officers
    listed = html.unescape(dana.sign_in(f"/p/{dana.slug}/phones/").text)
    link = re.search(rf'href="(/p/{dana.slug}/phones/dev_[0-9a-z]+/)">{BEN}<', listed)
    assert link, listed[:3000]
    page = dana.browser.get(f"{link[1]}acts/")
    assert "Its case stays open." in page.text
    unaware = dana.post(page, f"{link[1]}acts/", act="remove", name=BEN)
    assert unaware.status_code == 400
    done = dana.post(page, f"{link[1]}acts/", act="remove_lost", name=BEN)
    assert done.status_code == 200, done.text[:1500]
    (gone,) = wait_for(lambda: clinic.sealed("fleet.device_removed"), "the removal to be sealed")
    assert (gone["label"], gone["actor"]) == (BEN, f"member:{dana.member_id}")
    assert gone["case_ref"]
    off = html.unescape(dana.browser.get(f"/p/{dana.slug}/phones/removed/").text)
    assert link[1] in off


def test_the_ledger_of_the_whole_story_verifies(clinic: Clinic) -> None:
    done = clinic.command("ledger", "verify", "--demo")
    assert done.returncode == 0, done.stdout + done.stderr
