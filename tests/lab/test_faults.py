"""Phones that misbehave, against the running product: nothing is lost, done twice or believed too early."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.journeys.conftest import Clinic, wait_for
from tests.journeys.people import Person
from tests.lab.buttons import LabPage

BEN, LUIS, MEI = "Ben's iPhone", "Luis's iPhone", "Mei's iPhone"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A demo clinic with the three phones of this story."""
    running = Clinic(tmp_path_factory.mktemp("faults") / "home", "--phones", f"{BEN},{LUIS},{MEI}")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def lab(clinic: Clinic) -> Iterator[LabPage]:
    """Its lab's page, once every phone has joined and is well."""
    for label in (BEN, LUIS, MEI):
        wait_for(lambda label=label: posture(clinic, label) == "compliant", f"{label} to be well", 60)
    page = LabPage(clinic)
    yield page
    page.close()


@pytest.fixture(scope="module")
def officers(clinic: Clinic) -> Iterator[tuple[Person, Person]]:
    """Dana and Erin, each with a passkey."""
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


def ask_now(officer: Person, label: str) -> None:
    """Press "Ask it now" on the phone's page."""
    listed = officer.browser.get(f"/p/{officer.slug}/phones/", params={"q": label})
    found = re.search(rf"/p/{officer.slug}/phones/dev_[0-9a-z]+/", listed.text)
    assert found, listed.text[:1500]
    answer = officer.post(officer.browser.get(found[0]), f"{found[0]}check/")
    assert answer.status_code == 200, answer.text[:500]


def unfinished(clinic: Clinic, label: str) -> list[str]:
    """Commands of this phone that have not ended."""
    return [
        str(row[0])
        for row in clinic.read(
            "SELECT c.request_type FROM fleet_command c JOIN fleet_device d ON d.id = c.device_id "
            "WHERE d.label = ? AND c.state IN ('requested','authorized','queued','pushed','delivered')",
            label,
        )
    ]


def said(lab: LabPage, label: str, after: int) -> list[str]:
    return [row["what"] for row in lab.wire(label, after)]


def test_what_a_locked_phone_puts_off_is_asked_again_when_it_is_unlocked(
    clinic: Clinic, lab: LabPage, officers: tuple[Person, Person]
) -> None:
    lab.on(LUIS, "lock")
    before = lab.last_number()
    ask_now(officers[0], LUIS)
    wait_for(lambda: "NotNow SecurityInfo" in said(lab, LUIS, before), "the phone to put it off")
    assert "SecurityInfo" in unfinished(clinic, LUIS)
    assert "Acknowledged SecurityInfo" not in said(lab, LUIS, before)
    lab.on(LUIS, "unlock")
    wait_for(lambda: "Acknowledged SecurityInfo" in said(lab, LUIS, before), "the answer")
    wait_for(lambda: not unfinished(clinic, LUIS), "every command to end")


def test_a_reply_that_comes_twice_counts_once(
    clinic: Clinic, lab: LabPage, officers: tuple[Person, Person]
) -> None:
    lab.on(LUIS, "misbehave", fault="repeat_replies", on=True)
    before = lab.last_number()
    ask_now(officers[0], LUIS)
    wait_for(lambda: said(lab, LUIS, before).count("Acknowledged DeviceInformation") == 2, "both replies")
    lab.on(LUIS, "misbehave", fault="repeat_replies", on=False)
    wait_for(lambda: not lab.on(LUIS, "check-in") or not unfinished(clinic, LUIS), "every command to end")
    twice = clinic.read(
        "SELECT command_id, count(*) FROM fleet_commandproof WHERE proof = 'acknowledged' "
        "GROUP BY command_id HAVING count(*) > 1"
    )
    assert twice == []
    assert clinic.events("fleet.unknown_reply_received") == []


def test_a_command_whose_reply_was_lost_is_handed_out_again(
    clinic: Clinic, lab: LabPage, officers: tuple[Person, Person]
) -> None:
    lab.on(LUIS, "misbehave", fault="lose_next_replies", on=True)
    before = lab.last_number()
    ask_now(officers[0], LUIS)
    wait_for(lambda: "DeviceInformation" in [row["answer"] for row in lab.wire(LUIS, before)], "the command")
    assert "Acknowledged DeviceInformation" not in said(lab, LUIS, before)
    assert "DeviceInformation" in unfinished(clinic, LUIS)
    lab.on(LUIS, "check-in")
    lab.on(LUIS, "check-in")
    assert "Acknowledged DeviceInformation" in said(lab, LUIS, before)
    wait_for(lambda: not unfinished(clinic, LUIS), "every command to end")


def test_a_phone_that_is_offline_for_days_closes_and_opens_again_when_it_is_back(
    clinic: Clinic, lab: LabPage
) -> None:
    assert "Notes" in lab.on(LUIS, "open-records")
    lab.on(LUIS, "go-offline")
    lab.press("/lab/day")
    lab.press("/lab/day")
    wait_for(lambda: posture(clinic, LUIS) == "unknown", "the silence to be noticed")
    assert wait_for(lambda: posture(clinic, MEI) == "compliant", "the other phone to answer")
    lab.on(LUIS, "go-online")
    wait_for(lambda: posture(clinic, LUIS) == "compliant", "it to be well again")
    assert "Notes" in lab.on(LUIS, "open-records")


def test_a_phone_that_joins_again_with_the_same_serial_is_the_same_phone(
    clinic: Clinic, lab: LabPage, officers: tuple[Person, Person]
) -> None:
    dana, _ = officers
    dana.sign_in(f"/p/{dana.slug}/")
    before = clinic.read("SELECT id FROM fleet_device WHERE serial = 'F2LX0006'")
    page = dana.browser.get(f"/p/{dana.slug}/phones/add/")
    member = re.search(r'<option value="(mem_[0-9a-z]+)"[^>]*>\s*Mei Instance', page.text)
    assert member, page.text[:3000]
    ticket = dana.post(
        page, f"/p/{dana.slug}/phones/add/", label=MEI, kind="iphone", ownership="practice", member=member[1]
    )
    address = re.search(r"https://localhost:\d+/device/prac_[0-9a-z]+/enroll/[0-9a-z]+", ticket.text)
    assert address, ticket.text[:3000]
    assert lab.on(MEI, "enroll", url=address[0]) == f"{MEI} has joined with new keys."
    assert clinic.read("SELECT id FROM fleet_device WHERE serial = 'F2LX0006'") == before
    assert len(before) == 1
    assert wait_for(lambda: clinic.events("fleet.enrollment_replaced"), "the old enrollment to end")
    wait_for(lambda: posture(clinic, MEI) == "compliant", "it to be well with its new keys")
    assert address[0].rpartition("/")[2] not in str(lab.state()["wire"])


def test_an_erase_that_was_acknowledged_is_taken_back_when_the_phone_speaks_again(
    clinic: Clinic, lab: LabPage, officers: tuple[Person, Person]
) -> None:
    dana, erin = officers
    erin.sign_in(f"/p/{erin.slug}/")
    lab.on(BEN, "misbehave", fault="erase_but_come_back", on=True)
    lab.on(BEN, "lose")
    reported = dana.browser.post(
        f"/l/{clinic.world['lost_code']}", data={"who": "ben sample", "when": "now", "callback": "555-0100"}
    )
    assert reported.status_code == 200
    base = wait_for(lambda: case_address(dana), "the case")
    dana.post(dana.browser.get(base), f"{base}confirm/")
    wait_for(lambda: lab.phone(BEN)["lost_mode"], "the phone to be in lost mode")
    asked = dana.post(dana.browser.get(base), f"{base}erase/", name=BEN)
    assert "Nothing leaves before a second officer approves it" in asked.text
    ((command_id,),) = clinic.read("SELECT id FROM fleet_command WHERE request_type = 'EraseDevice'")
    approved = erin.post(erin.browser.get(base), f"{base}approve/{UUID(str(command_id))}/")
    assert "It can be stopped for 60 seconds" in approved.text, approved.text[:1500]
    lab.press("/lab/hour")
    before = lab.last_number() - 40
    wait_for(lambda: "Acknowledged EraseDevice" in said(lab, BEN, before), "the phone to say it is erased")
    lab.on(BEN, "check-in")
    (taken_back,) = wait_for(lambda: clinic.events("fleet.erase_contradicted"), "the contradiction")
    assert UUID(taken_back["command_id"]) == UUID(str(command_id))
    assert clinic.events("fleet.erase_proven") == []
    assert lab.phone(BEN)["erased_times"] == 0


def case_address(officer: Person) -> str:
    listed = officer.browser.get(f"/p/{officer.slug}/incidents/")
    found = re.search(rf"/p/{officer.slug}/incidents/case_[0-9a-z]+/", listed.text)
    return found[0] if found else ""


def test_a_phone_whose_identity_has_run_out_is_refused_and_opens_nothing(
    clinic: Clinic, lab: LabPage
) -> None:
    lab.press("/lab/run-out")
    said_now = lab.on(LUIS, "check-in")
    assert said_now.startswith(
        f"{LUIS} checked in and was refused. The server does not take it for one of its "
    )
    assert "(its question was answered with 403)" in said_now
    reasons = wait_for(
        lambda: {item["reason"] for item in clinic.events("fleet.device_message_refused")}, "the refusal"
    )
    assert "certificate_not_valid" in reasons
    opened = clinic.act(LUIS, "open", path="/notes")
    assert opened["status"] != 200
    assert "Pretend records" not in opened["text"]


def test_the_lab_reports_no_key_that_the_schemas_lack(clinic: Clinic, lab: LabPage) -> None:
    for phone in lab.state()["phones"]:
        assert phone["schema_faults"] == []


def test_the_clocks_file_is_the_one_the_product_reads(clinic: Clinic, lab: LabPage) -> None:
    offset = int(Path(clinic.world["clock_offset_file"]).read_text(encoding="ascii"))
    assert offset == lab.state()["offset_seconds"]
